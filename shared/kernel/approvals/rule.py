"""The rule, as data, and the route it makes of a subject."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.contracts.approvals import ApprovalRuleVersion, Route, RouteStep, Seat
from shared.contracts.ids import Id
from shared.contracts.money import Money
from shared.kernel.errors import Malformed, Refused

Compare = Literal[">", ">=", "<", "<="]
COMPARED: Mapping[Compare, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where the subject's amount must lie. The rule stores the operator (ruling g6): `>` 500,000
    leaves 500,000.00 out and takes 500,000.01 in.
    """

    op: Compare
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field of the subject is one of `values`; one it does not have is none of them."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the route if the amount lies in all bands and all conditions hold."""

    name: str
    mode: Literal["all", "any"] = "all"
    seats: tuple[Seat, ...]
    bands: tuple[Band, ...] = ()
    conditions: tuple[Condition, ...] = ()
    hours: int | None = None
    escalation: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Steps are asked one after the other. A route in progress keeps its version of the rule."""

    id: Id
    version: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be approved, as far as rules ask; `requester` is a user id."""

    requester: str
    amount: Money
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """From `since` until `until`, exclusive, user `to` may sit where `of` may."""

    of: Seat
    to: str
    since: datetime
    until: datetime

    def holds(self, user: str, at: datetime) -> bool:
        return self.to == user and self.since <= at < self.until


def checked(rule: Rule) -> Rule:
    """The rule, or why it is none."""
    seats = [seat for step in rule.steps for seat in (*step.seats, *step.escalation)]
    users = [seat for seat in seats if seat.startswith("user:")]
    if any(not step.seats for step in rule.steps):
        raise Malformed("approval-rule-malformed", "every step has at least one seat")
    if len(users) != len(set(users)):
        raise Malformed("approval-rule-malformed", "nobody counts twice: name a user once")
    if any(step.hours is not None and step.hours < 1 for step in rule.steps):
        raise Malformed("approval-rule-malformed", "hours are 1 or more")
    if any(step.escalation and step.hours is None for step in rule.steps):
        raise Malformed("approval-rule-malformed", "an escalation needs the hours to wait")
    return rule


def route(rule: Rule, subject: Subject, at: datetime) -> Route:
    """Who is asked, in which order; without steps nobody needs to be."""
    steps = (one for one in rule.steps if applies(one, subject))
    return Route(
        rule=ApprovalRuleVersion(id=rule.id, version=rule.version),
        requester=subject.requester,
        began_at=at,
        steps=tuple(_without(subject.requester, one) for one in steps),
    )


def applies(step: Step, subject: Subject) -> bool:
    fits = all(_within(band, subject.amount) for band in step.bands)
    return fits and all(subject.fields.get(one.field) in one.values for one in step.conditions)


def _within(band: Band, amount: Money) -> bool:
    if band.amount.currency != amount.currency:
        raise Refused(
            "approval-rule-currency",
            f"the rule's bands are in {band.amount.currency}: publish one in {amount.currency}",
        )
    return COMPARED[band.op](amount, band.amount)


def _without(requester: str, step: Step) -> RouteStep:
    """Nobody approves what he asked for (E12): his seat goes, the next in line takes it."""
    seats = tuple(seat for seat in step.seats if seat != f"user:{requester}")
    ladder = tuple(seat for seat in step.escalation if seat != f"user:{requester}")
    if not seats:
        seats, ladder = ladder[:1], ladder[1:]
    if not seats:
        raise Refused(
            "approval-nobody-left", f"only the requester could approve {step.name}: ask for a rule"
        )
    return RouteStep(
        name=step.name, mode=step.mode, seats=seats, hours=step.hours, escalation=ladder
    )
