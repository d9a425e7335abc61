"""An approval on its way along a route: who has voted, who is still asked, how it ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from shared.contracts.approvals import (
    Ballot,
    Entry,
    Escalation,
    Recall,
    Route,
    RouteStep,
    Seat,
    Verdict,
)
from shared.kernel.approvals.rule import Delegation
from shared.kernel.approvals.seating import seated
from shared.kernel.decider import corrupt
from shared.kernel.errors import Forbidden, Refused

Outcome = Literal["open", "approved", "rejected", "returned", "lapsed", "recalled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """`roles` are those of the voter now; `delegations` whatever is known of delegations."""

    by: str
    roles: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    delegations: tuple[Delegation, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOut:
    """The timer of `due`, for the step and the rung for which it was set; out of date, nothing."""

    step: int
    rung: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    by: str
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`step` is the one being asked, since `since`, escalated `rung` times."""

    route: Route
    step: int
    since: datetime
    rung: int = 0
    ballots: tuple[Ballot, ...] = ()
    outcome: Outcome = "open"

    @property
    def asked(self) -> RouteStep | None:
        return self.route.steps[self.step] if self.outcome == "open" else None

    @property
    def waiting(self) -> tuple[Seat, ...]:
        """Seats that somebody may still fill now."""
        if self.asked is None:
            return ()
        taken = _taken(self.asked, self.given)
        missing = [seat for n, seat in enumerate(self.asked.seats) if n not in taken]
        return (*missing, *self.asked.escalation[: self.rung])

    @property
    def due(self) -> datetime | None:
        """When the present step times out."""
        if self.asked is None or self.asked.hours is None:
            return None
        return self.since + timedelta(hours=self.asked.hours) * (self.rung + 1)

    @property
    def given(self) -> tuple[Ballot, ...]:
        return tuple(one for one in self.ballots if one.step == self.step)


def begin(route: Route) -> Approval:
    approval = Approval(route=route, step=0, since=route.began_at)
    return approval if route.steps else replace(approval, outcome="approved")


def decide(approval: Approval, told: Vote | TimeOut | CallBack) -> Entry | None:
    match told:
        case TimeOut():
            return _escalated(approval, told)
        case _ if approval.outcome != "open":
            raise Refused("approval-decided", f"it is {approval.outcome} already")
        case CallBack():
            if told.by != approval.route.requester:
                raise Forbidden("approval-not-yours", "only who asked for it may recall it")
            return Recall(by=told.by, reason=told.reason, at=told.at)
        case Vote():
            return _ballot(approval, told)


def evolve(approval: Approval, entry: Entry) -> Approval:
    match entry:
        case _ if approval.outcome != "open":
            raise corrupt(approval, entry)
        case Ballot(verdict="reject"):
            return replace(_cast(approval, entry), outcome="rejected")
        case Ballot(verdict="return"):
            return replace(_cast(approval, entry), outcome="returned")
        case Ballot():
            return _agreed(_cast(approval, entry), entry)
        case Escalation(to=None):
            return replace(approval, outcome="lapsed")
        case Escalation():
            return replace(approval, rung=entry.rung)
        case Recall():
            return replace(approval, outcome="recalled")


def _ballot(approval: Approval, vote: Vote) -> Ballot:
    if vote.by == approval.route.requester:
        raise Forbidden("approval-self", "nobody approves what he asked for: ask a colleague")
    if any(one.by == vote.by for one in approval.ballots):
        raise Refused("approval-voted", "nobody counts twice")
    later = approval.route.steps[approval.step + 1 :]
    if any(f"user:{vote.by}" in step.seats for step in later):
        raise Refused("approval-asked-later", "you are asked by name in a later step")
    own = {f"user:{vote.by}", *(f"role:{role}" for role in vote.roles)}
    lent = {one.of for one in vote.delegations if one.holds(vote.by, vote.at)}
    lent -= {*own, f"user:{approval.route.requester}"}
    ballot = Ballot(
        step=approval.step,
        by=vote.by,
        verdict=vote.verdict,
        seats=_fitting(approval, own | lent),
        delegated=_fitting(approval, lent),
        reason=vote.reason,
        at=vote.at,
    )
    if not _counts(approval, ballot):
        raise Forbidden(
            "approval-not-asked", f"it waits for {' and '.join(approval.waiting)}, and not for you"
        )
    return ballot


def _fitting(approval: Approval, seats: set[str]) -> tuple[Seat, ...]:
    step = approval.route.steps[approval.step]
    asked = (*step.seats, *step.escalation[: approval.rung])
    return tuple(dict.fromkeys(seat for seat in asked if seat in seats))


def _counts(approval: Approval, ballot: Ballot) -> bool:
    """With it one more seat is filled, or it is the vote of whom it was escalated to."""
    step = approval.route.steps[approval.step]
    if set(ballot.seats) & set(step.escalation[: approval.rung]):
        return True
    given = approval.given
    return len(_taken(step, (*given, ballot))) > len(_taken(step, given))


def _taken(step: RouteStep, ballots: tuple[Ballot, ...]) -> dict[int, str]:
    return seated(step.seats, {one.by: one.seats for one in ballots})


def _cast(approval: Approval, ballot: Ballot) -> Approval:
    return replace(approval, ballots=(*approval.ballots, ballot))


def _agreed(approval: Approval, ballot: Ballot) -> Approval:
    step = approval.route.steps[approval.step]
    filled = len(_taken(step, approval.given))
    enough = filled >= (len(step.seats) if step.mode == "all" else 1)
    if not enough and not set(ballot.seats) & set(step.escalation[: approval.rung]):
        return approval
    if ballot.step + 1 == len(approval.route.steps):
        return replace(approval, outcome="approved")
    return replace(approval, step=ballot.step + 1, since=ballot.at, rung=0)


def _escalated(approval: Approval, told: TimeOut) -> Escalation | None:
    """Total: a timer may be late."""
    step, due = approval.asked, approval.due
    if step is None or due is None or (approval.step, approval.rung) != (told.step, told.rung):
        return None
    if told.at < due:
        return None
    to = step.escalation[told.rung] if told.rung < len(step.escalation) else None
    return Escalation(step=told.step, rung=told.rung + 1, to=to, at=told.at)
