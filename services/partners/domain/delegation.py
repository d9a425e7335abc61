"""A delegation: somebody of ours decides for somebody else, for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.approvals import Seat
from shared.contracts.partners import DelegationGranted, DelegationRevoked
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Forbidden, Malformed, NotFound, Refused

LONGEST = timedelta(days=366)
DelegationEvent = DelegationGranted | DelegationRevoked


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDelegation:
    """Without `since` from now on."""

    delegation_id: str
    by: str
    to: str
    seats: tuple[Seat, ...]
    since: datetime | None
    until: datetime
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDelegation:
    """`anyones`: who asks may end those of others, too."""

    by: str
    anyones: bool
    at: datetime


DelegationCommand = GrantDelegation | RevokeDelegation


def decide(
    command: DelegationCommand, known: DelegationEvent | None
) -> list[DelegationGranted | DelegationRevoked]:
    match command, known:
        case GrantDelegation(), None:
            return [granted(command)]
        case GrantDelegation(), _:
            raise Refused("delegation-exists", "choose another delegation_id")
        case RevokeDelegation(), None:
            raise NotFound("delegation-not-found")
        case RevokeDelegation(), _:
            return revoked(command, known)


def granted(command: GrantDelegation) -> DelegationGranted:
    if command.to == command.by:
        raise Malformed("delegation-malformed", "nobody stands in for himself")
    since = command.since or command.at
    if not since < command.until <= since + LONGEST:
        raise Malformed("delegation-malformed", "it ends after it begins, within a year")
    if command.until <= command.at:
        raise Malformed("delegation-malformed", "it would be over already")
    return DelegationGranted(
        delegation_id=command.delegation_id,
        by=command.by,
        to=command.to,
        seats=command.seats,
        since=since,
        until=command.until,
        reason=command.reason,
        revision=1,
    )


def revoked(command: RevokeDelegation, known: DelegationEvent) -> list[DelegationEvent]:
    """What is over stays as it was."""
    if not command.anyones and command.by != known.by:
        raise Forbidden("delegation-foreign", "who granted it ends it")
    if known.until <= command.at:
        return []
    return [
        DelegationRevoked(
            delegation_id=known.delegation_id,
            by=known.by,
            to=known.to,
            seats=known.seats,
            since=known.since,
            until=max(command.at, known.since),
            revision=known.revision + 1,
        )
    ]


def delegation_stream(delegation_id: str) -> str:
    return f"partners.delegation-{delegation_id}"


DECIDER: Decider[DelegationCommand, DelegationEvent | None, DelegationEvent] = Decider(
    decide, lambda _, fact: fact, None
)
DELEGATION = Aggregate(
    name="delegation", decider=DECIDER, facts=(DelegationGranted, DelegationRevoked)
)
