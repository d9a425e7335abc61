"""A target: one partner, product line and month. Set again, it is the next revision."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.forecast.domain.commands import MeasureTarget, SetTarget
from shared.contracts.forecast import TargetReached, TargetSet
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed

STEPS = 50, 80, 100
"""Percent of a target that are worth telling (N-02, attainment progress)."""
Aiming = SetTarget | MeasureTarget
Aimed = TargetSet | TargetReached


@dataclass(frozen=True, slots=True)
class Target:
    """`reached` is the highest percentage that was told of this revision."""

    told: TargetSet | None = None
    reached: int = 0

    @property
    def revision(self) -> int:
        return self.told.revision if self.told else 0


def decide(command: Aiming, target: Target) -> list[Aimed]:
    match command:
        case SetTarget():
            return [_set(command, target)]
        case MeasureTarget() if target.told and target.told.target:
            return [*_measured(target.told, target.reached, command.collected)]
        case MeasureTarget():
            return []


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


def _measured(
    told: TargetSet, before: int, collected: tuple[Money, ...]
) -> Iterator[TargetReached]:
    sums = (one for one in collected if one.currency == told.target.currency)
    sum_ = next(sums, Money.zero(told.target.currency))
    reached = [one for one in STEPS if 100 * sum_.amount >= one * told.target.amount]
    for percent in (one for one in reached[-1:] if one > before):
        yield TargetReached(
            partner_id=told.partner_id,
            product_line=told.product_line,
            month=told.month,
            percent=percent,
            target=told.target,
            collected=sum_,
            revision=told.revision,
        )


def evolve(target: Target, fact: Aimed) -> Target:
    match fact:
        case TargetSet():
            return Target(fact)
        case TargetReached():
            return replace(target, reached=fact.percent)


def target_stream(partner_id: str, product_line: str, month: str) -> str:
    return f"forecast.target-{named(partner_id, product_line, month)}"


DECIDER: Decider[Aiming, Target, Aimed] = Decider(decide, evolve, Target())
TARGET = Aggregate(name="target", decider=DECIDER, facts=(TargetSet, TargetReached))
