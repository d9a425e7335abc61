"""Facts that never leave: programmes, partners' levels, opened accounts, and proposals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.rebates.domain.terms import Terms
from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Currency, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePublished(Event):
    terms: Terms
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateSettlementRequested(Event):
    programme_id: Id
    period: str


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
