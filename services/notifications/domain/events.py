"""Facts that never leave: rules, episodes, and messages before they are sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.rule import Rule, Wording
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a rule makes of a fact; `key` names the episode where the rule does, `about` the kind
    of thing that the subject is.
    """

    rule: str
    version: int
    key: str | None
    recipients: tuple[str, ...]
    channels: tuple[str, ...]
    severity: str
    title: Wording
    body: Wording
    about: str = ""
    ladder: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRulePublished(Event):
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceNoted(Event):
    """A fact about the subject, with its place in time, and the rules it opens and closes."""

    subject: str
    fact_id: UUID
    fact: str
    recorded_at: datetime
    sequence: int
    opened: tuple[Notice, ...]
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeStarted(Event):
    subject: str
    episode: str
    fact_id: UUID
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRaised(Event):
    notification_id: UUID
    subject: str
    episode: str
    fact_id: UUID
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEscalated(Event):
    """Nobody answered the step before; `notice` is for the rung of the ladder that is told now."""

    notification_id: UUID
    step: int
    subject: str
    episode: str
    fact_id: UUID
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAcknowledged(Event):
    notification_id: UUID
    recipient: str
