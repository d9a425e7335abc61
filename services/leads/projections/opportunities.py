"""Where every opportunity stands, and the stage models in force."""

from collections.abc import Iterable
from typing import get_args

from services.leads.domain.pipeline.events import (
    FeedbackGiven,
    OpportunityEvent,
    OpportunityTransferred,
    StageEntered,
    StageModelPublished,
    StagesAdopted,
)
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityStalled,
    OpportunityWon,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

QUIET: Document = {"yellow": False, "escalated": False}
UNSAID: Document = {
    "status": "open",
    "reason": None,
    "closed_on": None,
    "last_contact": None,
    "next_action": None,
    "next_on": None,
}
STANDING = ("stage", "category", "probability", "amount", "expected_close", "revision")


def by_stream(_: OpportunityEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def stands(key: str, row: Document | None, fact: OpportunityEvent, envelope: Envelope) -> Document:
    match fact:
        case OpportunityOpened():
            return {**document(fact), **UNSAID, **QUIET, "owner": None}
        case _:
            return (row or {}) | told(fact)


def told(fact: OpportunityEvent) -> Document:
    match fact:
        case StagesAdopted():
            return {"owner": fact.owner, "model": document(fact.model)}
        case StageEntered():
            entered = {"entered_at": document(fact.entered_at), "visit": fact.visit}
            return {**entered, **QUIET, "status": "open", "reason": fact.reason or None}
        case OpportunityStageChanged():
            flat: Document = document(fact)
            return {field: flat[field] for field in STANDING}
        case FeedbackGiven():
            flat = document(fact)
            heard = {"last_contact": flat["given_at"], "yellow": False}
            return {**heard, "next_action": flat["next_action"], "next_on": flat["next_on"]}
        case OpportunityStalled():
            return {"yellow": True} if fact.level == "yellow" else {"escalated": True}
        case OpportunityTransferred():
            return {"owner": fact.owner}
        case OpportunityWon() | OpportunityLost():
            return closed(fact)
        case _:
            return {}


def closed(fact: OpportunityWon | OpportunityLost) -> Document:
    won = isinstance(fact, OpportunityWon)
    on = fact.won_on if isinstance(fact, OpportunityWon) else fact.lost_on
    status = "won" if won else "lost"
    return {"status": status, "reason": fact.reason, "closed_on": document(on), **QUIET}


def latest(
    key: str, row: Document | None, fact: StageModelPublished, envelope: Envelope
) -> Document:
    flat: Document = document(fact)
    return flat | {"published_at": document(envelope.time)}


def of_model(_: StageModelPublished, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


OPPORTUNITIES: Projection[OpportunityEvent] = Projection(
    name="leads.opportunities",
    facts=get_args(OpportunityEvent),
    keys=by_stream,
    fold=stands,
    indexes=(
        Index("status"),
        Index("stage"),
        Index("category"),
        Index("customer_id"),
        Index("lead_id"),
        Index("campaign"),
        Index("region"),
        Index("product_line"),
        Index("owner"),
        Index("created_at", "instant"),
    ),
    partner_field="partner_id",
)
STAGE_MODELS: Projection[StageModelPublished] = Projection(
    name="leads.stage-models",
    facts=(StageModelPublished,),
    keys=of_model,
    fold=latest,
    indexes=(Index("model_id"),),
)
