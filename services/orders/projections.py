"""Two lists, both from our own store: orders with their status, payments with their targets."""

from collections.abc import Iterable
from typing import get_args

from services.orders.domain.events import (
    DisputeFlagged,
    OrderEvent,
    Payment,
    PaymentDeferred,
    ReceiptRecorded,
    ReceiptRejected,
)
from services.orders.domain.pricing import likeness
from shared.contracts.event import Envelope
from shared.contracts.orders import (
    OrderApproved,
    OrderCancelled,
    OrderHeld,
    OrderRejected,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
    PaymentAllocated,
    PaymentReceived,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

PaymentFact = (
    ReceiptRecorded | ReceiptRejected | PaymentDeferred | PaymentReceived | PaymentAllocated
)


def by_order(fact: OrderEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def orders(key: str, row: Document | None, fact: OrderEvent, envelope: Envelope) -> Document:
    return (row or {}) | order_change(fact, envelope) | {"version": envelope.sequence}


def order_change(fact: OrderEvent, envelope: Envelope) -> Document:
    match fact:
        case OrderSubmitted():
            return order_row(fact, envelope)
        case OrderHeld(reasons=reasons):
            return {"status": "held", "reasons": list(reasons)}
        case OrderApproved(approved_by=by, revision=revision):
            return decided("approved") | {"approved_by": by, "revision": revision}
        case OrderCancelled() | OrderReopened():
            status = "cancelled" if isinstance(fact, OrderCancelled) else "submitted"
            return decided(status) | {"revision": fact.revision}
        case OrderRejected():
            return decided("rejected")
        case OrderShipped(shipped_on=day):
            return decided("shipped") | {"shipped_on": day.isoformat()}
        case _:
            return {"disputed": True} if isinstance(fact, DisputeFlagged) else {}


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


def payment_row(payment: Payment, envelope: Envelope) -> Document:
    told: Document = document(payment)
    del told["payer"]
    none = {"allocations": [], "unallocated": told["amount"], "revision": 0}
    undecided = {"status": "received", "matched": None, "reason": None}
    return told | none | undecided | {"recorded_at": envelope.time.isoformat()}


def allocation(fact: PaymentReceived | PaymentAllocated) -> Document:
    return {
        "revision": fact.revision,
        "allocations": document(fact.allocations),
        "unallocated": document(fact.unallocated),
    }


ORDERS: Projection[OrderEvent] = Projection(
    name="orders.orders",
    facts=get_args(OrderEvent),
    keys=by_order,
    fold=orders,
    indexes=(Index("status"), Index("likeness"), Index("submitted_at", "instant")),
    partner_field="partner_id",
)
PAYMENTS: Projection[PaymentFact] = Projection(
    name="orders.payments",
    facts=get_args(PaymentFact),
    keys=by_payment,
    fold=payments,
    indexes=(Index("status"), Index("document_no"), Index("paid_on")),
    partner_field="partner_id",
)
