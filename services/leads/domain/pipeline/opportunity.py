"""The life of an opportunity: stage by stage, with evidence, until it is won or lost (L-08)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from services.leads.domain.pipeline.commands import (
    Estimate,
    GiveEvidence,
    GiveFeedback,
    LoseOpportunity,
    MoveStage,
    OpenOpportunity,
    OpportunityCommand,
    ReopenOpportunity,
    TransferOpportunity,
    WarnOfStall,
    WinOpportunity,
)
from services.leads.domain.pipeline.events import (
    EvidenceGiven,
    OpportunityEvent,
    OpportunityTransferred,
    Stage,
    StageEntered,
    StagesAdopted,
)
from services.leads.domain.pipeline.pursued import (
    LEVELS,
    YELLOW,
    Absent,
    Opportunity,
    Pursued,
    evolve,
)
from services.leads.domain.pipeline.statements import (
    changed,
    cleared,
    feedback,
    lost,
    opened,
    stalled,
    won,
)
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, NotFound, Refused

CLOSED, OMITTED = "closed", "omitted"


def decide(command: OpportunityCommand, opportunity: Opportunity) -> Sequence[OpportunityEvent]:
    match opportunity, command:
        case Absent(), OpenOpportunity():
            return begin(command)
        case Absent(), _:
            raise NotFound("opportunity-not-found")
        case Pursued(), OpenOpportunity():
            told = f"{command.opportunity_id} is an opportunity: choose another id"
            raise Refused("opportunity-exists", told)
        case Pursued(), WarnOfStall():
            return warned(command, opportunity)
        case Pursued(), TransferOpportunity():
            return transferred(command, opportunity)
        case Pursued(status="open"), _:
            return pursue(command, opportunity)
        case Pursued(), _:
            return resume(command, opportunity)


def pursue(command: OpportunityCommand, one: Pursued) -> list[OpportunityEvent]:
    match command:
        case MoveStage():
            return move(command, one)
        case GiveEvidence():
            return [
                EvidenceGiven(
                    opportunity_id=one.opportunity_id,
                    kind=command.kind,
                    note=command.note,
                    document=command.document,
                )
            ]
        case GiveFeedback():
            return [feedback(command, one), *cleared(one, YELLOW)]
        case Estimate():
            return estimated(command, one)
        case WinOpportunity():
            final = replace(one, amount=command.amount or one.amount)
            closed = changed(final, one.now.stage, CLOSED, Decimal(1))
            return [closed, won(command, final), *cleared(one, *LEVELS)]
        case LoseOpportunity():
            omitted = changed(one, one.now.stage, OMITTED, Decimal(0))
            return [omitted, lost(command, one), *cleared(one, *LEVELS)]
        case _:
            raise Refused("opportunity-open", "it is open: there is nothing to reopen")


def begin(command: OpenOpportunity) -> list[OpportunityEvent]:
    fact = opened(command)
    adopted = StagesAdopted(
        opportunity_id=command.opportunity_id,
        owner=command.owner,
        model=command.found.model,
        stages=command.found.stages,
    )
    one = evolve(evolve(Absent(), fact), adopted)
    assert isinstance(one, Pursued)
    first = one.stages[0]
    entry = entered(one, first, command.at, 1)
    return [fact, adopted, entry, stage_changed(one, None, first)]


def move(command: MoveStage, one: Pursued) -> list[OpportunityEvent]:
    stage = one.stage_of(command.stage)
    if stage is None:
        known = ", ".join(each.stage for each in one.stages)
        raise Malformed("stage-unknown", f"the stages are {known}")
    step = one.stages.index(stage) - one.place
    if step == 0:
        raise Refused("stage-same", f"it is in {command.stage} already")
    if step > 1:
        raise Refused("stage-skipped", f"next comes {one.stages[one.place + 1].stage}")
    if step < 0 and not command.reason:
        raise Refused("stage-unexplained", "say why it goes back")
    missing = [kind for kind in stage.requires if kind not in one.evidence]
    if step == 1 and missing:
        raise Refused("evidence-missing", f"{command.stage} needs {', '.join(missing)}")
    entry = entered(one, stage, command.at, one.now.number + 1, command.reason)
    return [entry, stage_changed(one, one.now.stage, stage), *cleared(one, *LEVELS)]


def resume(command: OpportunityCommand, one: Pursued) -> list[OpportunityEvent]:
    """In the stage in which it was closed."""
    if not isinstance(command, ReopenOpportunity):
        raise Refused("opportunity-closed", f"it is {one.status} already: reopen it first")
    stage = one.stages[one.place]
    entry = entered(one, stage, command.at, one.now.number + 1, command.reason)
    return [entry, stage_changed(one, stage.stage, stage)]


def entered(
    one: Pursued, stage: Stage, at: datetime, visit: int, reason: str = ""
) -> StageEntered:
    return StageEntered(
        opportunity_id=one.opportunity_id,
        stage=stage.stage,
        visit=visit,
        entered_at=at,
        yellow_at=later(at, stage.yellow_days),
        escalation_at=later(at, stage.escalation_days),
        reason=reason,
    )


def later(at: datetime, days: int | None) -> datetime | None:
    """Days of 24 hours (ruling l8)."""
    return None if days is None else at + timedelta(days=days)


def stage_changed(one: Pursued, before: str | None, stage: Stage) -> OpportunityEvent:
    return changed(one, before, stage.category, stage.probability, stage.stage)


def estimated(command: Estimate, one: Pursued) -> list[OpportunityEvent]:
    estimate = replace(
        one,
        amount=command.amount or one.amount,
        expected_close=command.expected_close or one.expected_close,
        category=command.category or one.category,
    )
    if estimate == one:
        return []
    probability = one.stages[one.place].probability
    return [changed(estimate, one.now.stage, estimate.category, probability)]


def warned(command: WarnOfStall, one: Pursued) -> list[OpportunityEvent]:
    """Each level once a visit; feedback ends yellow for that visit."""
    visit, due = one.now, dict(one.now.due)[command.level]
    heard = command.level == YELLOW and visit.heard
    if one.status != "open" or heard or command.level in visit.warned:
        return []
    if due is None or command.at < due:
        return []
    return [stalled(one, command.level)]


def transferred(command: TransferOpportunity, one: Pursued) -> list[OpportunityEvent]:
    if one.owner != command.previous:
        return []
    return [
        OpportunityTransferred(
            opportunity_id=one.opportunity_id,
            owner=command.owner,
            previous=command.previous,
        )
    ]


def known(opportunity: Opportunity) -> Pursued:
    match opportunity:
        case Pursued():
            return opportunity
        case Absent():
            raise NotFound("opportunity-not-found")


OPPORTUNITY: Decider[OpportunityCommand, Opportunity, OpportunityEvent] = Decider(
    decide, evolve, Absent()
)
