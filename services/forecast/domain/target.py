"""A target: one partner, product line and month. Set again, it is the next revision."""

from dataclasses import dataclass

from services.forecast.domain.commands import SetTarget
from shared.contracts.forecast import TargetSet
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed


@dataclass(frozen=True, slots=True)
class Target:
    revision: int = 0


def decide(command: SetTarget, target: Target) -> list[TargetSet]:
    if command.target.amount < 0:
        raise Malformed("target-negative", "a target is 0 or more")
    return [
        TargetSet(
            partner_id=command.partner_id,
            product_line=command.product_line,
            month=command.month,
            target=command.target,
            revision=target.revision + 1,
        )
    ]


def evolve(_: Target, fact: TargetSet) -> Target:
    return Target(fact.revision)


def target_stream(partner_id: str, product_line: str, month: str) -> str:
    return f"forecast.target-{named(partner_id, product_line, month)}"


DECIDER: Decider[SetTarget, Target, TargetSet] = Decider(decide, evolve, Target())
TARGET = Aggregate(name="target", decider=DECIDER, facts=(TargetSet,))
