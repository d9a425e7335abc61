"""/v1/payments: money as it is reported by hand; other systems use the topic."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from services.orders.api.answers import ALIKE_WITHIN, Shown, account_of
from services.orders.api.bodies import PaymentIn, PaymentStatus, Refund, Reversal
from services.orders.domain.allocation import foreign, unknown
from services.orders.domain.commands import RecordPayment, RefundPayment, ReversePayment
from services.orders.domain.events import Payment
from services.orders.domain.ledger import Paid
from services.orders.domain.order import Placed
from services.orders.domain.receipt import Receipt, Recorded, Rejected, Unseen, sound
from services.orders.domain.streams import (
    account_stream,
    order_stream,
    payer_id_of,
    payment_id_of,
    receipt_stream,
)
from services.orders.projections import payment_key
from shared.contracts.ids import Id
from shared.kernel.codec import document
from shared.kernel.errors import NotFound, Refused
from shared.kernel.handler import Cause
from shared.kernel.ports import Condition, Query
from shared.runtime.context import Service
from shared.runtime.http import (
    REPLAYED,
    By,
    Caller,
    Cursor,
    Limit,
    Who,
    allow,
    answered,
    listed,
)

FINANCE = allow("manager", "finance", "director", "operations")


def payment_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/payments", tags=["payments"])

    @router.post("", status_code=201, dependencies=[FINANCE])
    async def report(body: PaymentIn, by: By, response: Response) -> Shown:
        """`waiting`: its order or partner is not known yet; after 24 hours it is rejected."""
        payment = sound(payment_of(body))
        await accepted(service, payment)
        if payment.payer:
            await service.people.put(payment.payer, {"name": str(body.payer)})
        command = RecordPayment(payment=payment, at=service.clock())
        done = await service.handle(receipt_stream(payment.payment_id), command, by)
        receipt: Receipt = await service.read.fold(receipt_stream(payment.payment_id))
        status = await status_of(service, payment, receipt)
        named = {"payment_id": payment.payment_id, "status": status}
        return answered(response, "orders", done, **named)

    _ways_back(router, service)
    _reads(router, service)
    return router


def _ways_back(router: APIRouter, service: Service) -> None:
    @router.post("/{payment_id}/refund", dependencies=[FINANCE])
    async def refund(
        payment_id: UUID, body: Refund, by: By, who: Who, response: Response
    ) -> Shown:
        """Part of a payment, or all that is left of it, goes back to the payer."""
        payment = (await known(service, payment_id, who)).payment
        command = RefundPayment(
            partner_id=payment.partner_id,
            payment_id=payment_id,
            amount=body.amount,
            refunded_on=body.refunded_on,
            reason=body.reason,
            at=service.clock(),
        )
        alike = await refunds_alike(service, command)
        shown = await back(service, command, by, response)
        return shown | {"warnings": [] if REPLAYED in response.headers else alike}

    @router.post("/{payment_id}/reversal", dependencies=[FINANCE])
    async def reversal(
        payment_id: UUID, by: By, who: Who, response: Response, body: Reversal | None = None
    ) -> Shown:
        """It never came: nothing of it remains allocated, and what it paid is due again."""
        payment = (await known(service, payment_id, who)).payment
        told = body or Reversal()
        command = ReversePayment(
            partner_id=payment.partner_id,
            payment_id=payment_id,
            reversed_on=told.reversed_on,
            reason=told.reason,
            at=service.clock(),
        )
        return await back(service, command, by, response)


async def back(
    service: Service, command: RefundPayment | ReversePayment, by: Cause, response: Response
) -> Shown:
    stream = account_stream(command.partner_id)
    done = await service.handle(stream, command, by)
    account = await account_of(service, command.partner_id)
    paid = account.payments[command.payment_id]
    left = document(account.money(paid.amount))
    named = {"payment_id": command.payment_id, "status": booked_status(paid), "left": left}
    return answered(response, "orders", done, **named)


async def known(service: Service, payment_id: UUID, who: Caller) -> Recorded | Rejected:
    """Another partner's payment and a missing one cannot be told apart."""
    receipt: Receipt = await service.read.fold(receipt_stream(payment_id))
    if isinstance(receipt, Unseen) or not who.sees(receipt.payment.partner_id):
        raise NotFound("payment-not-found")
    return receipt


async def refunds_alike(service: Service, command: RefundPayment) -> list[str]:
    """Ruling o10, for money that goes back twice."""
    key = payment_key(command.partner_id, command.payment_id)
    row = await service.read.get("orders.payments", key) or {}
    return [
        f"refund-alike: {one['revision']}"
        for one in row.get("refunds", [])
        if one["amount"] == document(command.amount.rounded())
        and command.at - datetime.fromisoformat(one["recorded_at"]) < ALIKE_WITHIN
    ]


def booked_status(paid: Paid) -> PaymentStatus:
    if paid.reversed:
        return "reversed"
    return "received" if paid.amount else "refunded"


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("")
    async def payments(
        who: Who,
        status: PaymentStatus | None = None,
        partner: Id | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Shown:
        wanted: list[Condition] = [("status", "eq", status)] if status else []
        wanted += [("partner_id", "eq", partner)] if partner else []
        query = Query((*who.scope(), *wanted), cursor=cursor, limit=limit)
        return listed(await service.read.find("orders.payments", query))

    @router.get("/{payment_id}")
    async def show(payment_id: UUID, who: Who, response: Response) -> Shown:
        stream = receipt_stream(payment_id)
        receipt = await known(service, payment_id, who)
        version = await service.handle.version(stream)
        response.headers["ETag"] = f'"{version}"'
        key = payment_key(receipt.payment.partner_id, payment_id)
        row = await service.read.get("orders.payments", key) or {}
        status = await status_of(service, receipt.payment, receipt)
        return row | {"status": status, "version": version}


def payment_of(body: PaymentIn) -> Payment:
    told = dict(body) | {"payer": payer_id_of(body.partner_id, body.payer) if body.payer else None}
    return Payment(payment_id=payment_id_of(body.source_system, body.document_no), **told)


async def accepted(service: Service, payment: Payment) -> None:
    """A new payment in a foreign currency is refused at once; a repeat is answered as before."""
    receipt = await service.read.fold(receipt_stream(payment.payment_id))
    account = await account_of(service, payment.partner_id)
    if not isinstance(receipt, Recorded) and (detail := foreign(account, payment.amount)):
        raise Refused("payment-currency", detail)


async def status_of(service: Service, payment: Payment, receipt: Receipt) -> PaymentStatus:
    """What the account has said, or will: what is stored already, it hears before the payment."""
    if isinstance(receipt, Rejected):
        return "rejected"
    account = await account_of(service, payment.partner_id)
    if paid := account.payments.get(payment.payment_id):
        return booked_status(paid)
    order_id = payment.order_id
    order = await service.read.fold(order_stream(order_id)) if order_id else None
    if isinstance(order, Placed) and order.asked.partner_id == payment.partner_id:
        order_id = None
    return "waiting" if unknown(account, order_id) else "received"
