"""What a context's approval rule looks like over HTTP; only its conditions' fields are its own."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.approvals import Seat
from shared.contracts.money import Money
from shared.kernel.approvals import Band, Condition, Rule, Step
from shared.runtime.http import Body, Text

CONDITIONS = Field(max_length=10)
STEPS = Field(max_length=20)


class AmountBand(Body):
    """In another currency than the amount's it is always asked."""

    op: Literal[">", ">=", "<", "<="]
    amount: Money


class ConditionBody(Body):
    """A context narrows `field` to what it knows of its subjects."""

    field: str
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]


class StepBody(Body):
    """`all` is 会签, `any` is 或签; after `hours` it goes to the next of `escalation`."""

    name: Text
    mode: Literal["all", "any"] = "all"
    seats: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=20)]
    bands: Annotated[tuple[AmountBand, ...], Field(max_length=4)] = ()
    conditions: Annotated[Sequence[ConditionBody], CONDITIONS] = ()
    hours: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    escalation: Annotated[tuple[Seat, ...], Field(max_length=10)] = ()

    def step(self) -> Step:
        return Step(
            name=self.name,
            mode=self.mode,
            seats=self.seats,
            bands=tuple(Band(op=one.op, amount=one.amount) for one in self.bands),
            conditions=tuple(
                Condition(field=one.field, values=one.values) for one in self.conditions
            ),
            hours=self.hours,
            escalation=self.escalation,
        )


class RuleBody(Body):
    """Published in versions, one after the other; what waits keeps the one that made its route."""

    version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    steps: Annotated[Sequence[StepBody], STEPS]

    def rule(self, rule_id: str) -> Rule:
        steps = tuple(one.step() for one in self.steps)
        return Rule(id=rule_id, version=self.version, steps=steps)
