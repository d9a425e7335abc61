"""Facts that never leave: programmes, partners' levels, opened accounts, and proposals."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.rebates.domain.basis import Kind, Piece
from services.rebates.domain.terms import Terms
from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Currency, Money

Document = tuple[str, str]
"""A payment by its document number and source system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePublished(Event):
    terms: Terms
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateSettlementRequested(Event):
    programme_id: Id
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisRecorded(Event):
    """A payment at one revision. `source` is the fact that said so; both times are its own.

    A refund or a reversal is a revision with what remains; `returned_on` is its own day.
    """

    partner_id: Id
    source: UUID
    source_system: str
    document_no: str
    paid_on: date
    revision: int
    occurred_at: datetime
    recorded_at: datetime
    pieces: tuple[Piece, ...]
    kind: Kind = "payment"
    returned_on: date | None = None

    @property
    def document(self) -> Document:
        return self.document_no, self.source_system

    @property
    def place(self) -> tuple[date, str, str]:
        """In the canonical order: own day, document number, source system (ruling r6)."""
        return self.day, self.document_no, self.source_system

    @property
    def day(self) -> date:
        return self.returned_on or self.paid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateLevelRecorded(Event):
    """`sequence` orders the facts of the partner's own stream; both times are theirs."""

    partner_id: Id
    level: str
    source: UUID
    sequence: int
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How much an account has taken in: versions of the ledger, the programme, the levels."""

    ledger: int
    programme: int
    levels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`cut_off` is exclusive; without `settle_at` the account is settled by command only."""

    cut_off: datetime
    settle_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey:
    """`values` are the place in the programme's partition, one for each dimension."""

    programme_id: Id
    partner_id: Id
    period: str
    values: tuple[str, ...]

    @property
    def partition(self) -> str:
        return "/".join(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateAccountOpened(Event):
    programme_id: Id
    version: int
    partner_id: Id
    period: str
    values: tuple[str, ...]
    currency: Currency
    taken: Taken
    schedule: Schedule

    @property
    def key(self) -> AccountKey:
        return AccountKey(
            programme_id=self.programme_id,
            partner_id=self.partner_id,
            period=self.period,
            values=self.values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateTermsTaken(Event):
    """A newer version or another level of the partner was applied, even if nothing changed."""

    programme_id: Id
    partner_id: Id
    taken: Taken
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateAdjustmentProposed(Event):
    """A lower entitlement, or a new version's, books when it is approved (ruling r3)."""

    programme_id: Id
    version: int
    partner_id: Id
    period: str
    partition: str
    volume: Money
    amount: Money
    proposal: int
    reason: str
    counted: tuple[UUID, ...]
