"""A customer: one stream a firm, named by its code where it has one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.leads.domain.commands import (
    CustomerCommand,
    IntroduceCustomer,
    NoteSuspects,
    RegisterCustomer,
)
from services.leads.domain.events import (
    CustomerEvent,
    CustomerRegistered,
    DuplicatesSuspected,
    Suspect,
)
from services.leads.domain.names import MATCHING, Company
from services.leads.domain.ownership.holding import Holding, held
from services.leads.domain.ownership.owning import own
from shared.contracts.leads.customers import CustomerAssigned
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    customer_id: str
    company: Company
    region: str
    industry: str
    person_id: UUID | None
    suspects: tuple[Suspect, ...] = ()
    holding: Holding = field(default_factory=Holding)


Customer = Absent | Known


def decide(command: CustomerCommand, customer: Customer) -> Sequence[CustomerEvent]:
    match command:
        case RegisterCustomer() | IntroduceCustomer() | NoteSuspects():
            return register(command, customer)
        case _:
            firm = known(customer)
            return own(command, firm.customer_id, firm.region, firm.holding)


def evolve(customer: Customer, fact: CustomerEvent) -> Customer:
    match fact:
        case CustomerRegistered() if isinstance(customer, Absent):
            return Known(
                customer_id=fact.customer_id,
                company=Company(fact.name, fact.uscc),
                region=fact.region,
                industry=fact.industry,
                person_id=fact.person_id,
            )
        case DuplicatesSuspected() if isinstance(customer, Known):
            return replace(customer, suspects=fact.suspects)
        case CustomerRegistered() | DuplicatesSuspected():
            raise corrupt(customer, fact)
        case _ if isinstance(customer, Known):
            return replace(customer, holding=held(customer.holding, fact))
        case _:
            raise corrupt(customer, fact)


def register(
    command: RegisterCustomer | IntroduceCustomer | NoteSuspects, customer: Customer
) -> list[CustomerEvent]:
    match customer, command:
        case Absent(), RegisterCustomer() | IntroduceCustomer():
            return [registered(command), *given(command)]
        case Known(), RegisterCustomer():
            told = f"{customer.company.name} is customer {customer.customer_id}"
            raise Refused("customer-exists", told)
        case Known(), NoteSuspects() if command.suspects and not customer.suspects:
            return [DuplicatesSuspected(suspects=command.suspects, matching=MATCHING)]
        case _:
            return []


def registered(command: RegisterCustomer | IntroduceCustomer) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=command.customer_id,
        name=command.company.name,
        uscc=command.company.uscc,
        region=command.region,
        industry=command.industry,
        person_id=command.person_id if isinstance(command, RegisterCustomer) else None,
    )


def given(command: RegisterCustomer | IntroduceCustomer) -> list[CustomerAssigned]:
    """Who registers it for somebody gives it to them."""
    if not isinstance(command, RegisterCustomer) or command.owner is None:
        return []
    return [
        CustomerAssigned(
            customer_id=command.customer_id,
            owner=command.owner,
            last_activity=command.at,
            reason="registered",
        )
    ]


def known(customer: Customer) -> Known:
    match customer:
        case Known():
            return customer
        case Absent():
            raise NotFound("customer-not-found")


CUSTOMER: Decider[CustomerCommand, Customer, CustomerEvent] = Decider(decide, evolve, Absent())
