"""A customer: one stream a firm, named by its code where it has one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


Customer = Absent | Known


def decide(command: CustomerCommand, customer: Customer) -> Sequence[CustomerEvent]:
    match customer, command:
        case Absent(), RegisterCustomer() | IntroduceCustomer():
            return [registered(command)]
        case Known(), RegisterCustomer():
            told = f"{customer.company.name} is customer {customer.customer_id}"
            raise Refused("customer-exists", told)
        case Known(), NoteSuspects() if command.suspects and not customer.suspects:
            return [DuplicatesSuspected(suspects=command.suspects, matching=MATCHING)]
        case _:
            return []


def evolve(customer: Customer, fact: CustomerEvent) -> Customer:
    match customer, fact:
        case Absent(), CustomerRegistered():
            return Known(
                customer_id=fact.customer_id,
                company=Company(fact.name, fact.uscc),
                region=fact.region,
                industry=fact.industry,
                person_id=fact.person_id,
            )
        case Known(), DuplicatesSuspected():
            return replace(customer, suspects=fact.suspects)
        case _:
            raise corrupt(customer, fact)


def registered(command: RegisterCustomer | IntroduceCustomer) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=command.customer_id,
        name=command.company.name,
        uscc=command.company.uscc,
        region=command.region,
        industry=command.industry,
        person_id=command.person_id if isinstance(command, RegisterCustomer) else None,
    )


def known(customer: Customer) -> Known:
    match customer:
        case Known():
            return customer
        case Absent():
            raise NotFound("customer-not-found")


CUSTOMER: Decider[CustomerCommand, Customer, CustomerEvent] = Decider(decide, evolve, Absent())
