"""Stage models: versions of which stages there are, and what each asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.leads.domain.pipeline.commands import PublishStageModel
from services.leads.domain.pipeline.events import Stage, StageModelPublished
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed

STANDARD = "standard"
BUILT_IN = StageModelPublished(
    model_id=STANDARD,
    version=0,
    stages=(
        Stage(stage="需求确认", category="pipeline", probability=Decimal("0.1")),
        Stage(
            stage="方案提交",
            category="pipeline",
            probability=Decimal("0.3"),
            requires=("会议纪要",),
        ),
        Stage(
            stage="价格谈判",
            category="best-case",
            probability=Decimal("0.5"),
            requires=("技术协议草稿",),
        ),
        Stage(stage="合同审批", category="commit", probability=Decimal("0.9")),
    ),
)
"""While nobody has published another one under its name."""


@dataclass(frozen=True, slots=True)
class Unpublished: ...


StageModel = Unpublished | StageModelPublished


def decide(command: PublishStageModel, model: StageModel) -> Sequence[StageModelPublished]:
    names = [one.stage for one in command.stages]
    if len(set(names)) != len(names):
        raise Malformed("stage-repeated", "a model has every stage once")
    version = 1 if isinstance(model, Unpublished) else model.version + 1
    return [StageModelPublished(model_id=command.model_id, version=version, stages=command.stages)]


def evolve(_: StageModel, fact: StageModelPublished) -> StageModel:
    return fact


def in_force(model: StageModel, model_id: str) -> StageModelPublished | None:
    match model:
        case StageModelPublished():
            return model
        case Unpublished():
            return BUILT_IN if model_id == STANDARD else None


STAGE_MODEL: Decider[PublishStageModel, StageModel, StageModelPublished] = Decider(
    decide, evolve, Unpublished()
)
