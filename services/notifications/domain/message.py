"""A message: raised once for a rule, a subject and an episode; delivered, and acknowledged.

The inbox is a view of this stream, so a message lies there as soon as it is raised. Other channels
report what became of each delivery.
"""

from dataclasses import dataclass, field, replace
from typing import get_args
from uuid import UUID

from immutables import Map

from services.notifications.domain.commands import (
    AcknowledgeNotification,
    EscalateNotification,
    MessageCommand,
    Outcome,
    RaiseNotification,
    RecordDeliveries,
)
from services.notifications.domain.events import (
    NotificationAcknowledged,
    NotificationEscalated,
    NotificationRaised,
)
from services.notifications.domain.rule import INBOX, Wording
from shared.contracts.ids import named
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound

MessageEvent = (
    NotificationRaised
    | NotificationSent
    | NotificationFailed
    | NotificationEscalated
    | NotificationAcknowledged
)
Told = NotificationRaised | NotificationEscalated
FIRST = 1  # step of an escalation
STAFF = "role:"


@dataclass(frozen=True, slots=True)
class Unraised: ...


@dataclass(frozen=True, slots=True)
class Raised:
    """`outcomes`: whether each delivery was made; one that failed may still be, if asked again."""

    fact: NotificationRaised
    outcomes: Map[UUID, bool] = field(default_factory=Map)
    acknowledged: frozenset[str] = frozenset()
    step: int = FIRST

    @property
    def told(self) -> tuple[str, ...]:
        """Who has been told by now."""
        notice = self.fact.notice
        return (*notice.recipients, *notice.ladder[: self.step - FIRST])

    @property
    def answered(self) -> bool:
        """By somebody of ours; by a partner where only partners were told."""
        ours = {one for one in self.told if one.startswith(STAFF)}
        return bool(self.acknowledged & (ours or {*self.told}))


Message = Unraised | Raised


def decide(command: MessageCommand, message: Message) -> list[MessageEvent]:
    match message, command:
        case Unraised(), RaiseNotification():
            return raised(command)
        case Raised(), RecordDeliveries():
            fresh = [o for o in command.outcomes if news(message, o)]
            return [recorded(message.fact, outcome) for outcome in fresh]
        case Raised(), AcknowledgeNotification(recipient=recipient):
            return acknowledged(message, recipient)
        case Raised(), EscalateNotification(step=step):
            due = step == message.step and not message.answered
            return escalated(message) if due else []
        case Unraised(), AcknowledgeNotification():
            raise NotFound("notification-not-found")
        case _:
            return []


def evolve(message: Message, fact: MessageEvent) -> Message:
    match message, fact:
        case Unraised(), NotificationRaised():
            return Raised(fact)
        case Raised(), NotificationSent() | NotificationFailed():
            made = isinstance(fact, NotificationSent)
            return replace(message, outcomes=message.outcomes.set(fact.delivery_id, made))
        case Raised(), NotificationEscalated():
            return replace(message, step=fact.step)
        case Raised(), NotificationAcknowledged():
            return replace(message, acknowledged=message.acknowledged | {fact.recipient})
        case _:
            raise corrupt(message, fact)


def raised(command: RaiseNotification) -> list[MessageEvent]:
    fact = NotificationRaised(
        notification_id=command.notification_id,
        subject=command.subject,
        episode=command.episode,
        fact_id=command.fact_id,
        notice=command.notice,
    )
    return [fact, *(recorded(fact, outcome) for outcome in deliveries(fact, INBOX))]


def news(message: Raised, outcome: Outcome) -> bool:
    """Not known yet, or made where it had failed."""
    known = message.outcomes.get(outcome.delivery_id)
    return known is None or (not known and outcome.reason is None)


def escalated(message: Raised) -> list[MessageEvent]:
    """To the next rung; none is left at the top."""
    first, rung = message.fact, message.step - FIRST
    if rung >= len(first.notice.ladder):
        return []
    title = first.notice.title
    notice = replace(
        first.notice,
        recipients=(first.notice.ladder[rung],),
        title=Wording(zh=f"【升级】{title.zh}", en=f"Escalated: {title.en}"),
    )
    fact = NotificationEscalated(
        notification_id=first.notification_id,
        step=message.step + 1,
        subject=first.subject,
        episode=first.episode,
        fact_id=first.fact_id,
        notice=notice,
    )
    return [fact, *(recorded(fact, outcome) for outcome in deliveries(fact, INBOX))]


def deliveries(fact: Told, channel: str) -> list[Outcome]:
    """One for each recipient, if the channel is the rule's; their ids never change."""
    return [
        Outcome(
            channel=channel,
            recipient=recipient,
            delivery_id=delivery_id(fact, channel, recipient),
        )
        for recipient in fact.notice.recipients
        if channel in fact.notice.channels
    ]


def delivery_id(fact: Told, channel: str, recipient: str, *more: object) -> UUID:
    """Of (rule, subject, episode, channel, recipient, step): told again it is the same (N-01)."""
    episode = fact.notice.rule, fact.subject, fact.episode
    return named(*episode, channel, recipient, step_of(fact), *more)


def step_of(fact: Told) -> int:
    return fact.step if isinstance(fact, NotificationEscalated) else FIRST


def recorded(fact: Told, outcome: Outcome) -> NotificationSent | NotificationFailed:
    if outcome.reason is None:
        return NotificationSent(
            rule=fact.notice.rule,
            subject=fact.subject,
            recipient=outcome.recipient,
            channel=outcome.channel,
            delivery_id=outcome.delivery_id,
        )
    return NotificationFailed(
        rule=fact.notice.rule,
        subject=fact.subject,
        recipient=outcome.recipient,
        channel=outcome.channel,
        delivery_id=outcome.delivery_id,
        reason=outcome.reason,
    )


def acknowledged(message: Raised, recipient: str) -> list[MessageEvent]:
    if recipient not in message.told:
        raise NotFound("notification-not-found")
    if recipient in message.acknowledged:
        return []
    number = message.fact.notification_id
    return [NotificationAcknowledged(notification_id=number, recipient=recipient)]


def message_stream(notification_id: UUID) -> str:
    return f"notifications.message-{notification_id}"


DECIDER: Decider[MessageCommand, Message, MessageEvent] = Decider(decide, evolve, Unraised())
MESSAGE = Aggregate(
    name="message",
    decider=DECIDER,
    facts=get_args(MessageEvent),
)
