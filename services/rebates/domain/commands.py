"""What may be asked. `at` is the business time."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.rebates.domain.basis import Kind, Piece
from services.rebates.domain.events import AccountKey, Schedule, Taken
from services.rebates.domain.standing import Standing, Step
from services.rebates.domain.terms import Terms
from shared.contracts.ids import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishProgramme:
    terms: Terms
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettlement:
    programme_id: Id
    period: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBasis:
    partner_id: Id
    source: UUID
    source_system: str
    document_no: str
    paid_on: date
    revision: int
    recorded_at: datetime
    pieces: tuple[Piece, ...]
    kind: Kind = "payment"
    returned_on: date | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLevel:
    partner_id: Id
    level: str
    source: UUID
    sequence: int
    recorded_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess:
    """What the steps led to, computed from an account that had taken in `since`."""

    key: AccountKey
    schedule: Schedule
    since: Taken | None
    taken: Taken
    steps: tuple[Step, ...]
    at: datetime

    @property
    def first(self) -> Standing:
        return self.steps[0].standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Pay what was due by the cut-off; the steps tell what became known after it."""

    key: AccountKey
    schedule: Schedule
    since: Taken | None
    taken: Taken
    due: Standing
    counted: tuple[UUID, ...]
    steps: tuple[Step, ...]
    cause: UUID
    at: datetime

    @property
    def first(self) -> Standing:
        return self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAdjustment:
    proposal: int
    at: datetime
