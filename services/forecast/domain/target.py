"""A target: one partner, product line and month. Set again, it is the next revision; each Monday
of its month, and on the first one after it, it is told how much of it is collected.
"""

from dataclasses import dataclass, replace
from datetime import date

from services.forecast.domain.commands import MeasureAttainment, SetTarget
from shared.contracts.forecast import AttainmentMeasured, TargetSet
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed

TARGET_STREAMS = "forecast.target-"
Aiming = SetTarget | MeasureAttainment
Aimed = TargetSet | AttainmentMeasured


@dataclass(frozen=True, slots=True)
class Target:
    revision: int = 0
    measured: frozenset[date] = frozenset()


def decide(command: Aiming, target: Target) -> list[Aimed]:
    match command:
        case SetTarget():
            return [_set(command, target)]
        case MeasureAttainment():
            return [one for one in command.found if one.week not in target.measured]


def _set(command: SetTarget, target: Target) -> TargetSet:
    if command.target.amount < 0:
        raise Malformed("target-negative", "a target is 0 or more")
    return TargetSet(
        partner_id=command.partner_id,
        product_line=command.product_line,
        month=command.month,
        target=command.target,
        revision=target.revision + 1,
    )


def evolve(target: Target, fact: Aimed) -> Target:
    match fact:
        case TargetSet():
            return replace(target, revision=fact.revision)
        case AttainmentMeasured():
            return replace(target, measured=target.measured | {fact.week})


def target_stream(partner_id: str, product_line: str, month: str) -> str:
    return f"{TARGET_STREAMS}{named(partner_id, product_line, month)}"


DECIDER: Decider[Aiming, Target, Aimed] = Decider(decide, evolve, Target())
TARGET = Aggregate(name="target", decider=DECIDER, facts=(TargetSet, AttainmentMeasured))
