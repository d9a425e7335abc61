"""What came of activities: each customer's touches and opportunities, each campaign's customers.

Sets by id, so that the order of delivery and repeats do not matter.
"""

from collections.abc import Iterable

from services.mdf.domain.effect import Customer, Opportunity, Touch
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadRegistered, OpportunityOpened, OpportunityWon
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document
from shared.kernel.projection import Projection

Told = LeadRegistered | OpportunityOpened | OpportunityWon
TOLD = (LeadRegistered, OpportunityOpened, OpportunityWon)


def by_customer(fact: Told, _: Envelope) -> Iterable[str]:
    return [fact.customer_id]


def customers(key: str, row: Document | None, fact: Told, _: Envelope) -> Document | None:
    """An opportunity that was won is that, whether it was heard of as opened before or after."""
    row = row or {"customer_id": key, "touches": {}, "opportunities": {}}
    touches, made = row["touches"], row["opportunities"]
    match fact:
        case LeadRegistered():
            if fact.campaign:
                touch = Touch(id=fact.lead_id, campaign=fact.campaign, at=fact.captured_at)
                touches = _with(touches, fact.lead_id, document(touch))
        case OpportunityOpened():
            if fact.opportunity_id not in made:
                opened = Opportunity(created_at=fact.created_at, campaign=fact.campaign)
                made = _with(made, fact.opportunity_id, document(opened))
        case OpportunityWon():
            won = Opportunity(
                created_at=fact.created_at,
                campaign=fact.campaign,
                won=True,
                amount=fact.amount,
                margin=fact.margin,
            )
            made = _with(made, fact.opportunity_id, document(won))
    if not touches and not made:
        return None
    return row | {"touches": touches, "opportunities": made}


def customer_of(row: Document) -> Customer:
    return Customer(
        touches=tuple(restored(one, Touch) for one in row["touches"].values()),
        opportunities=tuple(restored(one, Opportunity) for one in row["opportunities"].values()),
    )


def by_campaign(fact: Told, _: Envelope) -> Iterable[str]:
    return [fact.campaign] if fact.campaign else []


def campaigns(key: str, row: Document | None, fact: Told, _: Envelope) -> Document:
    known = set(row["customers"]) if row else set()
    return {"campaign": key, "customers": sorted(known | {fact.customer_id})}


def _with(known: Document, key: str, value: Document) -> Document:
    return dict(sorted({**known, key: value}.items()))


CUSTOMERS: Projection[Told] = Projection(
    name="mdf.customers", source="bus", facts=TOLD, keys=by_customer, fold=customers
)
CAMPAIGNS: Projection[Told] = Projection(
    name="mdf.campaigns", source="bus", facts=TOLD, keys=by_campaign, fold=campaigns
)
