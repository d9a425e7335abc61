"""Why a lead went where it went: its turns, as its own facts tell them."""

from collections.abc import Sequence
from typing import Any

from services.leads.api.shapes import Answer
from services.leads.domain.events import LeadOverflowed
from services.leads.domain.offers import Known, status
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    Candidate,
    LeadAccepted,
    LeadAssigned,
    LeadDeclined,
    LeadReleased,
)
from shared.kernel.codec import document
from shared.runtime.http import Caller

TIE_BREAK = "the largest score; of equals the lower partner id"


def explained(state: Known, facts: Sequence[tuple[Any, Envelope]], who: Caller) -> Answer:
    """A partner is told its own offers, with its rank among how many, and no other's name."""
    found = turns(facts)
    told = {"lead_id": state.lead_id, "status": status(state), "tie_break": TIE_BREAK}
    if who.role == "partner":
        own = [turn for turn in found if turn["partner_id"] == who.partner_id]
        status_ = "superseded" if not own or own[-1] is not found[-1] else told["status"]
        return told | {"status": status_, "turns": [*map(redacted, own)]}
    last = found[-1] if found else {"rule": None, "candidates": []}
    return {
        **told,
        "customer_id": state.about.customer_id,
        "rule": last["rule"],
        "candidates": last["candidates"],
        "turns": found,
        "offers": [offer for turn in found if (offer := turn["offered"])],
    }


def turns(facts: Sequence[tuple[Any, Envelope]]) -> list[Answer]:
    """One for each time somebody was sought; `offered` is what came of it."""
    found: list[Answer] = []
    for fact, envelope in facts:
        match fact:
            case LeadAssigned() | LeadOverflowed():
                found.append(turn(fact, envelope))
            case LeadAccepted() | LeadDeclined() | LeadReleased():
                found[-1]["offered"] |= answer(fact, envelope)
    return found


def turn(fact: LeadAssigned | LeadOverflowed, envelope: Envelope) -> Answer:
    candidates = ranked(fact.candidates)
    chosen = fact.partner_id if isinstance(fact, LeadAssigned) else None
    return {
        "turn": fact.offer,
        "rule": document(fact.rule),
        "candidates": candidates,
        "tied": tied(fact.candidates) if chosen else [],
        "partner_id": chosen,
        "reason": None if isinstance(fact, LeadAssigned) else fact.reason,
        "at": document(envelope.occurredat),
        "offered": offered(fact, envelope) if isinstance(fact, LeadAssigned) else None,
    }


def ranked(candidates: Sequence[Candidate]) -> list[Answer]:
    """In the order of their scores; who was excluded has no rank."""
    able = sorted(
        (one for one in candidates if one.excluded is None),
        key=lambda one: (-one.score, one.partner_id),
    )
    ranks = {one.partner_id: rank for rank, one in enumerate(able, start=1)}
    return [document(one) | {"rank": ranks.get(one.partner_id)} for one in candidates]


def tied(candidates: Sequence[Candidate]) -> list[str]:
    """Who shared the largest score, if more than one did."""
    able = [one for one in candidates if one.excluded is None]
    best = max(one.score for one in able)
    equal = sorted(one.partner_id for one in able if one.score == best)
    return equal if len(equal) > 1 else []


def offered(fact: LeadAssigned, envelope: Envelope) -> Answer:
    return {
        "offer": fact.offer,
        "partner_id": fact.partner_id,
        "offered_at": document(envelope.occurredat),
        "accept_by": document(fact.accept_by),
        "calendar": document(fact.calendar),
        "answer": "open",
        "answered_at": None,
        "reason": None,
    }


def answer(fact: LeadAccepted | LeadDeclined | LeadReleased, envelope: Envelope) -> Answer:
    at = {"answered_at": document(envelope.occurredat)}
    match fact:
        case LeadAccepted():
            return at | {"answer": "accepted"}
        case LeadDeclined():
            return at | {"answer": "declined", "reason": fact.reason}
        case LeadReleased():
            return at | {"answer": fact.reason, "reason": fact.note or None}


def redacted(turn: Answer) -> Answer:
    own = next(one for one in turn["candidates"] if one["partner_id"] == turn["partner_id"])
    return {
        "turn": turn["turn"],
        "rule": turn["rule"],
        "partner_id": turn["partner_id"],
        "rank": own["rank"],
        "total": len(turn["candidates"]),
        "offered": turn["offered"],
    }
