"""What one version of a programme says: who earns on what, how much, and when it is settled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.rebates.domain.basis import Piece
from services.rebates.domain.periods import Kind, days_of
from shared.contracts.calendar import end_of
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Currency

Dimension = Literal["product_line", "region"]
Method = Literal["whole", "marginal"]
Restatement = Literal["origin", "current", "pro_rata"]
"""What a refund does that comes after the cut-off (ruling r4): it restates the period of its
payment, moves its own, or takes back what was booked for it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From this volume on, inclusive (达到, ≥)."""

    threshold: Amount
    rate: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is not named is not restricted."""

    product_lines: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    def takes(self, piece: Piece, level: str | None) -> bool:
        asked = ((self.product_lines, piece.product_line), (self.regions, piece.region))
        return all(not names or name in names for names, name in (*asked, (self.levels, level)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    programme_id: Id
    version: int
    effective_from: date
    effective_to: date | None
    currency: Currency
    filter: Filter
    partition: tuple[Dimension, ...]
    basis: Literal["collected"]
    method: Method
    tiers: tuple[Tier, ...]
    period: Kind
    grace_days: int
    settle_after: timedelta
    settlement: Literal["automatic", "manual"]
    restatement: Restatement = "origin"

    def covers(self, day: date) -> bool:
        return self.effective_from <= day <= (self.effective_to or day)

    def overlaps(self, first: date, last: date) -> bool:
        return self.effective_from <= last and first <= (self.effective_to or last)

    def values(self, piece: Piece) -> tuple[str, ...]:
        """The piece's place in the partition."""
        return tuple(getattr(piece, name) for name in self.partition)

    def last_day(self, period: str) -> date:
        """On which money may still become known and be settled in time."""
        return days_of(period)[1] + timedelta(days=self.grace_days)

    def cut_off(self, period: str) -> datetime:
        return end_of(self.last_day(period))

    def tier(self, volume: Decimal) -> Tier | None:
        return next((tier for tier in reversed(self.tiers) if tier.threshold <= volume), None)

    def next_tier(self, volume: Decimal) -> Tier | None:
        return next((tier for tier in self.tiers if volume < tier.threshold), None)

    def reward(self, volume: Decimal) -> Fraction:
        """Exact (rulings r1 and g3): rounded once, per account, elsewhere."""
        if self.method == "whole":
            reached = self.tier(volume)
            return Fraction(volume) * Fraction(reached.rate) if reached else Fraction(0)
        return sum(self._bands(volume), Fraction(0))

    def _bands(self, volume: Decimal) -> Iterator[Fraction]:
        """Filled from the bottom; the last one is open."""
        uppers = [tier.threshold for tier in self.tiers[1:]] + [volume]
        for tier, upper in zip(self.tiers, uppers, strict=True):
            filled = min(volume, upper) - tier.threshold
            yield Fraction(max(filled, Decimal(0))) * Fraction(tier.rate)
