"""A message: raised once for a rule, a subject and an episode; delivered, and acknowledged.

The inbox is a view of this stream, so a message lies there as soon as it is raised. Other channels
report what became of each delivery.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.notifications.domain.commands import (
    AcknowledgeNotification,
    MessageCommand,
    Outcome,
    RaiseNotification,
    RecordDeliveries,
)
from services.notifications.domain.events import (
    NotificationAcknowledged,
    NotificationRaised,
)
from services.notifications.domain.rule import INBOX
from shared.contracts.ids import named
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound

MessageEvent = (
    NotificationRaised | NotificationSent | NotificationFailed | NotificationAcknowledged
)
FIRST = 1  # step of an escalation


@dataclass(frozen=True, slots=True)
class Unraised: ...


@dataclass(frozen=True, slots=True)
class Raised:
    fact: NotificationRaised
    delivered: frozenset[UUID] = frozenset()
    acknowledged: frozenset[str] = frozenset()


Message = Unraised | Raised


def decide(command: MessageCommand, message: Message) -> list[MessageEvent]:
    match message, command:
        case Unraised(), RaiseNotification():
            return raised(command)
        case Raised(), RecordDeliveries():
            fresh = [o for o in command.outcomes if o.delivery_id not in message.delivered]
            return [recorded(message.fact, outcome) for outcome in fresh]
        case Raised(), AcknowledgeNotification(recipient=recipient):
            return acknowledged(message, recipient)
        case Unraised(), AcknowledgeNotification():
            raise NotFound("notification-not-found")
        case _:
            return []


def evolve(message: Message, fact: MessageEvent) -> Message:
    match message, fact:
        case Unraised(), NotificationRaised():
            return Raised(fact)
        case Raised(), NotificationSent() | NotificationFailed():
            return replace(message, delivered=message.delivered | {fact.delivery_id})
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


def deliveries(fact: NotificationRaised, channel: str) -> list[Outcome]:
    """One for each recipient, if the channel is the rule's; their ids never change."""
    episode = fact.notice.rule, fact.subject, fact.episode
    return [
        Outcome(
            channel=channel,
            recipient=recipient,
            delivery_id=named(*episode, channel, recipient, FIRST),
        )
        for recipient in fact.notice.recipients
        if channel in fact.notice.channels
    ]


def recorded(fact: NotificationRaised, outcome: Outcome) -> NotificationSent | NotificationFailed:
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
    if recipient not in message.fact.notice.recipients:
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
    facts=(NotificationRaised, NotificationSent, NotificationFailed, NotificationAcknowledged),
)
