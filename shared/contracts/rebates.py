"""Facts of `rebates`: what a partner has earned, what was settled, what came after."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionVolume:
    """The part of an account's volume that earns by one version of the programme (ruling r5)."""

    version: int
    volume: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateAccrued(Event):
    """The whole entitlement of an account as known now; the highest revision wins.

    `threshold` and `rate` are those of the tier that was reached, if one was.
    """

    programme_id: Id
    version: int
    partner_id: Id
    period: str  # 2025-03, 2025Q1, 2025H1, 2025
    partition: str  # values joined by "/"
    volume: Money
    entitlement: Money
    revision: int
    cause: UUID
    threshold: Money | None = None
    rate: Amount = Decimal(0)
    parts: tuple[VersionVolume, ...] = ()
    returned: Money | None = None  # by refunds that take back what was booked, pro rata
    ledger_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateTierReached(Event):
    programme_id: Id
    version: int
    partner_id: Id
    period: str
    partition: str
    threshold: Money
    rate: Amount
    volume: Money
    cause: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateSettled(Event):
    """`counted` are the fact ids of the money that was counted, in canonical order.

    They are named up to a thousand. Beyond, the ledger's version stands for them: counted is
    what it held by then and was recorded before the cut-off.
    """

    programme_id: Id
    version: int
    partner_id: Id
    period: str
    partition: str
    volume: Money
    amount: Money
    number: int
    reason: str
    counted: tuple[UUID, ...]
    ledger_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RebateAdjusted(Event):
    """The difference that a fact made after settlement; `number` continues the settlement's.

    `proposal` is the approved proposal it books, where it did not book at once.
    """

    programme_id: Id
    version: int
    partner_id: Id
    period: str
    partition: str
    volume: Money
    amount: Money
    number: int
    reason: str
    counted: tuple[UUID, ...]
    proposal: int | None = None
