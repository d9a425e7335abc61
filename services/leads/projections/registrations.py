"""Where every registration stands: one document each."""

from collections.abc import Iterable
from typing import get_args

from services.leads.domain.deals.events import (
    ExtensionRefused,
    ExtensionRequested,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationDetailed,
    RegistrationEvent,
    RegistrationHeld,
    RegistrationMatched,
    RegistrationOpened,
    RegistrationTransferred,
    RegistrationWithdrawn,
)
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

UNSAID: Document = {
    "completed_at": None,
    "approved_by": None,
    "reason": None,
    "protected_from": None,
    "protected_until": None,
    "extensions": 0,
    "extension_pending": False,
    "free_from": None,
}


def by_stream(_: RegistrationEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def stands(
    key: str, row: Document | None, fact: RegistrationEvent, envelope: Envelope
) -> Document:
    match fact:
        case RegistrationOpened():
            about = {"registration_id": fact.registration_id, "partner_id": fact.partner_id}
            owned = {"owner": fact.owner, "opened_at": document(envelope.occurredat)}
            return {**about, **owned, **document(fact.details), "status": "draft", **UNSAID}
        case _:
            return (row or {}) | told(fact)


def told(fact: RegistrationEvent) -> Document:
    match fact:
        case RegistrationDetailed():
            return dict(document(fact.details))
        case RegistrationCompleted():
            return {"status": "review", "completed_at": document(fact.completed_at)}
        case RegistrationMatched():
            return {"customer_id": fact.customer_id}
        case RegistrationTransferred():
            return {"owner": fact.owner}
        case RegistrationApproved():
            return {"status": "approved", "approved_by": fact.approved_by}
        case RegistrationHeld():
            return {"status": "held"}
        case RegistrationRejected() | RegistrationWithdrawn():
            rejected = isinstance(fact, RegistrationRejected)
            return {"status": "rejected" if rejected else "withdrawn", "reason": fact.reason}
        case _:
            return protected(fact)


def protected(fact: RegistrationEvent) -> Document:
    match fact:
        case DealRegistered():
            return {"status": "protected"} | window(fact)
        case ExtensionRequested():
            return {"extension_pending": True}
        case ExtensionRefused():
            return {"extension_pending": False}
        case DealExtended():
            until = document(fact.protected_until)
            more = {"protected_until": until, "extensions": fact.number}
            return more | {"extension_pending": False}
        case DealProtectionEnded():
            freed = {"free_from": document(fact.free_from), "extension_pending": False}
            return {"status": "ended", "reason": fact.reason} | freed
        case _:
            return {}


def window(fact: DealRegistered) -> Document:
    return {
        "protected_from": document(fact.protected_from),
        "protected_until": document(fact.protected_until),
    }


REGISTRATIONS: Projection[RegistrationEvent] = Projection(
    name="leads.registrations",
    facts=get_args(RegistrationEvent),
    keys=by_stream,
    fold=stands,
    indexes=(
        Index("status"),
        Index("customer_id"),
        Index("product_line"),
        Index("region"),
        Index("owner"),
        Index("opened_at", "instant"),
    ),
    partner_field="partner_id",
)
