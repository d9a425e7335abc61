"""An opportunity as its facts tell it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.leads.domain.pipeline.events import (
    EvidenceGiven,
    FeedbackGiven,
    OpportunityEvent,
    OpportunityTransferred,
    Stage,
    StageEntered,
    StagesAdopted,
)
from shared.contracts.leads import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    OpportunityWon,
    RuleVersion,
)
from shared.contracts.money import Money
from shared.kernel.decider import corrupt

YELLOW, ESCALATION = LEVELS = "yellow", "escalation"


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The stage as it was entered last; `warned` of, and `heard` from, since then."""

    number: int
    stage: str
    entered_at: datetime
    due: tuple[tuple[str, datetime | None], ...]
    heard: bool = False
    warned: frozenset[str] = frozenset()

    @property
    def standing(self) -> frozenset[str]:
        """Feedback ends yellow for the visit (ruling l8)."""
        return self.warned - {YELLOW} if self.heard else self.warned


@dataclass(frozen=True, slots=True, kw_only=True)
class Pursued:
    about: OpportunityOpened
    owner: str | None = None
    model: RuleVersion | None = None
    stages: tuple[Stage, ...] = ()
    status: Literal["open", "won", "lost"] = "open"
    visit: Visit | None = None
    amount: Money
    expected_close: date | None = None
    category: str = "pipeline"
    revision: int = 0
    evidence: frozenset[str] = frozenset()
    reason: str = ""
    next_action: str | None = None
    next_on: date | None = None

    @property
    def opportunity_id(self) -> str:
        return self.about.opportunity_id

    @property
    def now(self) -> Visit:
        assert self.visit is not None
        return self.visit

    def stage_of(self, name: str) -> Stage | None:
        return next((one for one in self.stages if one.stage == name), None)

    @property
    def place(self) -> int:
        return [one.stage for one in self.stages].index(self.now.stage)


Opportunity = Absent | Pursued


def evolve(opportunity: Opportunity, fact: OpportunityEvent) -> Opportunity:
    match opportunity, fact:
        case Absent(), OpportunityOpened():
            return Pursued(about=fact, amount=fact.amount, expected_close=fact.expected_close)
        case Pursued(), StagesAdopted():
            return replace(opportunity, owner=fact.owner, model=fact.model, stages=fact.stages)
        case Pursued(), OpportunityStallCleared():
            return opportunity
        case Pursued(), _:
            return moved(opportunity, fact)
        case _:
            raise corrupt(opportunity, fact)


def moved(one: Pursued, fact: OpportunityEvent) -> Pursued:
    match fact:
        case StageEntered():
            return replace(one, status="open", visit=entered(fact), reason=fact.reason)
        case OpportunityStageChanged():
            return replace(
                one,
                amount=fact.amount,
                expected_close=fact.expected_close,
                category=fact.category,
                revision=fact.revision,
            )
        case EvidenceGiven():
            return replace(one, evidence=one.evidence | {fact.kind})
        case FeedbackGiven():
            heard = replace(one.now, heard=True)
            return replace(one, visit=heard, next_action=fact.next_action, next_on=fact.next_on)
        case OpportunityStalled():
            warned = replace(one.now, warned=one.now.warned | {fact.level})
            return replace(one, visit=warned)
        case OpportunityTransferred():
            return replace(one, owner=fact.owner)
        case OpportunityWon() | OpportunityLost():
            won = isinstance(fact, OpportunityWon)
            return replace(one, status="won" if won else "lost", reason=fact.reason)
        case _:
            raise corrupt(one, fact)


def entered(fact: StageEntered) -> Visit:
    return Visit(
        number=fact.visit,
        stage=fact.stage,
        entered_at=fact.entered_at,
        due=((YELLOW, fact.yellow_at), (ESCALATION, fact.escalation_at)),
    )
