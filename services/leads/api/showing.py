"""What of a lead is shown to whom."""

from services.leads.api.shapes import Answer
from services.leads.domain.customer import Customer
from services.leads.domain.customer import Known as Firm
from services.leads.domain.offers import (
    Absent,
    Accepted,
    Closed,
    Known,
    Lead,
    Offer,
    Offered,
    Overflowed,
    status,
)
from services.leads.domain.streams import customer, lead
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.runtime.context import Service
from shared.runtime.http import Caller


async def visible(service: Service, lead_id: str, who: Caller) -> Known:
    """To staff, and to whom it is or was offered; to others it does not exist."""
    state: Lead = await service.read.fold(lead(lead_id))
    if isinstance(state, Absent) or not (
        who.partner_id is None or state.offered_to(who.partner_id)
    ):
        raise NotFound("lead-not-found")
    return state


async def shown(service: Service, state: Known, who: Caller) -> Answer:
    offers = [offer_of(one) for one in state.offers if who.sees(one.partner_id)]
    if not who.sees(holder(state)):
        return {"lead_id": state.lead_id, "status": "superseded", "offers": offers}
    about = document(state.about)
    del about["person_id"]
    firm: Customer = await service.read.fold(customer(state.about.customer_id))
    return {
        **about,
        "customer_name": firm.company.name if isinstance(firm, Firm) else None,
        "contact": await contact(service, state, who),
        "status": status(state),
        "partner_id": holder(state),
        **current(state),
        "reason": state.why.reason if isinstance(state, Overflowed) else None,
        "outcome": state.outcome if isinstance(state, Closed) else None,
        "offers": offers,
    }


def holder(state: Known) -> str | None:
    """Whose it is; of a closed lead, whose it was."""
    match state:
        case Offered() | Accepted():
            return state.offer.partner_id
        case Closed(offers=(*_, Offer(answer="closed", partner_id=partner_id))):
            return partner_id
        case _:
            return None


def current(state: Known) -> Answer:
    match state:
        case Offered() | Accepted():
            one = state.offer
            return {
                "offer": one.number,
                "rule": document(one.rule),
                "accept_by": document(one.accept_by),
            }
        case _:
            return {"offer": None, "rule": None, "accept_by": None}


async def contact(service: Service, state: Known, who: Caller) -> dict[str, str] | None:
    """For staff, and for the partner once it has accepted."""
    person_id = state.about.person_id
    if person_id is None or (who.role == "partner" and not isinstance(state, Accepted)):
        return None
    return (await service.people.get_many([person_id])).get(person_id)


def offer_of(one: Offer) -> Answer:
    return {
        "offer": one.number,
        "partner_id": one.partner_id,
        "rule": document(one.rule),
        "accept_by": document(one.accept_by),
        "answer": one.answer,
    }
