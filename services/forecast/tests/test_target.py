"""A target, set and set again."""

from datetime import UTC, datetime
from decimal import Decimal

from services.forecast.domain.commands import SetTarget
from services.forecast.domain.target import DECIDER
from shared.contracts.forecast import TargetSet
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
