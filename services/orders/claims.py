"""What other systems report: money that was paid, and goods that left or arrived."""

from collections.abc import Iterable
from typing import Any

from services.orders.domain.commands import RecordPayment
from services.orders.domain.events import Payment
from services.orders.domain.goods import LinePart, ReportShipment, Shipment
from services.orders.domain.pricing import plausible
from services.orders.domain.receipt import Receipt, Recorded, check, sound
from services.orders.domain.streams import (
    order_stream,
    payer_id_of,
    payment_id_of,
    receipt_stream,
)
from shared.contracts.ids import named
from shared.contracts.inbound import PaymentReported, ShipmentReported
from shared.kernel.claim import Claim, Claimed
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import People


async def report(
    claim: PaymentReported, claimed: Claimed, read: Read, people: People
) -> Iterable[Asked]:
    """The document is the payment: the same again is done, with other content it is refused."""
    payment = sound(payment_of(claim))
    stream = receipt_stream(payment.payment_id)
    receipt: Receipt = await read.fold(stream)
    check(receipt, payment)
    if isinstance(receipt, Recorded):
        return []
    if payment.payer:
        await people.put(payment.payer, {"name": str(claim.payer)})
    return [(stream, RecordPayment(payment=payment, origin=claimed.origin, at=claimed.at))]


def payment_of(claim: PaymentReported) -> Payment:
    return Payment(
        payment_id=payment_id_of(claim.source_system, claim.document_no),
        source_system=claim.source_system,
        document_no=claim.document_no,
        partner_id=claim.partner_id,
        order_id=claim.order_id,
        amount=claim.amount,
        paid_on=claim.paid_on,
        payer=payer_id_of(claim.partner_id, claim.payer) if claim.payer else None,
        sales_id=claim.sales_id,
    )


async def ship(
    claim: ShipmentReported, claimed: Claimed, read: Read, people: People
) -> Iterable[Asked]:
    """The order decides: it is booked, waits for the order to be confirmed, or is rejected."""
    command = ReportShipment(shipment=sent(claim), origin=claimed.origin, at=claimed.at)
    return [(order_stream(claim.order_id), command)]


def sent(claim: ShipmentReported) -> Shipment:
    identity = (claim.source_system, claim.document_no, claim.order_id)
    return Shipment(
        shipment_id=named("shipment", *identity, claim.delivered_on),
        source_system=claim.source_system,
        document_no=claim.document_no,
        partner_id=claim.partner_id,
        order_id=claim.order_id,
        shipped_on=plausible(claim.shipped_on),
        delivered_on=plausible(claim.delivered_on) if claim.delivered_on else None,
        lines=tuple(LinePart(line=one.line, quantity=one.quantity) for one in claim.lines),
    )


CLAIMS: tuple[Claim[Any], ...] = (
    Claim(fact=PaymentReported, react=report),
    Claim(fact=ShipmentReported, react=ship),
)
