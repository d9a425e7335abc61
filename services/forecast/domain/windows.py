"""Windows of business days: how fast money comes in, and how that moves from week to week.

Sums are kept by the Monday of their week, `{"2026-03-02": "100.00"}`: a window is some weeks of
them. The same functions stand behind the views and behind the Faust worker.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO

WEEK = timedelta(days=7)
SHOWN = 12
Weeks = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True)
class Window:
    """Whole weeks, from a Monday on."""

    first: date
    weeks: int

    @property
    def end(self) -> date:
        """The first day that is no longer in it."""
        return self.first + self.weeks * WEEK

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end

    def elapsed(self, today: date) -> int:
        """Days of it that were, today counted."""
        return max(0, min((today - self.first).days + 1, self.days))

    def collected(self, weeks: Weeks) -> Decimal:
        mondays = (self.first + n * WEEK for n in range(self.weeks))
        with localcontext(PRECISE):
            return sum((weeks.get(monday, ZERO) for monday in mondays), ZERO)


@dataclass(frozen=True, slots=True)
class Hopping:
    """Windows of `size` weeks, one beginning each `hop` weeks, so that a day is in size ÷ hop."""

    size: int
    hop: int = 1

    def of(self, day: date) -> list[Window]:
        """Every window that has the day, oldest first."""
        last = self.begun(day)
        firsts = (last - n * self.hop * WEEK for n in range(-(-self.size // self.hop)))
        return [w for first in sorted(firsts) if day in (w := Window(first, self.size))]

    def latest(self, today: date, count: int = SHOWN) -> list[Window]:
        """Oldest first; the last one is the oldest window that still has today: the fullest."""
        fullest = self.of(today)[0].first
        steps = (n * self.hop * WEEK for n in reversed(range(count)))
        return [Window(fullest - step, self.size) for step in steps]

    def begun(self, day: date) -> date:
        """The Monday on which the last window began that began on or before the day."""
        return day - (day - date.min) % (self.hop * WEEK)


TUMBLING, FOUR_WEEKS = Hopping(1), Hopping(4)


def week_of(day: date) -> date:
    """Its Monday."""
    return TUMBLING.begun(day)


def weeks_over(first: date, today: date) -> Iterator[date]:
    """The weeks from the one of `first` that ended before today."""
    monday = week_of(first)
    while monday + WEEK <= today:
        yield monday
        monday += WEEK


@dataclass(frozen=True, slots=True)
class Rate:
    window: Window
    collected: Decimal
    run_rate: Decimal


def rate(weeks: Weeks, window: Window, today: date) -> Rate:
    """Collected × days ÷ days elapsed, as ruling f8 has it for a month; what is over is itself."""
    collected = window.collected(weeks)
    with localcontext(PRECISE):
        elapsed = window.elapsed(today)
        return Rate(window, collected, collected * window.days / elapsed if elapsed else ZERO)


def rates(weeks: Weeks, today: date) -> list[Rate]:
    """The windows of four weeks that end with this week and with each of the eleven before."""
    return [rate(weeks, window, today) for window in FOUR_WEEKS.latest(today)]
