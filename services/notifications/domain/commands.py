"""What may be asked of notifications' streams."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.events import Notice
from services.notifications.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRule:
    """The rule's own version does not count: it becomes the next one."""

    rule: Rule
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOccurrence:
    subject: str
    fact_id: UUID
    fact: str
    recorded_at: datetime
    sequence: int
    opened: tuple[Notice, ...]
    closed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseNotification:
    notification_id: UUID
    subject: str
    episode: str
    fact_id: UUID
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of one delivery; `reason` says why it failed."""

    channel: str
    recipient: str
    delivery_id: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeliveries:
    outcomes: tuple[Outcome, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeNotification:
    recipient: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateNotification:
    """From this step on; out of date where it is further, or answered, by now."""

    step: int
    at: datetime


MessageCommand = (
    RaiseNotification | RecordDeliveries | AcknowledgeNotification | EscalateNotification
)
