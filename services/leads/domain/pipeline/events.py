"""Private facts of opportunities and stage models."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.leads import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    OpportunityWon,
    RuleVersion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`requires` is the evidence without which nobody enters; None days: no such warning."""

    stage: str
    category: str  # pipeline, best-case, commit
    probability: Decimal
    requires: tuple[str, ...] = ()
    yellow_days: int | None = 7
    escalation_days: int | None = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class StageModelPublished(Event):
    model_id: Id
    version: int
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesAdopted(Event):
    """An opportunity keeps the version of the stages that it began with."""

    opportunity_id: Id
    owner: Label | None = None
    model: RuleVersion
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered(Event):
    """`reason`: why it went back, or was reopened."""

    opportunity_id: Id
    stage: str
    visit: int
    entered_at: datetime
    yellow_at: datetime | None = None
    escalation_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceGiven(Event):
    opportunity_id: Id
    kind: str
    note: str = ""
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackGiven(Event):
    opportunity_id: Id
    customer_id: Id
    visit: int
    given_at: datetime
    note: str = ""
    next_action: str | None = None
    next_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityTransferred(Event):
    opportunity_id: Id
    owner: Label
    previous: Label


OpportunityEvent = (
    OpportunityOpened
    | StagesAdopted
    | StageEntered
    | OpportunityStageChanged
    | EvidenceGiven
    | FeedbackGiven
    | OpportunityStalled
    | OpportunityStallCleared
    | OpportunityTransferred
    | OpportunityWon
    | OpportunityLost
)
