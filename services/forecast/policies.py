"""Money that orders tells of becomes money that we count, and a reason to look at its regions."""

from collections.abc import Iterable

from services.forecast.domain.actuals import actuals_stream
from services.forecast.domain.commands import RecordActual, WatchRegion
from services.forecast.domain.region import region_stream
from services.forecast.projections import PAYMENT_TOLD, PaymentTold, pieces
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Policy, Read


async def record(fact: PaymentTold, envelope: Envelope, _: Read) -> Iterable[Asked]:
    command = RecordActual(
        partner_id=fact.partner_id,
        payment_id=fact.payment_id,
        paid_on=fact.paid_on,
        revision=fact.revision,
        pieces=pieces(fact),
        fact_id=envelope.id,
        recorded_at=envelope.time,
        at=envelope.occurredat,
    )
    regions = {allocation.region for allocation in fact.allocations}
    return [
        (actuals_stream(fact.partner_id, fact.paid_on.year), command),
        *[(region_stream(one), watch(one, envelope)) for one in sorted(regions)],
    ]


def watch(region: str, envelope: Envelope) -> WatchRegion:
    return WatchRegion(region=region, recorded_at=envelope.time, at=envelope.occurredat)


WHEN_PAYMENT_TOLD_RECORD: Policy[PaymentTold] = Policy(
    name="forecast.when-payment-told-record",
    facts=PAYMENT_TOLD,
    react=record,
)
