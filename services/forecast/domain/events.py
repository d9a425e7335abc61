"""Facts that never leave: what we count and are told, and the weeks in which we look at it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.forecast import Mode
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money

Level = Literal["partner", "sales", "manager", "director"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    product_line: str
    net: Money
    region: str = ""  # facts of the first release do not say


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualRecorded(Event):
    """How this revision of a payment moves the sums: what it says now less what it said before.

    `fact_id` and `recorded_at` are those of the fact in `orders`, the envelope's `occurredat` too.
    """

    partner_id: Id
    payment_id: UUID
    paid_on: date
    revision: int
    deltas: tuple[Piece, ...]
    fact_id: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityRecorded(Event):
    """A version of an opportunity as `leads` told it: `place` is that of the fact in its stream.

    `closes`: when it is expected to close, or the day on which it was won or lost.
    """

    opportunity_id: Id
    place: int
    partner_id: Id | None
    region: str
    product_line: str | None
    category: str
    stage: str | None
    probability: Amount | None
    amount: Money
    closes: date | None
    fact_id: UUID
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRecorded(Event):
    """Units; reported again for the same days, it replaces."""

    partner_id: Id
    region: str
    product_line: str
    sku: str | None
    since: date
    until: date
    opening: Amount
    sell_in: Amount
    sell_through: Amount
    closing: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastAdjusted(Event):
    """Above the partner, and never told to it: this fact stays here."""

    partner_id: Id
    period: str
    level: Level
    mode: Mode
    value: Money
    base: Money
    reason: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWatched(Event):
    """Money came in: the weeks of this region are judged `on` that Monday."""

    region: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionJudged(Event):
    """`then` is the next Monday, None when no week to come can be abnormal."""

    region: str
    on: date
    then: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundAwaited(Event):
    """There is something to forecast: `on` that Monday forecasts are published."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHeld(Event):
    """`then` is the next Monday, None when there is nothing left to say."""

    on: date
    then: date | None
