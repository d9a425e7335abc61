"""Money that orders tells of, as far as a partner's accrued funds follow from it."""

from collections.abc import Iterable

from services.mdf.domain.accrual import summed
from services.mdf.domain.commands import RecordCollection
from services.mdf.domain.halves import half_of
from services.mdf.domain.streams import accrual_stream
from shared.contracts.event import Envelope
from shared.contracts.orders import (
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.kernel.policy import Asked, Policy, Read

Payment = PaymentReceived | PaymentAllocated | PaymentRefunded | PaymentReversed


async def record(fact: Payment, envelope: Envelope, _: Read) -> Iterable[Asked]:
    """Into the half year in which it was paid, also what was refunded or reversed later (m7)."""
    half = half_of(fact.paid_on)
    nets = (line.net for one in fact.allocations for line in one.lines)
    command = RecordCollection(
        partner_id=fact.partner_id,
        half=half,
        payment_id=fact.payment_id,
        revision=fact.revision,
        net=summed(one.rounded() for one in nets),
        at=envelope.occurredat,
    )
    return [(accrual_stream(fact.partner_id, half), command)]


WHEN_PAID_RECORD: Policy[Payment] = Policy(
    name="mdf.when-paid-record",
    facts=(PaymentReceived, PaymentAllocated, PaymentRefunded, PaymentReversed),
    react=record,
)
POLICIES = (WHEN_PAID_RECORD,)
