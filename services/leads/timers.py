"""An offer is to be answered in time."""

from collections.abc import Iterable

from services.leads.domain.commands import TimeOutOffer
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadAccepted, LeadAssigned, LeadDeclined, LeadReleased
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

ANSWER = "answer"
Answerable = LeadAssigned | LeadAccepted | LeadDeclined | LeadReleased


def runs(fact: Answerable, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case LeadAssigned():
            return [SetTimer(ANSWER, fact.accept_by)]
        case _:
            return [ClearTimer(ANSWER)]


async def ring(due: Due, _: Read) -> Iterable[Asked]:
    return [(due.stream, TimeOutOffer(at=due.due))]


TIMERS: Timers[Answerable] = Timers(
    facts=(LeadAssigned, LeadAccepted, LeadDeclined, LeadReleased), set=runs, fire=ring
)
