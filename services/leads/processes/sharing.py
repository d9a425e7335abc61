"""How a lead finds its partner: rule, turn, offer; and again, until one accepts or none is left.

An offer begins when it is made, so `at` is the time the fact before it was recorded.
"""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal

from services.leads.domain.commands import (
    FreePlace,
    GiveTurn,
    OfferLead,
    OverflowLead,
    ReconsiderLead,
)
from services.leads.domain.events import (
    CandidatesExhausted,
    CoverageLearned,
    LeadOverflowed,
    LeadRetried,
    LeadRulePublished,
    OfferDropped,
    PartnerPicked,
    PlaceFreed,
    TurnGiven,
)
from services.leads.domain.offers import Absent, Lead, Waiting
from services.leads.domain.rule import BY_HAND, contender
from services.leads.domain.streams import lead, partner, rotation
from services.leads.processes.deadline import deadline
from services.leads.projections.pipeline import PIPELINE, unknown
from services.leads.projections.rules import rule_for
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    Candidate,
    LeadDeclined,
    LeadRegistered,
    LeadReleased,
    RuleVersion,
)
from shared.kernel.paging import every
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import Condition
from shared.kernel.process import Process

Sought = LeadRegistered | LeadRetried | PlaceFreed
Over = LeadDeclined | LeadReleased | OfferDropped


async def assign(fact: Sought, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """The rule that is for the lead takes a turn; no rule, no partner."""
    stream = lead(fact.lead_id)
    waiting: Lead = await read.fold(stream)
    if not isinstance(waiting, Waiting):
        return []
    rule = await rule_for(read, waiting.about)
    if rule is None:
        nobody = OverflowLead(offer=waiting.next, reason="no-rule", at=envelope.time)
        return [(stream, nobody)]
    return [(rotation(rule.rule_id), await turn(rule, waiting, envelope, read))]


async def turn(
    rule: LeadRulePublished, waiting: Waiting, envelope: Envelope, read: Read
) -> GiveTurn:
    contenders = [
        contender(
            one.partner_id,
            one.weight,
            await read.fold(partner(one.partner_id)),
            waiting.about,
            waiting.offered_to(one.partner_id),
        )
        for one in rule.terms.weights
    ]
    return GiveTurn(
        lead_id=waiting.lead_id,
        offer=waiting.next,
        rule=RuleVersion(id=rule.rule_id, version=rule.version),
        contenders=tuple(contenders),
        capacity=rule.terms.capacity,
        sla=rule.terms.sla,
        at=envelope.time,
    )


async def offer(
    fact: TurnGiven | PartnerPicked, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    accept_by, calendar = await deadline(read, fact.sla, envelope.time)
    rule, candidates = reasons(fact)
    offered = OfferLead(
        offer=fact.offer,
        partner_id=fact.partner_id,
        rule=rule,
        candidates=candidates,
        accept_by=accept_by,
        calendar=calendar,
        at=envelope.time,
    )
    return [(lead(fact.lead_id), offered)]


def reasons(fact: TurnGiven | PartnerPicked) -> tuple[RuleVersion, tuple[Candidate, ...]]:
    match fact:
        case TurnGiven():
            return fact.rule, fact.candidates
        case PartnerPicked():
            return BY_HAND, (Candidate(partner_id=fact.partner_id, score=Decimal(0)),)


async def overflow(fact: CandidatesExhausted, envelope: Envelope, _: Read) -> Iterable[Asked]:
    nobody = OverflowLead(
        offer=fact.offer,
        reason="no-candidate",
        rule=fact.rule,
        candidates=fact.candidates,
        at=envelope.time,
    )
    return [(lead(fact.lead_id), nobody)]


async def free(fact: Over, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """The place in the rotation; what a person had assigned goes back to a person."""
    rule = await rule_of(fact, read)
    if rule == BY_HAND:
        back = OverflowLead(
            offer=fact.offer + 1, reason="hand-assignment-ended", rule=rule, at=envelope.time
        )
        return [(lead(fact.lead_id), back)]
    freed = FreePlace(lead_id=fact.lead_id, offer=fact.offer, at=envelope.time)
    return [(rotation(rule.id), freed)]


async def rule_of(fact: Over, read: Read) -> RuleVersion:
    if isinstance(fact, OfferDropped):
        return fact.rule
    state: Lead = await read.fold(lead(fact.lead_id))
    assert not isinstance(state, Absent)
    return state.offers[fact.offer - 1].rule


async def reconsider(
    fact: CoverageLearned | LeadOverflowed, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """What overflowed while a partner was not known yet may be for it, whichever came first."""
    match fact:
        case CoverageLearned():
            leads = [lead_id async for lead_id in awaiting(fact.partner_id, read)]
        case LeadOverflowed():
            known = [await read.fold(partner(one)) for one in unknown(fact)]
            leads = [fact.lead_id] if any(one.coverage for one in known) else []
    return [(lead(lead_id), ReconsiderLead(at=envelope.time)) for lead_id in leads]


async def awaiting(partner_id: str, read: Read) -> AsyncIterator[str]:
    where: list[Condition] = [("status", "eq", "overflow"), ("awaits", "eq", "partner")]
    async for row in every(read, PIPELINE.name, *where):
        if partner_id in row["unknown"]:
            yield row["lead_id"]


ASSIGN: Process[Sought] = Process(
    name="leads.assign", facts=(LeadRegistered, LeadRetried, PlaceFreed), react=assign
)
OFFER: Process[TurnGiven | PartnerPicked] = Process(
    name="leads.offer", facts=(TurnGiven, PartnerPicked), react=offer
)
OVERFLOW: Process[CandidatesExhausted] = Process(
    name="leads.overflow", facts=(CandidatesExhausted,), react=overflow
)
FREE: Process[Over] = Process(
    name="leads.free-place", facts=(LeadDeclined, LeadReleased, OfferDropped), react=free
)
RECONSIDER: Process[CoverageLearned | LeadOverflowed] = Process(
    name="leads.reconsider", facts=(CoverageLearned, LeadOverflowed), react=reconsider
)
