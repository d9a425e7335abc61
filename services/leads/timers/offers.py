"""An offer is to be answered in time."""

from collections.abc import Iterable

from services.leads.domain.commands import TimeOutOffer
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadAccepted, LeadAssigned, LeadDeclined, LeadReleased
from shared.kernel.decider import Command
from shared.kernel.timer import ClearTimer, Due, SetTimer

Answerable = LeadAssigned | LeadAccepted | LeadDeclined | LeadReleased
ANSWER = "answer"


def set_(fact: Answerable, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case LeadAssigned():
            return [SetTimer(ANSWER, fact.accept_by)]
        case _:
            return [ClearTimer(ANSWER)]


def fire(due: Due) -> Command:
    return TimeOutOffer(at=due.due)
