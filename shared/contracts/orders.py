"""Facts of `orders`: orders, their approval against credit, and the money received."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts.approvals import Route
from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """`net` = round(quantity × unit_price), `amount` = net + round(net × tax_rate) (ruling g5)."""

    line: int
    sku: str
    product_line: str
    quantity: Amount
    unit_price: Money
    tax_rate: Amount = Decimal(0)
    net: Money
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedLine:
    """What of an order's line was cancelled, shipped, delivered or returned."""

    line: int
    product_line: str
    quantity: Amount
    amount: Money
    net: Money
    tax_rate: Amount = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubmitted(Event):
    """`total` is gross, `net` without VAT.

    `history` is the status an imported order had in its source: recorded, not decided again.
    """

    order_id: Id
    partner_id: Id
    customer_id: Id | None = None
    sales_id: Id | None = None
    region: str
    lines: tuple[OrderLine, ...]
    net: Money
    total: Money
    ordered_on: date
    history: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(Event):
    """All that holds it now; again when that changes.

    Reasons: director-approval, credit, partner-unknown, partner-suspended, currency-mismatch,
    imported. With an approval among them, `route` says who is asked, in which order, by which
    version of the rule; orders of before routes were stored have none.
    """

    staff_only = frozenset({"route"})

    order_id: Id
    partner_id: Id
    reasons: tuple[str, ...]
    route: Route | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReleased(Event):
    order_id: Id
    partner_id: Id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderApproved(Event):
    order_id: Id
    partner_id: Id
    customer_id: Id | None = None
    sales_id: Id | None = None
    region: str
    lines: tuple[OrderLine, ...]
    net: Money
    total: Money
    approved_by: str
    ordered_on: date
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected(Event):
    order_id: Id
    partner_id: Id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """`lines` are what is no longer wanted; not `whole`: the rest of the order stands."""

    order_id: Id
    partner_id: Id
    region: str
    revision: int
    lines: tuple[AffectedLine, ...]
    reason: str
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReopened(Event):
    order_id: Id
    partner_id: Id
    region: str
    revision: int
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped(Event):
    """One shipment, `number` 1, 2, …; without lines all that was open. `document` is the note."""

    order_id: Id
    partner_id: Id
    shipped_on: date
    region: str = ""
    lines: tuple[AffectedLine, ...] = ()
    number: int = 1
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(Event):
    """The customer has it: `lines` of what was shipped."""

    order_id: Id
    partner_id: Id
    region: str
    lines: tuple[AffectedLine, ...]
    delivered_on: date
    number: int
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned(Event):
    """Of what was shipped. The money for it stays where it is until it is refunded (ruling r4)."""

    order_id: Id
    partner_id: Id
    region: str
    revision: int
    lines: tuple[AffectedLine, ...]
    reason: str
    returned_on: date
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedLine:
    product_line: str
    amount: Money
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    order_id: Id
    region: str
    amount: Money
    lines: tuple[AllocatedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Event):
    """`revision` is 1; what no order could take stands in `unallocated`.

    `order_id` is the order it names; `deposit` the part of `unallocated` kept for that order
    until it is confirmed; `matched` says how its targets were found: named, exact, oldest, none.
    """

    payment_id: UUID
    source_system: str
    document_no: str
    partner_id: Id
    amount: Money
    paid_on: date
    revision: int
    allocations: tuple[Allocation, ...]
    unallocated: Money
    order_id: Id | None = None
    sales_id: Id | None = None
    deposit: Money | None = None
    matched: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAllocated(Event):
    """The whole new allocation of a payment; the highest revision wins.

    `amount` is what is left of it after refunds: always Σ allocations + `unallocated`.
    """

    payment_id: UUID
    source_system: str
    document_no: str
    partner_id: Id
    amount: Money
    paid_on: date
    revision: int
    allocations: tuple[Allocation, ...]
    unallocated: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    """`amount` went back to the payer; `allocations` and `unallocated` are what remains."""

    payment_id: UUID
    source_system: str
    document_no: str
    partner_id: Id
    amount: Money
    paid_on: date
    refunded_on: date
    revision: int
    allocations: tuple[Allocation, ...]
    unallocated: Money
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed(Event):
    """The money never came, or was taken back whole: nothing of it remains allocated."""

    payment_id: UUID
    source_system: str
    document_no: str
    partner_id: Id
    amount: Money
    paid_on: date
    reversed_on: date
    revision: int
    allocations: tuple[Allocation, ...] = ()
    reason: str = ""
