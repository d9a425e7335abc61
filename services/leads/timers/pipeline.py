"""Yellow after days without feedback in a stage, escalation after days in it."""

from collections.abc import Iterable

from services.leads.domain.pipeline.commands import WarnOfStall
from services.leads.domain.pipeline.events import FeedbackGiven, StageEntered
from services.leads.domain.pipeline.pursued import ESCALATION, YELLOW
from shared.contracts.event import Envelope
from shared.contracts.leads import OpportunityLost, OpportunityWon
from shared.kernel.decider import Command
from shared.kernel.timer import ClearTimer, Due, SetTimer

Waking = StageEntered | FeedbackGiven | OpportunityWon | OpportunityLost


def set_(fact: Waking, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case StageEntered():
            due = {YELLOW: fact.yellow_at, ESCALATION: fact.escalation_at}
            return [SetTimer(n, at) if at else ClearTimer(n) for n, at in due.items()]
        case FeedbackGiven():
            return [ClearTimer(YELLOW)]
        case _:
            return [ClearTimer(YELLOW), ClearTimer(ESCALATION)]


def fire(due: Due) -> Command:
    return WarnOfStall(level=due.name, at=due.due)
