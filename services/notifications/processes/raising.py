"""An episode becomes a message, which lies in inboxes and in the log of this installation."""

from collections.abc import Iterable
from dataclasses import replace

from services.notifications.domain.commands import Outcome, RaiseNotification, RecordDeliveries
from services.notifications.domain.events import (
    EpisodeStarted,
    NotificationEscalated,
    NotificationRaised,
)
from services.notifications.domain.message import Told, deliveries, message_stream
from services.notifications.domain.rule import LOG
from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.courier import Channels, Courier
from shared.kernel.errors import Refused
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def raise_(fact: EpisodeStarted, envelope: Envelope, _: Read) -> Iterable[Asked]:
    number = named(fact.notice.rule, fact.subject, fact.episode)
    command = RaiseNotification(
        notification_id=number,
        subject=fact.subject,
        episode=fact.episode,
        fact_id=fact.fact_id,
        notice=fact.notice,
        at=envelope.occurredat,
    )
    return [(message_stream(number), command)]


async def deliver(fact: Told, envelope: Envelope, channels: Channels) -> Iterable[Asked]:
    outcomes = [await sent(fact, delivery, channels) for delivery in deliveries(fact, LOG)]
    if not outcomes:
        return []
    command = RecordDeliveries(outcomes=tuple(outcomes), at=envelope.occurredat)
    return [(envelope.subject, command)]


async def sent(fact: Told, delivery: Outcome, channels: Channels) -> Outcome:
    """A recipient that the channel refuses is recorded; a channel that fails ends the process."""
    notice = fact.notice
    try:
        if (channel := channels.get(delivery.channel)) is None:
            raise Refused("channel-unavailable", "this installation has no such channel")
        await channel.send(
            delivery.delivery_id, delivery.recipient, notice.title.zh, notice.body.zh
        )
    except Refused as refusal:
        return replace(delivery, reason=refusal.slug)
    return delivery


WHEN_EPISODE_STARTED_RAISE: Process[EpisodeStarted] = Process(
    name="notifications.when-episode-started-raise", facts=(EpisodeStarted,), react=raise_
)
WHEN_RAISED_DELIVER: Courier[Told] = Courier(
    name="notifications.when-raised-deliver",
    facts=(NotificationRaised, NotificationEscalated),
    deliver=deliver,
)
