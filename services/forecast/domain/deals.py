"""Opportunities as a pipeline shows them, and what of them was known on a day (ruling f7)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.months import month_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """`engaged` is the day from which it is worked on; open while `closed` is None."""

    deal_id: str
    office: str
    product: str
    engaged: date
    closed: date | None = None
    won: bool = False
    amount: Decimal = ZERO

    @property
    def days(self) -> int | None:
        """From the first day to the close."""
        return None if self.closed is None else (self.closed - self.engaged).days


def known(deals: Iterable[Deal], until: date) -> list[Deal]:
    """As they stood at the end of that day: what closed later was open, and worth nothing yet."""
    return [
        one
        if one.closed and one.closed <= until
        else replace(one, closed=None, won=False, amount=ZERO)
        for one in deals
        if one.engaged <= until
    ]


def won_by_month(deals: Iterable[Deal]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in deals:
        if one.closed and one.won:
            month = month_of(one.closed)
            sums[month] = sums.get(month, ZERO) + one.amount
    return sums


@dataclass(frozen=True)
class Pace:
    """How long deals stay open: Kaplan and Meier's estimate, in which open ones count as well."""

    deals: Sequence[Deal]
    until: date

    @cached_property
    def _open_after(self) -> list[Decimal]:
        """By days: the share that is still open after so many."""
        closed = Counter(days for one in self.deals if (days := one.days) is not None)
        seen = Counter(
            (self.until - one.engaged).days if one.days is None else one.days for one in self.deals
        )
        there, share, found = len(self.deals), Decimal(1), list[Decimal]()
        for day in range(max(seen, default=-1) + 1):
            if closed[day]:
                share *= 1 - Decimal(closed[day]) / there
            there -= seen[day]
            found.append(share)
        return found

    def open_after(self, days: int) -> Decimal:
        """Nobody has seen longer ones than the longest: from there on the share stays."""
        if days < 0 or not self._open_after:
            return Decimal(1)
        return self._open_after[min(days, len(self._open_after) - 1)]

    def closes(self, engaged: date, first: date, end: date) -> Decimal:
        """The chance to close from `first` until before `end`, for one that is open now."""
        day = timedelta(days=1)
        now = self.open_after((self.until - engaged).days)
        then = self.open_after((first - day - engaged).days) - self.open_after(
            (end - day - engaged).days
        )
        return then / now if now else ZERO
