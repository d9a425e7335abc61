"""What the months so far say about those to come: ruling f8."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO, Accuracy, measured
from services.forecast.domain.months import days_in, month_of, shifted

AVERAGED, TESTED, FEWEST, QUARTER, YEAR = 3, 12, 3, 3, 12


@dataclass(frozen=True, slots=True)
class History:
    """Complete months, through `last`. It begins with the first month that has money: what lies
    before is unknown, a month without money after it is 0.
    """

    months: Mapping[str, Decimal]
    last: str

    @property
    def first(self) -> str | None:
        return min(self.months, default=None)

    def at(self, month: str) -> Decimal | None:
        known = self.first is not None and self.first <= month <= self.last
        return self.months.get(month, ZERO) if known else None

    def before(self, month: str) -> "History":
        return History(self.months, min(self.last, shifted(month, -1)))

    def latest(self, count: int) -> list[tuple[str, Decimal]]:
        """The last complete months, oldest first; fewer where there are fewer."""
        months = [shifted(self.last, -n) for n in reversed(range(count))]
        return [(month, value) for month in months if (value := self.at(month)) is not None]


Model = Callable[[History, str], Decimal | None]


def average(history: History, _: str) -> Decimal | None:
    """The run-rate before its month begins: the mean of the last three complete months."""
    values = [value for _, value in history.latest(AVERAGED)]
    with localcontext(PRECISE):
        return sum(values, ZERO) / len(values) if values else None


def seasonal_naive(history: History, month: str) -> Decimal | None:
    """The same month last year, else the last complete month."""
    earlier = history.before(month)
    same = earlier.at(shifted(month, -YEAR))
    return earlier.at(earlier.last) if same is None else same


def quarter_naive(history: History, month: str) -> Decimal | None:
    """The same month of the last quarter that is known: quarters have a rhythm before years do."""
    earlier = shifted(month, -QUARTER)
    while earlier > history.last:
        earlier = shifted(earlier, -QUARTER)
    return history.at(earlier)


def run_rate(months: Mapping[str, Decimal], month: str, today: date) -> Decimal | None:
    """In the month to date × days ÷ days elapsed, today counted; a past month is what it was."""
    current = month_of(today)
    if month > current:
        return average(complete(months, today), month)
    elapsed = today.day if month == current else days_in(month)
    with localcontext(PRECISE):
        return months.get(month, ZERO) * days_in(month) / elapsed


def complete(months: Mapping[str, Decimal], today: date) -> History:
    return History(months, shifted(month_of(today), -1))


def backtest(history: History, model: Model) -> Accuracy | None:
    """Nothing under three."""
    pairs = [(a, f) for _, a, f in ahead(history, model)]
    if len(pairs) < FEWEST:
        return None
    return measured([a for a, _ in pairs], [f for _, f in pairs])


def ahead(history: History, model: Model) -> list[tuple[str, Decimal, Decimal]]:
    """Month, what came and what was said of it one month ahead, from earlier months only, over
    the last twelve.
    """
    told = [(m, a, model(history.before(m), m)) for m, a in history.latest(TESTED)]
    return [(m, a, f) for m, a, f in told if f is not None]
