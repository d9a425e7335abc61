"""A target, set and set again."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.forecast.domain.commands import MeasureTarget, SetTarget
from services.forecast.domain.target import DECIDER
from shared.contracts.forecast import TargetReached, TargetSet
from shared.contracts.money import Money
from shared.testing.given import Given

given = Given(DECIDER)
NOW = datetime(2025, 3, 1, tzinfo=UTC)


def aimed(amount: str) -> SetTarget:
    target = Money(Decimal(amount), "CNY")
    return SetTarget(
        partner_id="acme", product_line="pumps", month="2025-04", target=target, at=NOW
    )


def fact(amount: str, revision: int) -> TargetSet:
    return TargetSet(
        partner_id="acme",
        product_line="pumps",
        month="2025-04",
        target=Money(Decimal(amount), "CNY"),
        revision=revision,
    )


def test_a_target_is_set() -> None:
    given().when(aimed("100000")).then(fact("100000", 1))


def test_a_target_set_again_is_the_next_revision() -> None:
    given(fact("100000", 1)).when(aimed("120000")).then(fact("120000", 2))


def test_a_target_may_be_nothing_but_not_less() -> None:
    given().when(aimed("0")).then(fact("0", 1))
    given().when(aimed("-1")).refused("target-negative")


def measured(*amounts: str, currency: str = "CNY") -> MeasureTarget:
    return MeasureTarget(collected=tuple(Money(Decimal(a), currency) for a in amounts), at=NOW)


def reached(percent: int, collected: str, revision: int = 1) -> TargetReached:
    return TargetReached(
        partner_id="acme",
        product_line="pumps",
        month="2025-04",
        percent=percent,
        target=Money(Decimal(100000), "CNY"),
        collected=Money(Decimal(collected), "CNY"),
        revision=revision,
    )


@pytest.mark.parametrize(
    ("collected", "percent"),
    [("50000", 50), ("79999.99", 50), ("80000", 80), ("99999.99", 80), ("100000", 100)],
)
def test_progress_is_told_from_its_boundary_on(collected: str, percent: int) -> None:
    """N-02: the highest that is reached, alone."""
    given(fact("100000", 1)).when(measured(collected)).then(reached(percent, collected))


def test_less_than_half_is_no_news() -> None:
    given(fact("100000", 1)).when(measured("49999.99")).then()


def test_each_is_told_once_and_never_taken_back() -> None:
    half = fact("100000", 1), reached(50, "60000")
    given(*half).when(measured("70000")).then()
    given(*half).when(measured("10000")).then()
    given(*half).when(measured("80000")).then(reached(80, "80000"))
    given(*half, reached(100, "100000")).when(measured("85000")).then()


def test_a_target_that_is_set_again_begins_anew() -> None:
    told = fact("60000", 1), fact("100000", 2)
    given(told[0], reached(100, "60000"), told[1]).when(measured("60000")).then(
        reached(50, "60000", revision=2)
    )


def test_there_is_no_progress_without_a_target_or_in_another_currency() -> None:
    given().when(measured("1")).then()
    given(fact("0", 1)).when(measured("1")).then()
    given(fact("100000", 1)).when(measured("100000", currency="USD")).then()
    given(fact("100000", 1)).when(measured()).then()
