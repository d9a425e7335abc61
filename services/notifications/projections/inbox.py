"""The inbox: one document for each recipient of a message."""

from collections.abc import Iterable
from typing import get_args

from services.notifications.domain.events import (
    NotificationAcknowledged,
    NotificationEscalated,
    NotificationRaised,
)
from services.notifications.domain.message import MessageEvent, Told, step_of
from services.notifications.domain.rule import INBOX
from shared.contracts.event import Envelope
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

PARTNER = "partner:"


def by_recipient(fact: MessageEvent, envelope: Envelope) -> Iterable[str]:
    if isinstance(fact, NotificationRaised | NotificationEscalated):
        return [f"{envelope.subject}/{recipient}" for recipient in fact.notice.recipients]
    return [f"{envelope.subject}/{fact.recipient}"]


def inbox(
    key: str, row: Document | None, fact: MessageEvent, envelope: Envelope
) -> Document | None:
    if isinstance(fact, NotificationRaised | NotificationEscalated):
        return arrived(key.removeprefix(f"{envelope.subject}/"), fact, envelope)
    if row is None:
        return None  # a message that no inbox gets
    match fact:
        case NotificationSent():
            delivery = {"delivery_id": str(fact.delivery_id), "failed": None}
        case NotificationFailed():
            delivery = {"delivery_id": str(fact.delivery_id), "failed": fact.reason}
        case NotificationAcknowledged():
            return {**row, "acknowledged_at": document(envelope.occurredat)}
    return {**row, "deliveries": {**row["deliveries"], fact.channel: delivery}}


def arrived(recipient: str, fact: Told, envelope: Envelope) -> Document | None:
    notice = fact.notice
    if INBOX not in notice.channels:
        return None
    partner = recipient.removeprefix(PARTNER) if recipient.startswith(PARTNER) else None
    return {
        "notification_id": str(fact.notification_id),
        "recipient": recipient,
        "partner_id": partner,
        "rule": notice.rule,
        "rule_version": notice.version,
        "subject": fact.subject,
        "episode": fact.episode,
        "fact_id": str(fact.fact_id),
        "severity": notice.severity,
        "title": document(notice.title),
        "body": document(notice.body),
        "raised_at": document(envelope.time),
        "occurred_at": document(envelope.occurredat),
        "step": step_of(fact),
        "acknowledged_at": None,
        "deliveries": {},
    }


INBOXES: Projection[MessageEvent] = Projection(
    name="notifications.inbox",
    version=2,
    facts=get_args(MessageEvent),
    keys=by_recipient,
    fold=inbox,
    indexes=(
        Index("recipient"),
        Index("partner_id"),
        Index("rule"),
        Index("subject"),
        Index("raised_at", "instant"),
    ),
    partner_field="partner_id",
)
