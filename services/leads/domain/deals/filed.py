"""A registration as its facts tell it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.leads.domain.deals.events import (
    Details,
    ExtensionRefused,
    ExtensionRequested,
    Proof,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationDetailed,
    RegistrationEscalated,
    RegistrationEvent,
    RegistrationHeld,
    RegistrationMatched,
    RegistrationOpened,
    RegistrationTransferred,
    RegistrationVoted,
    RegistrationWithdrawn,
)
from shared.contracts.leads import (
    DealExpiryAnnounced,
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.kernel import approvals
from shared.kernel.approvals import Approval
from shared.kernel.decider import corrupt

Status = Literal[
    "draft", "review", "approved", "held", "protected", "rejected", "withdrawn", "ended"
]


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """`asked` is the evidence of an extension that waits for its decision."""

    registration_id: str
    partner_id: str
    owner: str | None
    details: Details
    status: Status = "draft"
    completed_at: datetime | None = None
    approval: Approval | None = None
    customer_id: str | None = None
    reason: str = ""
    protected_from: datetime | None = None
    until: datetime | None = None
    extensions: int = 0
    announced: frozenset[int] = frozenset()
    asked: tuple[Proof, ...] = ()
    free_from: datetime | None = None


Registration = Absent | Filed


def evolve(registration: Registration, fact: RegistrationEvent) -> Registration:
    match registration, fact:
        case Absent(), RegistrationOpened():
            return Filed(
                registration_id=fact.registration_id,
                partner_id=fact.partner_id,
                owner=fact.owner,
                details=fact.details,
            )
        case Filed(), _:
            return reviewed(registration, fact)
        case _:
            raise corrupt(registration, fact)


def reviewed(filed: Filed, fact: RegistrationEvent) -> Filed:
    match fact:
        case RegistrationDetailed():
            return replace(filed, details=fact.details)
        case RegistrationCompleted():
            approval = approvals.begin(fact.route)
            done = fact.completed_at
            return replace(filed, status="review", completed_at=done, approval=approval)
        case RegistrationVoted() | RegistrationEscalated():
            return replace(filed, approval=followed(filed, fact))
        case RegistrationMatched():
            return replace(filed, customer_id=fact.customer_id)
        case RegistrationTransferred():
            return replace(filed, owner=fact.owner)
        case RegistrationApproved() | RegistrationHeld():
            return replace(
                filed, status="held" if isinstance(fact, RegistrationHeld) else "approved"
            )
        case RegistrationRejected() | RegistrationWithdrawn():
            how: Status = "rejected" if isinstance(fact, RegistrationRejected) else "withdrawn"
            return replace(filed, status=how, reason=fact.reason)
        case _:
            return protected(filed, fact)


def followed(filed: Filed, fact: RegistrationVoted | RegistrationEscalated) -> Approval:
    assert filed.approval is not None
    entry = fact.ballot if isinstance(fact, RegistrationVoted) else fact.escalation
    return approvals.evolve(filed.approval, entry)


def protected(filed: Filed, fact: RegistrationEvent) -> Filed:
    match fact:
        case DealRegistered():
            return replace(
                filed,
                status="protected",
                protected_from=fact.protected_from,
                until=fact.protected_until,
            )
        case DealExpiryAnnounced():
            return replace(filed, announced=filed.announced | {fact.days})
        case ExtensionRequested():
            return replace(filed, asked=fact.evidence)
        case ExtensionRefused():
            return replace(filed, asked=())
        case DealExtended():
            return replace(
                filed,
                asked=(),
                extensions=fact.number,
                until=fact.protected_until,
                announced=frozenset(),
            )
        case DealProtectionEnded():
            return replace(filed, status="ended", reason=fact.reason, free_from=fact.free_from)
        case _:
            raise corrupt(filed, fact)
