"""Three lists, all from our own store: orders with their status, payments with their targets,
and reported shipments that had to wait.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import get_args

from services.orders.domain.events import (
    DisputeFlagged,
    OrderEvent,
    Payment,
    PaymentDeferred,
    ReceiptRecorded,
    ReceiptRejected,
    ShipmentDeclined,
    ShipmentDeferred,
    ShipmentResumed,
)
from services.orders.domain.pricing import likeness
from shared.contracts.event import Envelope
from shared.contracts.money import Money, total
from shared.contracts.orders import (
    GoodsReturned,
    OrderApproved,
    OrderCancelled,
    OrderDelivered,
    OrderHeld,
    OrderRejected,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

PaymentFact = (
    ReceiptRecorded
    | ReceiptRejected
    | PaymentDeferred
    | PaymentReceived
    | PaymentAllocated
    | PaymentRefunded
    | PaymentReversed
)
ShipmentFact = ShipmentDeferred | ShipmentResumed | ShipmentDeclined


def by_order(fact: OrderEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def orders(
    key: str, row: Document | None, fact: OrderEvent, envelope: Envelope
) -> Document | None:
    if row is None and not isinstance(fact, OrderSubmitted):
        return None  # a shipment that waits for its order
    return (row or {}) | order_change(row or {}, fact, envelope) | {"version": envelope.sequence}


def order_change(row: Document, fact: OrderEvent, envelope: Envelope) -> Document:
    match fact:
        case OrderSubmitted():
            return order_row(fact, envelope)
        case OrderHeld(reasons=reasons):
            return {"status": "held", "reasons": list(reasons)}
        case OrderApproved(approved_by=by, revision=revision):
            return decided("approved") | {"approved_by": by, "revision": revision}
        case OrderCancelled(whole=False) | OrderShipped() | OrderDelivered() | GoodsReturned():
            return moved(row, fact)
        case OrderCancelled() | OrderReopened():
            status = "cancelled" if isinstance(fact, OrderCancelled) else "submitted"
            return decided(status) | {"revision": fact.revision}
        case OrderRejected():
            return decided("rejected")
        case _:
            return {"disputed": True} if isinstance(fact, DisputeFlagged) else {}


def moved(
    row: Document, fact: OrderCancelled | OrderShipped | OrderDelivered | GoodsReturned
) -> Document:
    match fact:
        case OrderDelivered(delivered_on=day):
            return {"delivered_on": day.isoformat()}
        case GoodsReturned():
            return {"revision": fact.revision}
        case _:
            return lessened(row, fact)


def lessened(row: Document, fact: OrderCancelled | OrderShipped) -> Document:
    """What is left to ship; an order of which nothing is left is shipped."""
    gone = {str(one.line): one.quantity for one in fact.lines}
    left = {
        line: format(rest, "f")
        for line, some in row["left"].items()
        if fact.lines and (rest := Decimal(some) - gone.get(line, 0))
    }
    change: Document = {"left": left}
    if isinstance(fact, OrderShipped):
        change["shipped_on"] = fact.shipped_on.isoformat()
    else:
        change["revision"] = fact.revision
    return change | (decided("shipped") if not left else {})


def decided(status: str) -> Document:
    return {"status": status, "reasons": []}


def order_row(fact: OrderSubmitted, envelope: Envelope) -> Document:
    told: Document = document(fact)
    del told["lines"]
    return told | {
        "status": "submitted",
        "reasons": [],
        "revision": 0,
        "disputed": False,
        "shipped_on": None,
        "delivered_on": None,
        "left": {str(one.line): format(one.quantity, "f") for one in fact.lines},
        "approved_by": None,
        "submitted_at": envelope.occurredat.isoformat(),
        "likeness": likeness(fact.partner_id, fact.customer_id, fact.lines),
    }


def payment_key(partner_id: str, payment_id: object) -> str:
    return f"{partner_id}/{payment_id}"


def by_payment(fact: PaymentFact, envelope: Envelope) -> Iterable[str]:
    return [payment_key(fact.partner_id, fact.payment_id)]


def payments(key: str, row: Document | None, fact: PaymentFact, envelope: Envelope) -> Document:
    match fact:
        case ReceiptRecorded(payment=payment):
            return payment_row(payment, envelope)
        case ReceiptRejected():
            return (row or {}) | {"status": "rejected", "reason": fact.slug}
        case PaymentDeferred():
            until = fact.until.isoformat()
            return (row or {}) | {"status": "waiting", "reason": fact.reason, "until": until}
        case PaymentReceived():
            received = {"status": "received", "reason": None, "matched": fact.matched}
            return (row or {}) | received | allocation(fact)
        case PaymentAllocated():
            return (row or {}) | allocation(fact)
        case PaymentRefunded():
            return (row or {}) | allocation(fact) | refunded(row or {}, fact, envelope)
        case PaymentReversed():
            zero = Money.zero(fact.amount.currency).rounded()
            gone = {"revision": fact.revision, "allocations": [], "unallocated": document(zero)}
            told = {"status": "reversed", "reversed_on": fact.reversed_on.isoformat()}
            return (row or {}) | gone | told


def refunded(row: Document, fact: PaymentRefunded, envelope: Envelope) -> Document:
    """Every refund, and what they come to."""
    one = {
        "amount": document(fact.amount),
        "refunded_on": fact.refunded_on.isoformat(),
        "recorded_at": envelope.time.isoformat(),
        "reason": fact.reason,
        "revision": fact.revision,
    }
    every = [*row.get("refunds", []), one]
    amounts: list[Money] = [restored(each["amount"], Money) for each in every]
    back = total(amounts, fact.amount.currency)
    status = "refunded" if document(back) == row.get("amount") else "received"
    return {"refunds": every, "refunded": document(back), "status": status}


def payment_row(payment: Payment, envelope: Envelope) -> Document:
    told: Document = document(payment)
    del told["payer"]
    none = {"allocations": [], "unallocated": told["amount"], "revision": 0}
    undecided = {"status": "received", "matched": None, "reason": None}
    return told | none | undecided | {"recorded_at": envelope.time.isoformat()}


def allocation(fact: PaymentReceived | PaymentAllocated | PaymentRefunded) -> Document:
    return {
        "revision": fact.revision,
        "allocations": document(fact.allocations),
        "unallocated": document(fact.unallocated),
    }


def by_shipment(fact: ShipmentFact, envelope: Envelope) -> Iterable[str]:
    return [f"{fact.partner_id}/{fact.shipment.shipment_id}"]


def shipments(key: str, row: Document | None, fact: ShipmentFact, envelope: Envelope) -> Document:
    """What was reported and could not be booked at once."""
    told: Document = document(fact.shipment) | {"reason": None}
    match fact:
        case ShipmentDeferred():
            return told | {"status": "waiting", "until": fact.until.isoformat()}
        case ShipmentResumed():
            return told | {"status": "booked", "until": None}
        case ShipmentDeclined():
            return told | {"status": "rejected", "until": None, "reason": fact.slug}


ORDERS: Projection[OrderEvent] = Projection(
    name="orders.orders",
    version=2,
    facts=get_args(OrderEvent),
    keys=by_order,
    fold=orders,
    indexes=(Index("status"), Index("likeness"), Index("submitted_at", "instant")),
    partner_field="partner_id",
)
PAYMENTS: Projection[PaymentFact] = Projection(
    name="orders.payments",
    version=2,
    facts=get_args(PaymentFact),
    keys=by_payment,
    fold=payments,
    indexes=(Index("status"), Index("document_no"), Index("paid_on")),
    partner_field="partner_id",
)
SHIPMENTS: Projection[ShipmentFact] = Projection(
    name="orders.shipments",
    facts=(ShipmentDeferred, ShipmentResumed, ShipmentDeclined),
    keys=by_shipment,
    fold=shipments,
    indexes=(Index("status"), Index("order_id")),
    partner_field="partner_id",
)
