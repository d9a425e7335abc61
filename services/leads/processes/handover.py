"""A hand-over asks each thing of the leaver for itself: what is no longer theirs stays."""

from collections.abc import Iterable
from datetime import datetime

from services.leads.domain.commands import TransferLead
from services.leads.domain.deals.commands import TransferRegistration
from services.leads.domain.handover.events import HandOverOrdered
from services.leads.domain.ownership.commands import TransferCustomer
from services.leads.domain.pipeline.commands import TransferOpportunity
from services.leads.domain.streams import customer, lead, opportunity, registration
from services.leads.projections.belongings import Belonging, belongings
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def hand_over(fact: HandOverOrdered, envelope: Envelope, read: Read) -> Iterable[Asked]:
    found = [one async for one in belongings(read, fact.leaver)]
    wanted = [one for one in found if not fact.items or one.id in fact.items]
    return [transfer(one, fact, envelope.occurredat) for one in wanted]


def transfer(one: Belonging, fact: HandOverOrdered, at: datetime) -> Asked:
    to, of = fact.successor, fact.leaver
    match one.kind:
        case "customer":
            return customer(one.id), TransferCustomer(owner=to, previous=of, at=at)
        case "lead":
            return lead(one.id), TransferLead(owner=to, previous=of, at=at)
        case "registration":
            return registration(one.id), TransferRegistration(owner=to, previous=of, at=at)
        case "opportunity":
            return opportunity(one.id), TransferOpportunity(owner=to, previous=of, at=at)


HAND_OVER: Process[HandOverOrdered] = Process(
    name="leads.hand-over", facts=(HandOverOrdered,), react=hand_over
)
