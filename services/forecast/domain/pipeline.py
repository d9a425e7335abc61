"""What the open pipeline will bring in a month: F-04 with ruling f4, spread over time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import cached_property

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.deals import Deal, Pace, known
from services.forecast.domain.months import bounds

FEWEST = 20  # closed opportunities without which a stage's own share is not believed
DEFAULT = Decimal("0.5")
YEAR = timedelta(days=365)
RECENT = 91  # days of which the arrivals are expected to go on


@dataclass(frozen=True)
class Pipeline:
    """Everything known at the end of `until`. Pace and prices are the whole house's."""

    deals: Sequence[Deal]
    until: date

    @classmethod
    def at(cls, deals: Sequence[Deal], until: date) -> "Pipeline":
        return cls(known(deals, until), until)

    def expected(self, office: str, month: str) -> Decimal:
        """Open deals and those still to come, each by its chance to be won in that month."""
        with localcontext(PRECISE):
            return self._win_rate(office) * (self._open(office, month) + self._new(office, month))

    def _open(self, office: str, month: str) -> Decimal:
        first, end = bounds(month)
        waiting = (one for one in self._of(office) if one.closed is None)
        return sum(
            (self._price(one) * self._pace.closes(one.engaged, first, end) for one in waiting),
            ZERO,
        )

    def _new(self, office: str, month: str) -> Decimal:
        """As many a day as in the last quarter, at the mean price."""
        first, end = bounds(month)
        since = self.until - timedelta(days=RECENT - 1)
        arrived = [one for one in self._of(office) if one.engaged >= since]
        if not arrived:
            return ZERO
        ahead = [self.until + timedelta(days=n) for n in range(1, (end - self.until).days)]
        chances = sum((self._closes_new(day, first, end) for day in ahead), ZERO)
        return sum(map(self._price, arrived), ZERO) / RECENT * chances

    def _closes_new(self, day: date, first: date, end: date) -> Decimal:
        before, last = (max(first, day) - day).days - 1, (end - day).days - 1
        return self._pace.open_after(before) - self._pace.open_after(last)

    def _win_rate(self, office: str) -> Decimal:
        """Won ÷ closed in the year before; under twenty closed, the default."""
        closed = [one for one in self._of(office) if one.closed and one.closed > self.until - YEAR]
        if len(closed) < FEWEST:
            return DEFAULT
        return Decimal(sum(one.won for one in closed)) / len(closed)

    def _of(self, office: str) -> list[Deal]:
        return [one for one in self.deals if one.office == office]

    def _price(self, deal: Deal) -> Decimal:
        return self._prices.get(deal.product, self._mean)

    @cached_property
    def _pace(self) -> Pace:
        return Pace(self.deals, self.until)

    @cached_property
    def _prices(self) -> dict[str, Decimal]:
        """What a won one of each product brought on average."""
        won: dict[str, list[Decimal]] = defaultdict(list)
        for one in self.deals:
            if one.won:
                won[one.product].append(one.amount)
        with localcontext(PRECISE):
            return {product: sum(each, ZERO) / len(each) for product, each in won.items()}

    @cached_property
    def _mean(self) -> Decimal:
        prices = [*self._prices.values()]
        with localcontext(PRECISE):
            return sum(prices, ZERO) / len(prices) if prices else ZERO


def weighted(open_: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    """F-04: mean and standard deviation of amounts with their (independent) probabilities."""
    with localcontext(PRECISE):
        mean = sum((amount * chance for amount, chance in open_), ZERO)
        spread = sum((a * a * p * (1 - p) for a, p in open_), ZERO)
        return mean, spread.sqrt()
