"""F-08 with ruling f9: abnormal weeks, and the runs they come in."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import mean, stdev

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.forecast.domain.episodes import (
    Judgement,
    alive,
    episodes,
    judged,
    judgements,
    news,
)
from services.forecast.domain.windows import WEEK

FIRST = date(2026, 1, 5)
NINE = ["110", "90", "110", "90", "100", "110", "90", "110", "90"]
"""Mean 100, s = √(8 · 10² ÷ 8) = 10."""


def weekly(*amounts: str) -> dict[date, Decimal]:
    return {FIRST + n * WEEK: Decimal(one) for n, one in enumerate(amounts) if Decimal(one)}


def after(count: int) -> date:
    """The Monday after so many weeks."""
    return FIRST + count * WEEK


def z(amount: str, *before: str) -> Judgement:
    found = judged(FIRST, Decimal(amount), [Decimal(one) for one in before])
    assert found
    return found


def test_f_08_a_regional_week_of_65_beside_100_and_10() -> None:
    found = z("65", *NINE)
    assert [found.mean, found.deviation, found.z] == [100, 10, Decimal("-3.5")]
    assert found.abnormal


@pytest.mark.parametrize(
    ("amount", "abnormal"), [("70", True), ("70.01", False), ("129.99", False), ("130", True)]
)
def test_three_deviations_are_abnormal_and_a_cent_less_is_not(amount: str, abnormal: bool) -> None:
    assert z(amount, *NINE).abnormal is abnormal


def test_no_rounding_decides_where_the_mean_is_no_decimal() -> None:
    """Of seven times 0 and one 8: mean 1, s² = 8; 1 + 3·√8 is no decimal."""
    assert not z("9.485281", *["0"] * 7, "8").abnormal
    assert z("9.485282", *["0"] * 7, "8").abnormal


def test_where_all_weeks_were_alike_any_difference_is_abnormal() -> None:
    assert z("100.01", *["100"] * 8).abnormal
    assert z("100.01", *["100"] * 8).z is None
    assert not z("100", *["100"] * 8).abnormal


def test_seven_weeks_are_too_few_and_the_thirteenth_is_forgotten() -> None:
    assert judged(FIRST, Decimal(1), [Decimal(1)] * 7) is None
    assert z("5", "900", *["5"] * 12).weeks == 12
    assert not z("5", "900", *["5"] * 12).abnormal


def test_a_week_is_judged_only_when_it_is_over() -> None:
    weeks = weekly(*NINE, "65")
    assert [one.week for one in judgements(weeks, after(10) - timedelta(1))] == [after(8)]
    assert [one.week for one in judgements(weeks, after(10))] == [after(8), after(9)]


def test_a_run_of_abnormal_weeks_is_one_episode() -> None:
    weeks = weekly(*["100"] * 8, "1", "1000", "100", "100000")
    found = episodes(weeks, after(12))
    assert [(one.began.week, one.last) for one in found] == [
        (after(8), after(9)),
        (after(11), after(11)),
    ]
    assert found[0].began.amount == 1


def test_a_week_without_any_money_is_judged_too() -> None:
    (found,) = episodes(weekly(*NINE), after(10))
    assert found.began.week == after(9)
    assert [found.began.amount, found.began.z] == [0, -10]


def test_what_ended_twelve_weeks_ago_is_no_news() -> None:
    weeks = weekly(*NINE, "65", *NINE, *NINE)
    assert [one.began.week for one in news(weeks, after(21))] == [after(9)]
    assert news(weeks, after(22)) == []


def test_a_region_is_looked_at_as_long_as_a_week_to_come_can_differ() -> None:
    weeks = weekly("100")
    assert alive(weeks, after(13))
    assert not alive(weeks, after(14))
    assert judgements(weeks, after(14))[-1].mean == 0
    assert not alive({date(9999, 12, 27): Decimal(1)}, FIRST)
    assert episodes({}, FIRST) == []


def test_a_week_of_long_ago_costs_nothing() -> None:
    assert len(judgements({date(1, 1, 1): Decimal(1)}, FIRST)) < 105


AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=2)


@for_all(st.lists(AMOUNTS, min_size=8, max_size=12), AMOUNTS)
def test_it_is_the_sample_deviation_of_the_textbook(before: list[Decimal], x: Decimal) -> None:
    found = judged(FIRST, x, before)
    assert found
    assert abs(found.mean - mean(before)) < Decimal("1e-9")
    assert abs(found.deviation - stdev(before)) < Decimal("1e-9")
    if found.z is not None and abs(abs(found.z) - 3) > Decimal("1e-9"):
        assert found.abnormal == (abs(found.z) > 3)
