"""Own facts that ask for own commands: an order, a receipt and their account agree in steps.

All that an account hears comes through one process, so it hears it in the order it happened:
no order is cancelled before it was submitted, no payment overtakes the order it names.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from services.orders.domain.approval.approving import APPROVAL
from services.orders.domain.approval.events import (
    ApprovalGranted,
)
from services.orders.domain.commands import (
    AccountCommand,
    AllocatePayment,
    ConfirmOrder,
    FreeOrder,
    HoldOrder,
    LiftHold,
    RecheckOrder,
    ReduceOrder,
    RegisterOrder,
    RejectPayment,
)
from services.orders.domain.events import (
    CreditReserved,
    CreditWithheld,
    PaymentDeclined,
    PaymentResumed,
    ReceiptRecorded,
    ReleaseRequested,
    ShipmentDeclined,
)
from services.orders.domain.goods import PATIENCE
from services.orders.domain.pricing import pieces
from services.orders.domain.streams import (
    ORDER_RULE,
    account_stream,
    order_stream,
    receipt_stream,
)
from shared.contracts.calendar import business_day, start_of
from shared.contracts.event import Envelope
from shared.contracts.money import total
from shared.contracts.orders import (
    GoodsReturned,
    OrderCancelled,
    OrderRejected,
    OrderReopened,
    OrderSubmitted,
)
from shared.kernel.claim import RejectClaim, rejection
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process

TOLD = (
    OrderSubmitted,
    OrderReopened,
    OrderCancelled,
    OrderRejected,
    GoodsReturned,
    ApprovalGranted,
    ReleaseRequested,
    ReceiptRecorded,
    PaymentResumed,
)
Told = (
    OrderSubmitted
    | OrderReopened
    | OrderCancelled
    | OrderRejected
    | GoodsReturned
    | ApprovalGranted
    | ReleaseRequested
    | ReceiptRecorded
    | PaymentResumed
)


async def tell(fact: Told, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """A new check is made by the present rule of who must agree; history is not checked."""
    command = told(fact, envelope)
    match command:
        case RecheckOrder() | RegisterOrder(verdict="check" | "imported"):
            command = replace(command, rule=await read.fold(ORDER_RULE))
    return [(account_stream(fact.partner_id), command)]


def told(fact: Told, envelope: Envelope) -> AccountCommand:
    who, at = fact.partner_id, envelope.occurredat
    match fact:
        case OrderSubmitted():
            return registered(fact, envelope)
        case OrderReopened(order_id=order_id):
            return RecheckOrder(partner_id=who, order_id=order_id, round=fact.revision, at=at)
        case GoodsReturned() | OrderCancelled(whole=False):
            return lessened(fact, at)
        case OrderCancelled(order_id=order_id) | OrderRejected(order_id=order_id):
            return FreeOrder(partner_id=who, order_id=order_id, at=at)
        case ApprovalGranted(order_id=order_id):
            return LiftHold(partner_id=who, order_id=order_id, reason=APPROVAL, at=at)
        case ReleaseRequested(order_id=order_id, reason=reason):
            return LiftHold(partner_id=who, order_id=order_id, reason=reason, at=at)
        case ReceiptRecorded() | PaymentResumed():
            return paid(fact, envelope)


def registered(fact: OrderSubmitted, envelope: Envelope) -> RegisterOrder:
    return RegisterOrder(
        partner_id=fact.partner_id,
        order_id=fact.order_id,
        region=fact.region,
        customer_id=fact.customer_id,
        submitted_on=business_day(envelope.occurredat),
        ordered_on=fact.ordered_on,
        pieces=pieces(fact.lines),
        net=fact.net,
        total=fact.total,
        verdict=verdict_on(fact.history),
        at=envelope.occurredat,
    )


def verdict_on(history: str | None) -> Literal["check", "confirmed", "imported"]:
    """History is recorded, not decided again."""
    match history:
        case None:
            return "check"
        case "held":
            return "imported"
        case _:
            return "confirmed"


def lessened(fact: OrderCancelled | GoodsReturned, at: datetime) -> ReduceOrder:
    currency = fact.lines[0].amount.currency
    return ReduceOrder(
        partner_id=fact.partner_id,
        order_id=fact.order_id,
        revision=fact.revision,
        pieces=pieces(fact.lines),
        net=total((line.net for line in fact.lines), currency),
        total=total((line.amount for line in fact.lines), currency),
        returned=isinstance(fact, GoodsReturned),
        at=at,
    )


def paid(fact: ReceiptRecorded | PaymentResumed, envelope: Envelope) -> AllocatePayment:
    """Money occurs on the day it was paid; it waits from the moment we heard of it."""
    return AllocatePayment(
        payment=fact.payment,
        origin=fact.origin,
        until=fact.until if isinstance(fact, PaymentResumed) else envelope.time + PATIENCE,
        at=start_of(fact.payment.paid_on),
    )


async def answer(
    fact: CreditReserved | CreditWithheld, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """An order is confirmed when its account did so, whatever day the money was paid on."""
    at = envelope.time
    match fact:
        case CreditReserved():
            return [(order_stream(fact.order_id), ConfirmOrder(round=fact.round, at=at))]
        case CreditWithheld():
            held = HoldOrder(round=fact.round, reasons=fact.reasons, route=fact.route, at=at)
            return [(order_stream(fact.order_id), held)]


async def reject(
    fact: PaymentDeclined | ShipmentDeclined, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    if isinstance(fact, ShipmentDeclined):
        return [_rejected(fact, envelope)]
    at, slug, detail = envelope.time, fact.slug, fact.detail
    rejected = RejectPayment(slug=slug, detail=detail, at=at)
    asked: list[Asked] = [(receipt_stream(fact.payment_id), rejected)]
    if origin := fact.origin:
        claim = RejectClaim(origin=origin, slug=slug, detail=detail, at=at)
        asked.append((rejection("orders", origin), claim))
    return asked


def _rejected(fact: ShipmentDeclined, envelope: Envelope) -> Asked:
    claim = RejectClaim(origin=fact.origin, slug=fact.slug, detail=fact.detail, at=envelope.time)
    return rejection("orders", fact.origin), claim


PROCESSES: tuple[Process[Any], ...] = (
    Process(name="orders.tell-account", facts=TOLD, react=tell),
    Process(name="orders.answer-order", facts=(CreditReserved, CreditWithheld), react=answer),
    Process(name="orders.reject-receipt", facts=(PaymentDeclined, ShipmentDeclined), react=reject),
)
