"""Facts that never leave: the money we count, and the weeks in which we look at it."""

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
