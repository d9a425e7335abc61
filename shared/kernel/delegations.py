"""Who decides for whom, as every context with approvals learns it (ADR 0041).

A context lists `LEARNT` among its aggregates and `learning(name)` among its policies, and passes
what `lent` finds along with a vote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from immutables import Map

from shared.contracts.approvals import Seat
from shared.contracts.event import Envelope, Event
from shared.contracts.partners import DelegationGranted, DelegationRevoked
from shared.kernel.approvals import Delegation
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.policy import Asked, Policy, Read

Told = DelegationGranted | DelegationRevoked


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationLearned(Event):
    """Private: as `partners` told it, its highest revision so far."""

    delegation_id: str
    to: str
    seats: tuple[Seat, ...]
    since: datetime
    until: datetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnDelegation:
    learnt: DelegationLearned
    at: datetime


Known = Map[str, DelegationLearned]


def _decide(command: LearnDelegation, known: Known) -> list[DelegationLearned]:
    before = known.get(command.learnt.delegation_id)
    stale = before is not None and command.learnt.revision <= before.revision
    return [] if stale else [command.learnt]


def _evolve(known: Known, fact: DelegationLearned) -> Known:
    return known.set(fact.delegation_id, fact)


DECIDER: Decider[LearnDelegation, Known, DelegationLearned] = Decider(_decide, _evolve, Map())
LEARNT = Aggregate(name="delegations", decider=DECIDER, facts=(DelegationLearned,))


def delegations_stream(context: str) -> str:
    return f"{context}.delegations-all"


def learning(context: str) -> Policy[Told]:
    async def learn(fact: Told, envelope: Envelope, _: Read) -> Iterable[Asked]:
        learnt = DelegationLearned(
            delegation_id=fact.delegation_id,
            to=fact.to,
            seats=fact.seats,
            since=fact.since,
            until=fact.until,
            revision=fact.revision,
        )
        command = LearnDelegation(learnt=learnt, at=envelope.occurredat)
        return [(delegations_stream(context), command)]

    return Policy(
        name=f"{context}.learn-delegations",
        facts=(DelegationGranted, DelegationRevoked),
        react=learn,
    )


async def lent(read: Read, context: str, user: str, at: datetime) -> tuple[Delegation, ...]:
    """Those by which this user may decide for others now."""
    known: Known = await read.fold(delegations_stream(context))
    found = (
        Delegation(of=seat, to=one.to, since=one.since, until=one.until)
        for _, one in sorted(known.items())
        for seat in one.seats
    )
    return tuple(one for one in found if one.holds(user, at))
