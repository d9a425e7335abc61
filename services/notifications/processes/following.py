"""What follows from an attempt: the message knows, the endpoint knows, and so does its owner."""

from collections.abc import Iterable

from services.notifications.domain.commands import Outcome, RaiseNotification, RecordDeliveries
from services.notifications.domain.events import Notice
from services.notifications.domain.message import message_stream
from services.notifications.domain.outgoing.commands import NoteAttempt
from services.notifications.domain.outgoing.delivery import Planned, delivery_stream
from services.notifications.domain.outgoing.endpoint import endpoint_stream
from services.notifications.domain.outgoing.events import (
    DeliveryAttempted,
    EndpointDisabled,
)
from services.notifications.domain.outgoing.words import DISABLED
from services.notifications.domain.rule import INBOX, LOG, Wording
from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process

UNTRIED = "endpoint-disabled"  # nobody was asked, so it says nothing of the endpoint
ENDPOINT_DISABLED = "endpoint-disabled"  # the rule's name


async def note(fact: DeliveryAttempted, envelope: Envelope, read: Read) -> Iterable[Asked]:
    now = envelope.occurredat
    asked: list[Asked] = []
    if fact.reason != UNTRIED:
        attempt = NoteAttempt(outcome=fact.outcome, reason=fact.reason, at=now)
        asked.append((endpoint_stream(fact.endpoint_id), attempt))
    if fact.retry_at is None:
        delivery: Planned = await read.fold(delivery_stream(fact.delivery_id))
        asked += [
            (stream, RecordDeliveries(outcomes=tuple(outcomes), at=now))
            for stream, outcomes in by_message(delivery, fact).items()
        ]
    return asked


def by_message(delivery: Planned, fact: DeliveryAttempted) -> dict[str, list[Outcome]]:
    """A digest tells of several messages, maybe of one at several steps of its escalation."""
    outcome = Outcome(
        channel=delivery.fact.channel,
        recipient=delivery.fact.owner,
        delivery_id=fact.delivery_id,
        reason=None if fact.outcome == "delivered" else fact.reason,
    )
    return {message_stream(each.notification_id): [outcome] for each in delivery.fact.items}


async def raise_disabled(fact: EndpointDisabled, envelope: Envelope, _: Read) -> Iterable[Asked]:
    """Where its owner looks anyway: the endpoint is no place to say so."""
    if fact.reason == "asked":
        return []
    number = named(ENDPOINT_DISABLED, fact.endpoint_id, fact.number)
    command = RaiseNotification(
        notification_id=number,
        subject=fact.endpoint_id,
        episode=str(fact.number),
        fact_id=envelope.id,
        notice=notice(fact),
        at=envelope.occurredat,
    )
    return [(message_stream(number), command)]


def notice(fact: EndpointDisabled) -> Notice:
    def said(wording: Wording) -> Wording:
        told = {"endpoint": fact.endpoint_id, "channel": fact.channel, "reason": fact.reason}
        return Wording(zh=wording.zh.format(**told), en=wording.en.format(**told))

    title, body = DISABLED
    return Notice(
        rule=ENDPOINT_DISABLED,
        version=1,
        key=str(fact.number),
        recipients=(fact.owner,),
        channels=(INBOX, LOG),
        severity="warning",
        title=said(title),
        body=said(body),
        about="endpoint",
    )


WHEN_ATTEMPTED_NOTE: Process[DeliveryAttempted] = Process(
    name="notifications.when-attempted-note", facts=(DeliveryAttempted,), react=note
)
WHEN_DISABLED_RAISE: Process[EndpointDisabled] = Process(
    name="notifications.when-disabled-raise", facts=(EndpointDisabled,), react=raise_disabled
)
