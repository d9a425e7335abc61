"""A lead brings a firm along; a new customer is held against those we have."""

from collections.abc import Iterable

from services.leads.domain.commands import IntroduceCustomer, NoteSuspects
from services.leads.domain.events import CompanyIntroduced, CustomerRegistered, Suspect
from services.leads.domain.names import Company
from services.leads.domain.streams import customer
from services.leads.projections.customers import alike
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def introduce(fact: CompanyIntroduced, envelope: Envelope, _: Read) -> Iterable[Asked]:
    introduced = IntroduceCustomer(
        customer_id=fact.customer_id,
        company=Company(fact.name, fact.uscc),
        region=fact.region,
        industry=fact.industry,
        at=envelope.occurredat,
    )
    return [(customer(fact.customer_id), introduced)]


async def hold_against(
    fact: CustomerRegistered, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    company = Company(fact.name, fact.uscc)
    suspects = [
        Suspect(customer_id=other, score=found.shown, decision=found.decision)
        for other, found in await alike(read, company, but=fact.customer_id)
    ]
    if not suspects:
        return []
    return [(customer(fact.customer_id), NoteSuspects(suspects=tuple(suspects), at=envelope.time))]


INTRODUCE: Process[CompanyIntroduced] = Process(
    name="leads.introduce-customer", facts=(CompanyIntroduced,), react=introduce
)
COMPARE: Process[CustomerRegistered] = Process(
    name="leads.compare-customer", facts=(CustomerRegistered,), react=hold_against
)
