"""Customers, and the bigrams of their names, by which those that are alike are found."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from fractions import Fraction
from typing import get_args

from services.leads.domain.customer import Known
from services.leads.domain.events import (
    CustomerEvent,
    CustomerRegistered,
    DuplicatesSuspected,
)
from services.leads.domain.names import REVIEW, Company, Likeness, bigrams, compare, core, telling
from services.leads.domain.ownership.events import (
    ActivityRecorded,
    ClaimDropped,
    ClaimRequested,
    OwnershipEvent,
)
from services.leads.domain.streams import customer, customer_for
from shared.contracts.event import Envelope
from shared.contracts.leads.customers import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)
from shared.kernel.codec import document
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

BEST = 20
PAGE = 5_000


def by_stream(_: CustomerEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def known(key: str, row: Document | None, fact: CustomerEvent, envelope: Envelope) -> Document:
    match fact:
        case CustomerRegistered():
            about: Document = document(fact)
            del about["person_id"]
            told = {"candidates": [], "registered_at": document(envelope.time)}
            return about | told | NOBODYS
        case DuplicatesSuspected():
            return (row or {}) | {"candidates": [shown(s) for s in document(fact.suspects)]}
        case _:
            return (row or {}) | owned(fact, row or {})


NOBODYS: Document = {
    "owner": None,
    "pool": "unowned",
    "claimant": None,
    "previous_owner": None,
    "disputed_by": None,
    "silent": False,
    "silent_since": None,
    "last_contact": None,
    "next_action": None,
    "next_on": None,
}


def owned(fact: OwnershipEvent, row: Document) -> Document:
    match fact:
        case ActivityRecorded():
            return active(fact, row)
        case CustomerSilenceNoticed():
            return {"silent": True}
        case CustomerReleased():
            lost = {"owner": None, "pool": "public", "previous_owner": fact.owner}
            return {**lost, "silent": False, "silent_since": None}
        case ClaimRequested() | ClaimDropped():
            return {"claimant": fact.claimant if isinstance(fact, ClaimRequested) else None}
        case CustomerClaimed():
            return held_by(fact.owner, document(fact.claimed_at))
        case CustomerAssigned():
            return held_by(fact.owner, document(fact.last_activity)) | {"disputed_by": None}
        case CustomerDisputed():
            return {"disputed_by": fact.claimant}


def held_by(owner: str, since: str) -> Document:
    held = {"owner": owner, "pool": "owned", "claimant": None}
    return {**held, "silent": False, "silent_since": since}


def active(fact: ActivityRecorded, row: Document) -> Document:
    happened = document(fact.happened_at)
    told: Document = {"last_contact": max(row.get("last_contact") or "", happened)}
    if fact.next_action:
        told |= {"next_action": fact.next_action, "next_on": document(fact.next_on)}
    if fact.silent_since:
        told |= {"silent": False, "silent_since": document(fact.silent_since)}
    return told


def shown(suspect: Document) -> Document:
    """A score is no money: a number with four places."""
    return suspect | {"score": float(suspect["score"])}


def by_bigram(fact: CustomerRegistered, envelope: Envelope) -> Iterable[str]:
    text, _ = core(fact.name)
    return [f"{envelope.subject}/{bigram}" for bigram in bigrams(text)]


def named(key: str, row: Document | None, fact: CustomerRegistered, _: Envelope) -> Document:
    bigram, found = key.rpartition("/")[2], bigrams(core(fact.name)[0])
    return {
        "customer_id": fact.customer_id,
        "name": fact.name,
        "uscc": fact.uscc,
        "bigram": bigram,
        "times": found[bigram],
        "of": found.total(),
    }


CUSTOMERS: Projection[CustomerEvent] = Projection(
    name="leads.customers",
    version=2,
    facts=get_args(CustomerEvent),
    keys=by_stream,
    fold=known,
    indexes=(
        Index("region"),
        Index("industry"),
        Index("uscc"),
        Index("pool"),
        Index("owner"),
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
    read: Read, company: Company, but: str | None = None, *, passing: bool = False
) -> list[tuple[str, Likeness]]:
    """The customers most like the company, best first; `but` is the company itself."""
    near = await nearest(read, core(company.name)[0], passing)
    if company.uscc:
        same = customer_for(company, but)
        match await read.fold(customer(same)):
            case Known(company=other):
                near[same] = other
    found = [(one, compare(company, other)) for one, other in near.items() if one != but]
    wanted = [one for one in found if passing or one[1].decision != "pass"]
    return sorted(wanted, key=lambda one: (-one[1].score, one[0]))[:BEST]


async def nearest(read: Read, text: str, passing: bool) -> dict[str, Company]:
    """Who can reach REVIEW, or if it is about `passing` too, who comes nearest."""
    grams = bigrams(text)
    asked = set(grams) if passing else telling(text)
    unasked = sum(times for bigram, times in grams.items() if bigram not in asked)
    shared, rows = Counter[str](), dict[str, Document]()
    async for row in sharing(read, asked):
        rows[row["customer_id"]] = row
        shared[row["customer_id"]] += min(row["times"], grams[row["bigram"]])
    bounds = {
        one: Fraction(2 * (shared[one] + unasked), grams.total() + row["of"])
        for one, row in rows.items()
    }
    best = sorted(bounds, key=lambda one: (-bounds[one], one))
    likely = best[: BEST + 1] if passing else [one for one in best if bounds[one] >= REVIEW]
    return {one: Company(rows[one]["name"], rows[one]["uscc"]) for one in likely}


def sharing(read: Read, grams: set[str]) -> AsyncIterator[Document]:
    return every(read, NAMES.name, ("bigram", "in", sorted(grams)), limit=PAGE)
