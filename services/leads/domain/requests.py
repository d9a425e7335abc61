"""What people may do with a lead: answer an offer, recall it, help out, close."""

from services.leads.domain.commands import (
    AcceptLead,
    Answer,
    CloseLead,
    FromStaff,
    PickPartner,
    RecallLead,
    RetryLead,
)
from services.leads.domain.events import LeadEvent, LeadRetried, PartnerPicked
from services.leads.domain.offers import (
    Accepted,
    Known,
    Offer,
    Offered,
    Overflowed,
    Waiting,
    released,
    status,
)
from shared.contracts.leads import LeadAccepted, LeadClosed, LeadDeclined
from shared.kernel.errors import NotFound, Refused


def answer(command: Answer, lead: Known) -> list[LeadEvent]:
    """An answer names its offer: it counts for the last one only, before its time is over."""
    offer = named(command, lead)
    if offer is not lead.offers[-1]:
        raise Refused("offer-superseded", f"offer {offer.number} superseded")
    if not isinstance(lead, Offered):
        raise over(offer)
    if command.at >= offer.accept_by:
        told = f"offer {offer.number} was to be answered before {offer.accept_by.isoformat()}"
        raise Refused("offer-expired", told)
    if isinstance(command, AcceptLead):
        return [
            LeadAccepted(
                lead_id=lead.lead_id,
                partner_id=offer.partner_id,
                customer_id=lead.about.customer_id,
                offer=offer.number,
            )
        ]
    return [
        LeadDeclined(
            lead_id=lead.lead_id,
            partner_id=offer.partner_id,
            offer=offer.number,
            reason=command.reason,
        )
    ]


def over(offer: Offer) -> Refused:
    match offer.answer:
        case "accepted":
            return Refused("offer-accepted", f"offer {offer.number} was accepted already")
        case "declined":
            return Refused("offer-declined", f"offer {offer.number} was declined already")
        case "timed-out":
            return Refused("offer-expired", f"nobody answered offer {offer.number} in time")
        case "recalled":
            return Refused("offer-superseded", f"offer {offer.number} superseded: recalled")
        case _:
            return Refused("lead-closed", f"offer {offer.number} ended with the lead")


def named(command: Answer, lead: Known) -> Offer:
    """A partner learns nothing of a lead that was never offered to it, or of others' offers."""
    if command.partner_id and not lead.offered_to(command.partner_id):
        raise NotFound("lead-not-found")
    for offer in lead.offers:
        if offer.number == command.offer and command.partner_id in {None, offer.partner_id}:
            return offer
    raise Refused("offer-unknown", f"there is no offer {command.offer} to answer")


def direct(command: FromStaff, lead: Known) -> list[LeadEvent]:
    match lead, command:
        case _, CloseLead():
            return close(command, lead)
        case _, RecallLead():
            return recall(command, lead)
        case Overflowed(), PickPartner():
            picked = PartnerPicked(
                lead_id=lead.lead_id,
                offer=lead.next,
                partner_id=command.partner_id,
                sla=command.sla,
            )
            return [picked]
        case Overflowed(), RetryLead():
            return [LeadRetried(lead_id=lead.lead_id)]
        case _:
            raise Refused("lead-wrong-status", f"the lead is {status(lead)}, not in overflow")


def recall(command: RecallLead, lead: Known) -> list[LeadEvent]:
    """At the very instant of the time-out there is nothing left to recall: one next, not two."""
    if just_over(command, lead):
        return []
    if not isinstance(lead, Offered):
        raise Refused("lead-wrong-status", f"the lead is {status(lead)}, not offered")
    if command.offer is not None and command.offer < lead.offer.number:
        raise Refused("offer-superseded", f"offer {command.offer} superseded")
    if command.offer not in {None, lead.offer.number}:
        raise Refused("offer-unknown", f"offer {lead.offer.number} is the last one")
    return [released(lead, "recalled", command.reason)]


def just_over(command: RecallLead, lead: Known) -> bool:
    return any(
        offer.answer == "timed-out"
        and offer.accept_by == command.at
        and command.offer in {None, offer.number}
        for offer in lead.offers
    )


def close(command: CloseLead, lead: Known) -> list[LeadEvent]:
    """By staff at any time, by a partner once it has accepted."""
    if command.partner_id and not lead.offered_to(command.partner_id):
        raise NotFound("lead-not-found")
    if command.partner_id and not (
        isinstance(lead, Accepted) and lead.offer.partner_id == command.partner_id
    ):
        raise Refused("lead-wrong-status", "only a lead that you have accepted is yours to close")
    closed = LeadClosed(
        lead_id=lead.lead_id,
        customer_id=lead.about.customer_id,
        outcome=command.outcome,
        reason=command.reason,
    )
    match lead:
        case Offered() | Accepted():
            return [released(lead, "closed"), closed]
        case Waiting() | Overflowed():
            return [closed]
        case _:
            raise Refused("lead-wrong-status", "the lead is closed already")
