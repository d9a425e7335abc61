"""Every fact in the streams of orders. Published ones live in `shared.contracts.orders`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.orders.domain.approval.events import (
    ApprovalGranted,
    OrderEscalated,
    OrderRouted,
    OrderVoted,
    VoteKept,
)
from services.orders.domain.goods import Shipment
from shared.contracts.approvals import Route
from shared.contracts.event import Event
from shared.contracts.money import Amount, Money
from shared.contracts.orders import (
    GoodsReturned,
    OrderApproved,
    OrderCancelled,
    OrderDelivered,
    OrderHeld,
    OrderRejected,
    OrderReleased,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.kernel.claim import Origin

Strategy = Literal["named-else-oldest", "exact-else-oldest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What of an order's lines shares a product line and a tax rate: the grain of a split."""

    product_line: str
    tax_rate: Amount
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money as reported. `payer` is a person id: names stay in the People port."""

    payment_id: UUID
    source_system: str
    document_no: str
    partner_id: str
    order_id: str | None = None
    amount: Money
    paid_on: date
    payer: UUID | None = None
    sales_id: str | None = None
    strategy: Strategy = "named-else-oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDeferred(Event):
    """Reported before its order was there, or confirmed: it waits in the order's stream."""

    order_id: str
    partner_id: str
    shipment: Shipment
    origin: Origin
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentResumed(Event):
    order_id: str
    partner_id: str
    shipment: Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDeclined(Event):
    order_id: str
    partner_id: str
    shipment: Shipment
    origin: Origin
    slug: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequested(Event):
    order_id: str
    partner_id: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFlagged(Event):
    order_id: str
    partner_id: str
    reason: str


OrderEvent = (
    OrderSubmitted
    | OrderHeld
    | OrderReleased
    | OrderApproved
    | OrderRejected
    | OrderCancelled
    | OrderReopened
    | OrderShipped
    | OrderDelivered
    | GoodsReturned
    | OrderRouted
    | VoteKept
    | OrderVoted
    | OrderEscalated
    | ApprovalGranted
    | ReleaseRequested
    | DisputeFlagged
    | ShipmentDeferred
    | ShipmentResumed
    | ShipmentDeclined
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecorded(Event):
    payment_id: UUID
    partner_id: str
    payment: Payment
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRejected(Event):
    payment_id: UUID
    partner_id: str
    slug: str
    detail: str


ReceiptEvent = ReceiptRecorded | ReceiptRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRecorded(Event):
    partner_id: str
    receivables: Money
    unapplied: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRecorded(Event):
    """What `partners` set, with the id and both times of its fact."""

    partner_id: str
    limit: Money
    fact_id: UUID
    recorded_at: datetime
    occurred_at: datetime
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRecorded(Event):
    """Whether `partners` knows the partner as active or suspended, likewise."""

    partner_id: str
    standing: Literal["active", "suspended"]
    fact_id: UUID
    recorded_at: datetime
    occurred_at: datetime
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecorded(Event):
    """The account knows it. `director` (by the `route`) and `imported` wait for a person."""

    partner_id: str
    order_id: str
    round: int
    region: str
    customer_id: str | None
    submitted_on: date
    ordered_on: date
    pieces: tuple[Piece, ...]
    net: Money
    total: Money
    director: bool
    imported: bool
    since: datetime
    route: Route | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReserved(Event):
    """The order is confirmed against the limit."""

    partner_id: str
    order_id: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditWithheld(Event):
    """It is not, and these are all reasons; with the route of an approval among them."""

    partner_id: str
    order_id: str
    round: int
    reasons: tuple[str, ...]
    route: Route | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(Event):
    """A person decided; the order goes to the end of the queue."""

    partner_id: str
    order_id: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFreed(Event):
    partner_id: str
    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReduced(Event):
    """What is gone from the order in the account: cancelled, or returned."""

    partner_id: str
    order_id: str
    revision: int
    pieces: tuple[Piece, ...]
    net: Money
    total: Money
    returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeferred(Event):
    """It names what nobody knows yet (`order-unknown`, `partner-unknown`) and waits."""

    partner_id: str
    payment_id: UUID
    payment: Payment
    origin: Origin | None
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResumed(Event):
    partner_id: str
    payment_id: UUID
    payment: Payment
    origin: Origin | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(Event):
    partner_id: str
    payment_id: UUID
    origin: Origin | None
    slug: str
    detail: str


AccountEvent = (
    OpeningRecorded
    | LimitRecorded
    | StandingRecorded
    | OrderRecorded
    | CreditReserved
    | CreditWithheld
    | HoldLifted
    | CreditFreed
    | OrderReduced
    | PaymentDeferred
    | PaymentResumed
    | PaymentDeclined
    | PaymentReceived
    | PaymentAllocated
    | PaymentRefunded
    | PaymentReversed
)
