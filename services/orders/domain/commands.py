"""What may be asked of an order, of a receipt, of an account. `at` makes decisions repeatable."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.orders.domain.approval.commands import (
    EscalateOrder,
    RecallOrder,
    VoteOnOrder,
)
from services.orders.domain.events import Payment, Piece
from services.orders.domain.goods import (
    DeliverOrder,
    LapseShipment,
    LinePart,
    ReportShipment,
    ReturnGoods,
)
from shared.contracts.approvals import Route
from shared.contracts.money import Amount, Money
from shared.kernel.approvals import Rule
from shared.kernel.claim import Origin

HistoricStatus = Literal["approved", "shipped", "cancelled", "held", "disputed"]
Standing = Literal["active", "suspended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWanted:
    line: int
    sku: str
    product_line: str
    quantity: Amount
    unit_price: Money
    tax_rate: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    order_id: str
    partner_id: str
    customer_id: str | None = None
    sales_id: str | None = None
    region: str
    lines: tuple[LineWanted, ...]
    ordered_on: date | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHistory:
    """An order of the past, with what became of it: recorded, not decided again."""

    order: SubmitOrder
    status: HistoricStatus
    shipped_on: date | None = None
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Without lines: all that is open."""

    reason: str
    lines: tuple[LinePart, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenOrder:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrder:
    """A person ends the hold that a person (or an import) began."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipOrder:
    """Without lines: all that is open. The same document again means nothing."""

    shipped_on: date | None = None
    lines: tuple[LinePart, ...] = ()
    document: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder:
    """The account has reserved the credit. Total: of another round, it means nothing."""

    round: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """The account has not. Total, like ConfirmOrder."""

    round: int
    reasons: tuple[str, ...]
    route: Route | None = None
    at: datetime


OrderCommand = (
    SubmitOrder
    | RecordHistory
    | VoteOnOrder
    | RecallOrder
    | EscalateOrder
    | CancelOrder
    | ReopenOrder
    | ReleaseOrder
    | ShipOrder
    | DeliverOrder
    | ReturnGoods
    | ReportShipment
    | LapseShipment
    | ConfirmOrder
    | HoldOrder
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    payment: Payment
    origin: Origin | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectPayment:
    slug: str
    detail: str
    at: datetime


ReceiptCommand = RecordPayment | RejectPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    partner_id: str
    receivables: Money
    unapplied: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLimit:
    partner_id: str
    limit: Money
    fact_id: UUID
    recorded_at: datetime
    sequence: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStanding:
    partner_id: str
    standing: Standing
    fact_id: UUID
    recorded_at: datetime
    sequence: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrder:
    """The account learns of an order. `verdict`: check it, or take it as history decided it;
    `rule`: the present one, that says who must agree.
    """

    partner_id: str
    order_id: str
    region: str
    customer_id: str | None
    submitted_on: date
    ordered_on: date
    pieces: tuple[Piece, ...]
    net: Money
    total: Money
    verdict: Literal["check", "confirmed", "imported"]
    rule: Rule | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckOrder:
    """It was reopened: everything is asked again, at the end of the queue (ruling o5)."""

    partner_id: str
    order_id: str
    round: int
    rule: Rule | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftHold:
    """A person has decided: `director-approval` or `imported` no longer holds the order."""

    partner_id: str
    order_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeOrder:
    """The order was cancelled or rejected: credit, deposits and allocations come back."""

    partner_id: str
    order_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceOrder:
    """Part of the order was cancelled or returned; a revision that is known means nothing."""

    partner_id: str
    order_id: str
    revision: int
    pieces: tuple[Piece, ...]
    net: Money
    total: Money
    returned: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """`refunded_on`: None is the business day of the command."""

    partner_id: str
    payment_id: UUID
    amount: Money
    refunded_on: date | None = None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversePayment:
    """It never came: a cheque that bounced, a booking that was wrong.

    `reversed_on`: None is the business day of the command.
    """

    partner_id: str
    payment_id: UUID
    reversed_on: date | None = None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatePayment:
    """`until`: how long it waits for an order or a partner that nobody knows yet."""

    payment: Payment
    origin: Origin | None
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsePayment:
    """Its time to wait is over."""

    partner_id: str
    payment_id: UUID
    at: datetime


AccountCommand = (
    OpenAccount
    | RecordLimit
    | RecordStanding
    | RegisterOrder
    | RecheckOrder
    | LiftHold
    | FreeOrder
    | ReduceOrder
    | AllocatePayment
    | LapsePayment
    | RefundPayment
    | ReversePayment
)
