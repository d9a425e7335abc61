"""Customers, and the bigrams of their names, by which those that are alike are found."""

from collections.abc import Iterable
from typing import get_args

from services.leads.domain.customer import Known
from services.leads.domain.events import (
    CustomerEvent,
    CustomerRegistered,
    DuplicatesSuspected,
)
from services.leads.domain.names import Company, Likeness, bigrams, compare, core
from services.leads.domain.streams import customer, customer_for
from shared.contracts.event import Envelope
from shared.kernel.codec import document
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document, Index, Query
from shared.kernel.projection import Projection

BEST = 20
PAGE = 500


def by_stream(_: CustomerEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def known(key: str, row: Document | None, fact: CustomerEvent, envelope: Envelope) -> Document:
    match fact:
        case CustomerRegistered():
            about: Document = document(fact)
            del about["person_id"]
            return about | {"candidates": [], "registered_at": document(envelope.time)}
        case DuplicatesSuspected():
            return (row or {}) | {"candidates": [shown(s) for s in document(fact.suspects)]}


def shown(suspect: Document) -> Document:
    """A score is no money: a number with four places."""
    return suspect | {"score": float(suspect["score"])}


def by_bigram(fact: CustomerRegistered, envelope: Envelope) -> Iterable[str]:
    text, _ = core(fact.name)
    return [f"{envelope.subject}/{bigram}" for bigram in bigrams(text)]


def named(key: str, row: Document | None, fact: CustomerRegistered, _: Envelope) -> Document:
    bigram = key.rpartition("/")[2]
    return {
        "customer_id": fact.customer_id,
        "name": fact.name,
        "uscc": fact.uscc,
        "bigram": bigram,
    }


CUSTOMERS: Projection[CustomerEvent] = Projection(
    name="leads.customers",
    facts=get_args(CustomerEvent),
    keys=by_stream,
    fold=known,
    indexes=(
        Index("region"),
        Index("industry"),
        Index("uscc"),
        Index("registered_at", "instant"),
    ),
)
NAMES: Projection[CustomerRegistered] = Projection(
    name="leads.names",
    facts=(CustomerRegistered,),
    keys=by_bigram,
    fold=named,
    indexes=(Index("bigram"),),
)


async def alike(
    read: Read, company: Company, but: str | None = None
) -> list[tuple[str, Likeness]]:
    """The customers most like the company, best first; `but` is the company itself."""
    near = await sharing_a_bigram(read, company.name)
    if company.uscc:
        same = customer_for(company, but)
        match await read.fold(customer(same)):
            case Known(company=other):
                near[same] = other
    found = [(one, compare(company, other)) for one, other in near.items() if one != but]
    return sorted(found, key=lambda one: (-one[1].score, one[0]))[:BEST]


async def sharing_a_bigram(read: Read, name: str) -> dict[str, Company]:
    text, _ = core(name)
    where: list[Condition] = [("bigram", "in", sorted(bigrams(text)))]
    found: dict[str, Company] = {}
    cursor: str | None = None
    while True:
        page = await read.find(NAMES.name, Query(where, cursor=cursor, limit=PAGE))
        for row in page.documents:
            found[row["customer_id"]] = Company(row["name"], row["uscc"])
        if not (cursor := page.cursor):
            return found
