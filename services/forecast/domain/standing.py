"""How an opportunity stood at an instant, folded from what had been recorded by then (f7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from services.forecast.domain.accuracy import ZERO

Category = Literal["pipeline", "best-case", "commit", "closed", "omitted", "lost"]
OPEN: tuple[Category, ...] = ("commit", "best-case", "pipeline")
"""From the surest to the least sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one fact said of it. `closes` is expected, or the day on which it was won or lost."""

    occurred_at: datetime
    recorded_at: datetime
    sequence: int
    category: Category
    amount: Decimal
    closes: date | None
    stage: str | None = None
    probability: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`stages`: all that it was ever in, as far as was known; `probability`: its model's."""

    opportunity_id: str
    category: Category
    amount: Decimal
    closes: date | None
    stage: str | None = None
    probability: Decimal | None = None
    stages: frozenset[str] = frozenset()

    def within(self, first: date, end: date) -> bool:
        """Ruling f1: it belongs to the period of its expected close, a won one to its day's."""
        return self.closes is not None and first <= self.closes < end

    def counts(self, category: Category, first: date, end: date) -> Decimal | None:
        """Its amount in that category of that period; None if it is not there."""
        there = self.category == category and self.within(first, end)
        return self.amount if there else None


def standing(opportunity_id: str, versions: Sequence[Version], at: datetime) -> Standing | None:
    """None when nothing had happened, or nobody knew of it yet."""
    known = [one for one in versions if one.recorded_at <= at and one.occurred_at <= at]
    if not known:
        return None
    last = max(known, key=lambda one: (one.occurred_at, one.sequence))
    return Standing(
        opportunity_id=opportunity_id,
        category=last.category,
        amount=last.amount,
        closes=last.closes,
        stage=last.stage,
        probability=last.probability,
        stages=frozenset(one.stage for one in known if one.stage),
    )


def total(standings: Sequence[Standing], category: Category, first: date, end: date) -> Decimal:
    found = (one.counts(category, first, end) for one in standings)
    return sum((amount for amount in found if amount is not None), ZERO)
