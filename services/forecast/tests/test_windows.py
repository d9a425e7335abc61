"""Hopping windows of weeks, and how fast money comes in."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.forecast.domain.windows import (
    FOUR_WEEKS,
    Hopping,
    Window,
    rate,
    rates,
    week_of,
    weeks_over,
)

MONDAY = date(2026, 3, 2)
DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 1, 1))


def test_a_week_begins_on_monday() -> None:
    assert week_of(MONDAY) == week_of(date(2026, 3, 8)) == MONDAY
    assert week_of(date(2026, 3, 9)) == date(2026, 3, 9)


def test_a_day_is_in_four_windows_of_four_weeks() -> None:
    found = FOUR_WEEKS.of(date(2026, 3, 4))
    assert [window.first for window in found] == [
        date(2026, 2, 9),
        date(2026, 2, 16),
        date(2026, 2, 23),
        MONDAY,
    ]


@for_all(DAYS, st.integers(1, 6), st.integers(1, 6))
def test_a_day_is_in_exactly_the_windows_that_have_it(day: date, size: int, hop: int) -> None:
    windows = Hopping(size, hop)
    near = {windows.begun(day + timedelta(n)) for n in range(-50, 50)}
    every = [Window(first, size) for first in sorted(near)]
    assert windows.of(day) == [window for window in every if day in window]


@for_all(DAYS)
def test_the_latest_windows_end_with_each_week_until_this_one(today: date) -> None:
    found = FOUR_WEEKS.latest(today)
    assert [window.end for window in found] == [
        week_of(today) + timedelta(weeks=1 - n) for n in reversed(range(12))
    ]


def test_a_running_window_is_projected_to_its_end_and_today_counts() -> None:
    weeks = {MONDAY: Decimal(70), MONDAY + timedelta(7): Decimal(30)}
    running = rate(weeks, Window(MONDAY, 4), date(2026, 3, 11))  # its tenth day
    assert [running.collected, running.run_rate] == [100, 280]
    over = rate(weeks, Window(MONDAY, 4), date(2026, 5, 1))
    assert [over.collected, over.run_rate] == [100, 100]
    ahead = rate(weeks, Window(MONDAY, 4), date(2026, 3, 1))
    assert [ahead.collected, ahead.run_rate] == [100, 0]


def test_money_counts_in_each_window_that_has_its_week() -> None:
    found = rates({MONDAY: Decimal(8)}, date(2026, 3, 31))
    assert [one.collected for one in found] == [*[0] * 7, 8, 8, 8, 8, 0]


def test_a_week_is_over_when_its_sunday_is() -> None:
    assert list(weeks_over(date(2026, 2, 25), date(2026, 3, 8))) == [date(2026, 2, 23)]
    assert list(weeks_over(date(2026, 2, 25), date(2026, 3, 9))) == [date(2026, 2, 23), MONDAY]
