"""Facts of `notifications`: what was said to whom, once."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(Event):
    """`recipient` is a user id; until there are users, `partner:<id>` or `role:<role>`."""

    rule: str
    subject: str
    recipient: str
    channel: str
    delivery_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(Event):
    rule: str
    subject: str
    recipient: str
    channel: str
    delivery_id: UUID
    reason: str
