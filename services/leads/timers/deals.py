"""A protection is announced to be over in 14, 7 and 1 days, and then it is over."""

from collections.abc import Iterable
from datetime import datetime

from services.leads.domain.deals import protection
from services.leads.domain.deals.commands import (
    AnnounceExpiry,
    EndProtection,
    EscalateRegistration,
)
from services.leads.domain.deals.events import (
    ExtensionRefused,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationEscalated,
    RegistrationVoted,
    RegistrationWithdrawn,
)
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.kernel import approvals
from shared.kernel.decider import Command
from shared.kernel.timer import ClearTimer, Due, SetTimer

Reviewing = (
    RegistrationCompleted
    | RegistrationVoted
    | RegistrationEscalated
    | RegistrationApproved
    | RegistrationRejected
    | RegistrationWithdrawn
)
Protecting = Reviewing | DealRegistered | DealExtended | ExtensionRefused | DealProtectionEnded
REVIEW, END = "review", "protection-end"
ANNOUNCED = {f"protection-end-in-{days}-days": days for days in protection.ANNOUNCED}


def set_(fact: Protecting, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case RegistrationCompleted():
            yield review(approvals.begin(fact.route).due)
        case RegistrationVoted() | RegistrationEscalated():
            yield review(fact.due)
        case RegistrationApproved() | RegistrationRejected() | RegistrationWithdrawn():
            yield ClearTimer(REVIEW)
        case DealRegistered() | DealExtended():
            end = fact.protected_until
            for name, days in ANNOUNCED.items():
                yield SetTimer(name, protection.announced(end, days))
            yield SetTimer(END, end)
        case ExtensionRefused():
            yield SetTimer(END, fact.protected_until)
        case DealProtectionEnded():
            yield from map(ClearTimer, (*ANNOUNCED, END))


def review(due: datetime | None) -> SetTimer | ClearTimer:
    return SetTimer(REVIEW, due) if due else ClearTimer(REVIEW)


def fire(due: Due) -> Command:
    if due.name == REVIEW:
        return EscalateRegistration(at=due.due)
    if due.name == END:
        return EndProtection(at=due.due)
    return AnnounceExpiry(days=ANNOUNCED[due.name], at=due.due)
