"""A customer that is silent for 30 days is noticed, for 45 days released (L-04)."""

from collections.abc import Iterable
from datetime import datetime

from services.leads.domain.ownership.commands import NoticeSilence, ReleaseCustomer
from services.leads.domain.ownership.events import ActivityRecorded
from services.leads.domain.ownership.holding import RELEASED, REMINDED
from shared.contracts.event import Envelope
from shared.contracts.leads.customers import CustomerAssigned, CustomerClaimed, CustomerReleased
from shared.kernel.decider import Command
from shared.kernel.timer import ClearTimer, Due, SetTimer

Counting = ActivityRecorded | CustomerAssigned | CustomerClaimed | CustomerReleased
SILENCE, RELEASE = "silence", "release"


def set_(fact: Counting, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    """An activity of long ago may be due at once."""
    match fact:
        case ActivityRecorded():
            return counted(fact.silent_since) if fact.silent_since else []
        case CustomerAssigned():
            return counted(fact.last_activity)
        case CustomerClaimed():
            return counted(fact.claimed_at)
        case CustomerReleased():
            return [ClearTimer(SILENCE), ClearTimer(RELEASE)]


def counted(since: datetime) -> list[SetTimer | ClearTimer]:
    return [SetTimer(SILENCE, since + REMINDED), SetTimer(RELEASE, since + RELEASED)]


def fire(due: Due) -> Command:
    kind = NoticeSilence if due.name == SILENCE else ReleaseCustomer
    return kind(at=due.due)
