"""The log of deliveries, which is also the queue of each endpoint."""

from collections.abc import Iterable
from typing import get_args

from services.notifications.domain.outgoing.delivery import phase
from services.notifications.domain.outgoing.events import (
    DeliveryAttempted,
    DeliveryEvent,
    DeliveryPlanned,
    DeliveryPostponed,
    DeliveryResumed,
    RedeliveryRequested,
)
from shared.contracts.event import Envelope
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

KEPT = 20  # attempts that the log shows


def by_id(fact: DeliveryEvent, _: Envelope) -> Iterable[str]:
    return [str(fact.delivery_id)]


def logged(key: str, row: Document | None, fact: DeliveryEvent, envelope: Envelope) -> Document:
    match fact, row:
        case DeliveryPlanned(), _:
            return planned(fact, envelope) | ready(fact.endpoint_id, envelope)
        case ((DeliveryResumed() | RedeliveryRequested()), dict()):
            return row | ready(row["endpoint_id"], envelope)
        case DeliveryPostponed(), dict():
            until = document(fact.until)
            return row | resting("waiting", fact.reason) | {"until": until}
        case DeliveryAttempted(), dict():
            return row | tried(fact, row, envelope)
        case _:
            raise LookupError(f"{key} was never planned")


def planned(fact: DeliveryPlanned, envelope: Envelope) -> Document:
    first = fact.items[0]
    return {
        "delivery_id": str(fact.delivery_id),
        "endpoint_id": fact.endpoint_id,
        "recipient": fact.owner,
        "partner_id": fact.partner_id,
        "channel": fact.channel,
        "rule": first.rule if fact.about is None else None,
        "subject": first.subject if fact.about is None else None,
        "digest": fact.about,
        "notifications": [str(each.notification_id) for each in fact.items],
        "title": document(first.heading),
        "planned_at": document(envelope.time),
        "attempts": [],
        "stream": envelope.subject,
        "queue": fact.endpoint_id,
    }


def ready(endpoint_id: str, envelope: Envelope) -> Document:
    """Its turn comes by when it became ready, and with equal times by its stream."""
    turn = f"{endpoint_id}/{envelope.time:%Y-%m-%dT%H:%M:%S.%f}/{envelope.subject}"
    return {
        "status": "ready",
        "reason": None,
        "until": None,
        "turn": turn,
        "ready_by": str(envelope.id),
    }


def resting(status: str, reason: str | None) -> Document:
    return {"status": status, "reason": reason, "until": None, "turn": None}


def tried(fact: DeliveryAttempted, row: Document, envelope: Envelope) -> Document:
    attempt = {
        "number": fact.number,
        "at": document(envelope.occurredat),
        "outcome": fact.outcome,
        "reason": fact.reason or None,
        "status": fact.status,
        "took_ms": fact.took_ms,
    }
    status = phase(fact.outcome, fact.retry_at)
    return {
        **resting(status, fact.reason or None),
        "until": document(fact.retry_at) if fact.retry_at else None,
        "attempts": [*row["attempts"], attempt][-KEPT:],
    }


DELIVERIES: Projection[DeliveryEvent] = Projection(
    name="notifications.deliveries",
    facts=get_args(DeliveryEvent),
    keys=by_id,
    fold=logged,
    indexes=(
        Index("turn"),
        Index("endpoint_id"),
        Index("recipient"),
        Index("status"),
        Index("partner_id"),
        Index("planned_at", "instant"),
    ),
    partner_field="partner_id",
)
