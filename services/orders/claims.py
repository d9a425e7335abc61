"""PaymentReported: what a bank, an ERP or a finance system says was paid."""

from collections.abc import Iterable

from services.orders.domain.commands import RecordPayment
from services.orders.domain.events import Payment
from services.orders.domain.receipt import Receipt, Recorded, check, sound
from services.orders.domain.streams import payer_id_of, payment_id_of, receipt_stream
from shared.contracts.inbound import PaymentReported
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


CLAIMS = (Claim(fact=PaymentReported, react=report),)
