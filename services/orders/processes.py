"""Own facts that ask for own commands: an order and its account agree step by step."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from services.orders.domain.commands import (
    AllocatePayment,
    ConfirmOrder,
    FreeOrder,
    HoldOrder,
    LiftHold,
    RecheckOrder,
    RegisterOrder,
    RejectPayment,
)
from services.orders.domain.events import (
    ApprovalGranted,
    CreditReserved,
    CreditWithheld,
    PaymentDeclined,
    PaymentResumed,
    ReceiptRecorded,
    ReleaseRequested,
)
from services.orders.domain.pricing import pieces
from services.orders.domain.streams import account_stream, order_stream, receipt_stream
from shared.contracts.calendar import business_day, start_of
from shared.contracts.event import Envelope
from shared.contracts.orders import OrderCancelled, OrderRejected, OrderReopened, OrderSubmitted
from shared.kernel.claim import RejectClaim, rejection
from shared.kernel.policy import Asked, Process, Read

PATIENCE = timedelta(hours=24)


async def register(fact: OrderSubmitted, envelope: Envelope, read: Read) -> Iterable[Asked]:
    command = RegisterOrder(
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
    return [(account_stream(fact.partner_id), command)]


def verdict_on(history: str | None) -> Literal["check", "confirmed", "imported"]:
    """History is recorded, not decided again."""
    match history:
        case None:
            return "check"
        case "held":
            return "imported"
        case _:
            return "confirmed"


async def recheck(fact: OrderReopened, envelope: Envelope, read: Read) -> Iterable[Asked]:
    command = RecheckOrder(
        partner_id=fact.partner_id,
        order_id=fact.order_id,
        round=fact.revision,
        at=envelope.occurredat,
    )
    return [(account_stream(fact.partner_id), command)]


async def answer(
    fact: CreditReserved | CreditWithheld, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """An order is confirmed when the account did so, whatever day the money was paid on."""
    at = envelope.time
    match fact:
        case CreditReserved():
            command: ConfirmOrder | HoldOrder = ConfirmOrder(round=fact.round, at=at)
        case CreditWithheld():
            command = HoldOrder(round=fact.round, reasons=fact.reasons, at=at)
    return [(order_stream(fact.order_id), command)]


async def lift(
    fact: ApprovalGranted | ReleaseRequested, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    command = LiftHold(
        partner_id=fact.partner_id,
        order_id=fact.order_id,
        reason=fact.reason if isinstance(fact, ReleaseRequested) else "director-approval",
        at=envelope.occurredat,
    )
    return [(account_stream(fact.partner_id), command)]


async def free(
    fact: OrderCancelled | OrderRejected, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    command = FreeOrder(
        partner_id=fact.partner_id, order_id=fact.order_id, at=envelope.occurredat
    )
    return [(account_stream(fact.partner_id), command)]


async def allocate(
    fact: ReceiptRecorded | PaymentResumed, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """Money occurs on the day it was paid; it waits from the moment we heard of it."""
    command = AllocatePayment(
        payment=fact.payment,
        origin=fact.origin,
        until=fact.until if isinstance(fact, PaymentResumed) else envelope.time + PATIENCE,
        at=start_of(fact.payment.paid_on),
    )
    return [(account_stream(fact.partner_id), command)]


async def reject(fact: PaymentDeclined, envelope: Envelope, read: Read) -> Iterable[Asked]:
    at, slug, detail = envelope.time, fact.slug, fact.detail
    rejected = RejectPayment(slug=slug, detail=detail, at=at)
    asked: list[Asked] = [(receipt_stream(fact.payment_id), rejected)]
    if origin := fact.origin:
        claim = RejectClaim(origin=origin, slug=slug, detail=detail, at=at)
        asked.append((rejection("orders", origin), claim))
    return asked


PROCESSES = (
    Process(name="orders.register", facts=(OrderSubmitted,), react=register),
    Process(name="orders.recheck", facts=(OrderReopened,), react=recheck),
    Process(name="orders.answer", facts=(CreditReserved, CreditWithheld), react=answer),
    Process(name="orders.lift", facts=(ApprovalGranted, ReleaseRequested), react=lift),
    Process(name="orders.free", facts=(OrderCancelled, OrderRejected), react=free),
    Process(name="orders.allocate", facts=(ReceiptRecorded, PaymentResumed), react=allocate),
    Process(name="orders.reject", facts=(PaymentDeclined,), react=reject),
)
