"""What may be asked of forecast's streams."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.forecast.domain.events import Level, OpportunityRecorded, Piece
from shared.contracts.forecast import AttainmentMeasured, ForecastPublished, Mode
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTarget:
    partner_id: str
    product_line: str
    month: str
    target: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureAttainment:
    found: tuple[AttainmentMeasured, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StateForecast:
    """`found`: the roll-up without anybody's adjustments, which the author saw (ADR 0035)."""

    partner_id: str
    period: str
    level: Level
    mode: Mode
    value: Money
    found: Money
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpportunity:
    """A version of it, as a fact of `leads` told it."""

    told: OpportunityRecorded
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRound:
    """Publish on the Monday after `recorded_at`, unless that is to be done earlier."""

    recorded_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRound:
    """It was published; `again` says whether to do so next week without being told."""

    on: date
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishForecast:
    """What was `found` of periods; what was published of the same week already stays.

    `wanted`: the period and week that were asked for, as far as somebody asked.
    """

    wanted: tuple[str, ...] = ()
    found: tuple[ForecastPublished, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStock:
    """Units of one product of a partner, from a day to a day, both inclusive.

    Without `opening` it is what was left before, without `on_hand` what the movements leave.
    """

    partner_id: str
    region: str
    product_line: str
    sku: str | None
    since: date
    until: date
    opening: Decimal | None
    sell_in: Decimal
    sell_through: Decimal
    on_hand: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActual:
    """The whole of a payment as of `revision`, as a fact of `orders` told it."""

    partner_id: str
    payment_id: UUID
    paid_on: date
    revision: int
    pieces: tuple[Piece, ...]
    fact_id: UUID
    recorded_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRegion:
    """Judge its weeks on the Monday after `recorded_at`, unless that is to be done earlier."""

    region: str
    recorded_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRegion:
    """It was looked at; `again` says whether to look next week without being told."""

    on: date
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnomaly:
    """How a run of abnormal weeks began: its first week, beside the `weeks` before it."""

    rule: str
    region: str
    week: date
    amount: Money
    mean: Money
    deviation: Money
    z: Decimal | None
    weeks: int
    at: datetime
