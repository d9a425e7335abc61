"""Money that orders tells of becomes money that we count."""

from collections.abc import Iterable

from services.forecast.domain.actuals import actuals_stream, summed
from services.forecast.domain.commands import RecordActual
from services.forecast.domain.events import Piece
from shared.contracts.event import Envelope
from shared.contracts.orders import PaymentAllocated, PaymentReceived
from shared.kernel.policy import Asked, Policy, Read

PaymentTold = PaymentReceived | PaymentAllocated


async def record(fact: PaymentTold, envelope: Envelope, _: Read) -> Iterable[Asked]:
    lines = [line for allocation in fact.allocations for line in allocation.lines]
    command = RecordActual(
        partner_id=fact.partner_id,
        payment_id=fact.payment_id,
        paid_on=fact.paid_on,
        revision=fact.revision,
        pieces=summed(Piece(product_line=line.product_line, net=line.net) for line in lines),
        fact_id=envelope.id,
        recorded_at=envelope.time,
        at=envelope.occurredat,
    )
    return [(actuals_stream(fact.partner_id, fact.paid_on.year), command)]


WHEN_PAYMENT_TOLD_RECORD: Policy[PaymentTold] = Policy(
    name="forecast.when-payment-told-record",
    facts=(PaymentReceived, PaymentAllocated),
    react=record,
)
