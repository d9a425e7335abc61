"""What others tell becomes what we count: money, and opportunities with all their versions."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.forecast.domain.actuals import actuals_stream
from services.forecast.domain.commands import (
    AwaitRound,
    RecordActual,
    RecordOpportunity,
    WatchRegion,
)
from services.forecast.domain.events import OpportunityRecorded
from services.forecast.domain.opportunity import opportunity_stream
from services.forecast.domain.region import region_stream
from services.forecast.domain.round import STREAM
from services.forecast.projections import PAYMENT_TOLD, PaymentTold, pieces
from shared.contracts.event import Envelope
from shared.contracts.leads import OpportunityLost, OpportunityStageChanged, OpportunityWon
from shared.kernel.policy import Asked, Policy, Read

OpportunityTold = OpportunityStageChanged | OpportunityWon | OpportunityLost


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


async def record_opportunity(
    fact: OpportunityTold, envelope: Envelope, _: Read
) -> Iterable[Asked]:
    at = envelope.occurredat
    command = RecordOpportunity(told=version(fact, envelope), at=at)
    return [
        (opportunity_stream(fact.opportunity_id), command),
        (STREAM, AwaitRound(recorded_at=envelope.time, at=at)),
    ]


def version(fact: OpportunityTold, envelope: Envelope) -> OpportunityRecorded:
    category, closes = state(fact)
    staged = fact if isinstance(fact, OpportunityStageChanged) else None
    return OpportunityRecorded(
        opportunity_id=fact.opportunity_id,
        place=envelope.sequence,
        partner_id=fact.partner_id,
        region=fact.region,
        product_line=fact.product_line,
        category=category,
        stage=staged.stage if staged else None,
        probability=staged.probability if staged else None,
        amount=fact.amount,
        closes=closes,
        fact_id=envelope.id,
        occurred_at=envelope.occurredat,
        recorded_at=envelope.time,
    )


def state(fact: OpportunityTold) -> tuple[str, date | None]:
    match fact:
        case OpportunityWon():
            return "closed", fact.won_on
        case OpportunityLost():
            return "lost", fact.lost_on
        case OpportunityStageChanged():
            return fact.category, fact.expected_close


WHEN_OPPORTUNITY_TOLD_RECORD: Policy[OpportunityTold] = Policy(
    name="forecast.when-opportunity-told-record",
    facts=(OpportunityStageChanged, OpportunityWon, OpportunityLost),
    react=record_opportunity,
)
WHEN_PAYMENT_TOLD_RECORD: Policy[PaymentTold] = Policy(
    name="forecast.when-payment-told-record",
    facts=PAYMENT_TOLD,
    react=record,
)
POLICIES: tuple[Policy[Any], ...] = (WHEN_PAYMENT_TOLD_RECORD, WHEN_OPPORTUNITY_TOLD_RECORD)
