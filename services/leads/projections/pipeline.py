"""Where every lead stands, and who holds it: one document a lead."""

from collections.abc import Iterable
from typing import get_args

from services.leads.domain.events import (
    LeadEvent,
    LeadOverflowed,
    LeadRetried,
    LeadTransferred,
    PartnerPicked,
)
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    LeadAccepted,
    LeadAssigned,
    LeadClosed,
    LeadDeclined,
    LeadRegistered,
    LeadReleased,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

NOBODY: Document = {"partner_id": None, "offer": None, "rule": None, "accept_by": None}
UNSAID: Document = {"reason": None, "unknown": [], "awaits": None, "outcome": None}


def by_stream(_: LeadEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def stands(key: str, row: Document | None, fact: LeadEvent, envelope: Envelope) -> Document:
    match fact:
        case LeadRegistered():
            return registered(fact, envelope)
        case LeadAssigned():
            return (row or {}) | {
                "status": "offered",
                "partner_id": fact.partner_id,
                "offer": fact.offer,
                "rule": document(fact.rule),
                "accept_by": document(fact.accept_by),
            }
        case LeadAccepted() | LeadTransferred():
            told = fact.owner if isinstance(fact, LeadTransferred) else None
            return (row or {}) | ({"owner": told} if told else {"status": "accepted"})
        case LeadDeclined() | LeadReleased():
            return (row or {}) | given_back(fact)
        case LeadRetried() | PartnerPicked():
            return (row or {}) | UNSAID | {"status": "registered"}
        case LeadOverflowed():
            return (row or {}) | overflowed(fact)
        case LeadClosed():
            return (row or {}) | UNSAID | {"status": "closed", "outcome": fact.outcome}
        case _:
            return row or {}


def registered(fact: LeadRegistered, envelope: Envelope) -> Document:
    about: Document = document(fact)
    del about["person_id"]
    at = {"status": "registered", "registered_at": document(envelope.time)}
    return about | at | NOBODY | UNSAID


def given_back(fact: LeadDeclined | LeadReleased) -> Document:
    """A lead that is closed stays with whom it was."""
    if isinstance(fact, LeadReleased) and fact.reason == "closed":
        return NOBODY | {"partner_id": fact.partner_id}
    return NOBODY | {"status": "registered"}


def overflowed(fact: LeadOverflowed) -> Document:
    """`awaits` tells those that a partner we have not heard of might still take."""
    strangers = unknown(fact)
    return {
        "status": "overflow",
        "reason": fact.reason,
        "unknown": strangers,
        "awaits": "partner" if strangers else None,
    }


def unknown(fact: LeadOverflowed) -> list[str]:
    return [one.partner_id for one in fact.candidates if one.excluded == "partner-unknown"]


PIPELINE: Projection[LeadEvent] = Projection(
    name="leads.pipeline",
    version=2,
    facts=get_args(LeadEvent),
    keys=by_stream,
    fold=stands,
    indexes=(
        Index("status"),
        Index("region"),
        Index("customer_id"),
        Index("source"),
        Index("campaign"),
        Index("owner"),
        Index("awaits"),
        Index("registered_at", "instant"),
    ),
    partner_field="partner_id",
)
