"""The life of a lead: registered, offered from partner to partner until one accepts, closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from services.leads.domain.commands import (
    AcceptLead,
    DeclineLead,
    FromProcess,
    LeadCommand,
    OfferLead,
    OverflowLead,
    ReconsiderLead,
    RegisterLead,
    TimeOutOffer,
    TransferLead,
)
from services.leads.domain.events import (
    CompanyIntroduced,
    LeadEvent,
    LeadOverflowed,
    LeadRetried,
    LeadTransferred,
    OfferDropped,
    PartnerPicked,
)
from services.leads.domain.offers import (
    Absent,
    Accepted,
    Closed,
    Known,
    Lead,
    Offer,
    Offered,
    Overflowed,
    Waiting,
    ended,
    released,
)
from services.leads.domain.requests import answer, direct
from services.leads.domain.rule import BY_HAND
from shared.contracts.leads import (
    LeadAccepted,
    LeadAssigned,
    LeadClosed,
    LeadDeclined,
    LeadRegistered,
    LeadReleased,
)
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import NotFound, Refused


def decide(command: LeadCommand, lead: Lead) -> Sequence[LeadEvent]:
    if isinstance(lead, Absent):
        return begin(command)
    match command:
        case RegisterLead():
            raise Refused("lead-exists", f"{command.lead_id} is a lead: choose another id")
        case OfferLead() | OverflowLead() | TimeOutOffer() | ReconsiderLead() | TransferLead():
            return follow(command, lead)
        case AcceptLead() | DeclineLead():
            return answer(command, lead)
        case _:
            return direct(command, lead)


def evolve(lead: Lead, fact: LeadEvent) -> Lead:
    match lead, fact:
        case Absent(), LeadRegistered():
            return Waiting(about=fact)
        case Absent(), _:
            raise corrupt(lead, fact)
        case _, CompanyIntroduced() | OfferDropped():
            return lead
        case _, LeadTransferred():
            return replace(lead, about=replace(lead.about, owner=fact.owner))
        case _:
            return moved(lead, fact)


def moved(lead: Lead, fact: LeadEvent) -> Known:
    match lead, fact:
        case Waiting(), LeadAssigned():
            return Offered(about=lead.about, offers=(*lead.offers, made(fact)))
        case Offered(), LeadAccepted():
            return Accepted(about=lead.about, offers=ended(lead, "accepted"))
        case Offered() | Accepted(), LeadReleased() | LeadDeclined():
            how = fact.reason if isinstance(fact, LeadReleased) else "declined"
            return Waiting(about=lead.about, offers=ended(lead, how))
        case Waiting(), LeadOverflowed():
            return Overflowed(about=lead.about, offers=lead.offers, why=fact)
        case Overflowed(), LeadRetried() | PartnerPicked():
            return Waiting(about=lead.about, offers=lead.offers)
        case Waiting() | Overflowed(), LeadClosed():
            return Closed(about=lead.about, offers=lead.offers, outcome=fact.outcome)
        case _:
            raise corrupt(lead, fact)


def begin(command: LeadCommand) -> list[LeadEvent]:
    match command:
        case RegisterLead():
            return registered(command)
        case OfferLead() | OverflowLead() | TimeOutOffer() | ReconsiderLead() | TransferLead():
            return []
        case _:
            raise NotFound("lead-not-found")


def registered(command: RegisterLead) -> list[LeadEvent]:
    lead = LeadRegistered(
        lead_id=command.lead_id,
        customer_id=command.customer_id,
        source=command.source,
        region=command.region,
        industry=command.industry,
        product_line=command.product_line,
        estimated_amount=command.estimated_amount,
        person_id=command.person_id,
        captured_at=(command.captured_at or command.at).astimezone(UTC),
        campaign=command.campaign,
        owner=command.owner,
    )
    if command.company is None:
        return [lead]
    company = CompanyIntroduced(
        customer_id=command.customer_id,
        name=command.company.name,
        uscc=command.company.uscc,
        region=command.region,
        industry=command.industry,
    )
    return [lead, company]


def follow(command: FromProcess, lead: Known) -> list[LeadEvent]:
    """What our own processes and the clock ask: out of date it comes to nothing."""
    match lead, command:
        case Waiting(), OfferLead() if command.offer == lead.next:
            return [assigned(command, lead)]
        case _, OfferLead() if command.rule != BY_HAND:
            return [OfferDropped(lead_id=lead.lead_id, offer=command.offer, rule=command.rule)]
        case Waiting(), OverflowLead() if command.offer == lead.next:
            return [overflowed(command, lead)]
        case Offered(), TimeOutOffer() if lead.offer.accept_by <= command.at:
            return [released(lead, "timed-out")]
        case _, TransferLead() if command.previous == lead.about.owner:
            return [transferred(command, lead)]
        case Overflowed(), ReconsiderLead():
            return [LeadRetried(lead_id=lead.lead_id)]
        case _:
            return []


def transferred(command: TransferLead, lead: Known) -> LeadTransferred:
    return LeadTransferred(lead_id=lead.lead_id, owner=command.owner, previous=command.previous)


def assigned(command: OfferLead, lead: Waiting) -> LeadAssigned:
    return LeadAssigned(
        lead_id=lead.lead_id,
        partner_id=command.partner_id,
        customer_id=lead.about.customer_id,
        region=lead.about.region,
        industry=lead.about.industry,
        product_line=lead.about.product_line,
        rule=command.rule,
        candidates=command.candidates,
        offer=command.offer,
        accept_by=command.accept_by,
        calendar=command.calendar,
    )


def overflowed(command: OverflowLead, lead: Waiting) -> LeadOverflowed:
    return LeadOverflowed(
        lead_id=lead.lead_id,
        offer=command.offer,
        reason=command.reason,
        rule=command.rule,
        candidates=command.candidates,
    )


def made(fact: LeadAssigned) -> Offer:
    return Offer(
        number=fact.offer,
        partner_id=fact.partner_id,
        rule=fact.rule,
        accept_by=fact.accept_by,
    )


LEAD: Decider[LeadCommand, Lead, LeadEvent] = Decider(decide, evolve, Absent())
