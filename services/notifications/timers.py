"""What time does: a delivery that waits goes on, a digest goes out, a superior is told."""

from collections.abc import Iterable
from datetime import timedelta

from services.notifications.domain.commands import EscalateNotification
from services.notifications.domain.events import (
    NotificationEscalated,
    NotificationRaised,
)
from services.notifications.domain.message import Raised
from services.notifications.domain.outgoing.commands import CloseDigest, ResumeDelivery
from services.notifications.domain.outgoing.events import (
    DeliveryAttempted,
    DeliveryPostponed,
    DigestClosed,
    DigestExtended,
    RedeliveryRequested,
)
from services.notifications.domain.subject import stands, subject_stream
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers
from shared.kernel.working_clock import after, national

RESUME, CLOSE, ESCALATE = "resume", "close", "escalate"
LADDER = (timedelta(hours=4), timedelta(hours=8))  # working hours (ruling n1); then 8 each
OfMessage = NotificationRaised | NotificationEscalated
OfDelivery = DeliveryAttempted | DeliveryPostponed | RedeliveryRequested
Scheduling = OfMessage | OfDelivery | DigestExtended | DigestClosed


def when(fact: Scheduling, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case DeliveryAttempted(retry_at=None) | RedeliveryRequested():
            yield ClearTimer(RESUME)
        case DeliveryAttempted(retry_at=until) | DeliveryPostponed(until=until) if until:
            yield SetTimer(RESUME, until)
        case DigestExtended(due=due):
            yield SetTimer(CLOSE, due)
        case DigestClosed():
            yield ClearTimer(CLOSE)
        case NotificationRaised(notice=notice) if notice.ladder:
            yield SetTimer(ESCALATE, after(envelope.time, LADDER[0], national))
        case NotificationEscalated(step=step, notice=notice) if step <= len(notice.ladder):
            worked = LADDER[min(step, len(LADDER)) - 1]
            yield SetTimer(ESCALATE, after(envelope.time, worked, national))


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    match due.name:
        case "resume":
            return [(due.stream, ResumeDelivery(at=due.due))]
        case "close":
            return [(due.stream, CloseDigest(at=due.due))]
        case _:
            return await escalated(due, read)


async def escalated(due: Due, read: Read) -> Iterable[Asked]:
    """Only what still stands: nobody needs to answer for a hold that is over."""
    message: Raised = await read.fold(due.stream)
    fact = message.fact
    subject = await read.fold(subject_stream(fact.subject))
    if not stands(subject, fact.notice, fact.fact_id):
        return []
    return [(due.stream, EscalateNotification(step=message.step, at=due.due))]


TIMERS: Timers[Scheduling] = Timers(
    facts=(
        NotificationRaised,
        NotificationEscalated,
        DeliveryAttempted,
        DeliveryPostponed,
        RedeliveryRequested,
        DigestExtended,
        DigestClosed,
    ),
    set=when,
    fire=fire,
)
