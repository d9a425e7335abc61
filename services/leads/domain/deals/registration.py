"""The life of a registration: draft, review, approved or held by its scope, protected, over."""

from collections.abc import Sequence
from dataclasses import fields, replace

from services.leads.domain.deals.commands import (
    AnnounceExpiry,
    ApproveRegistration,
    CompleteRegistration,
    DecideExtension,
    DropDeal,
    EndProtection,
    EscalateRegistration,
    HoldDeal,
    MatchCustomer,
    OpenRegistration,
    ProtectDeal,
    RegistrationCommand,
    RejectRegistration,
    RequestExtension,
    TransferRegistration,
    WithdrawRegistration,
)
from services.leads.domain.deals.events import (
    Details,
    RegistrationDetailed,
    RegistrationEvent,
    RegistrationHeld,
    RegistrationMatched,
    RegistrationOpened,
    RegistrationTransferred,
    RegistrationWithdrawn,
)
from services.leads.domain.deals.filed import Absent, Filed, Registration, evolve
from services.leads.domain.deals.protecting import begun, ended, protect
from services.leads.domain.deals.reviewing import completed, escalated, rejected, voted
from services.leads.domain.names import MATCHING
from shared.contracts.leads import RegistrationRejected
from shared.kernel.decider import Decider
from shared.kernel.errors import Forbidden, NotFound, Refused

MANAGING = {"manager", "operations", "director"}


def decide(
    command: RegistrationCommand, registration: Registration
) -> Sequence[RegistrationEvent]:
    match registration, command:
        case Absent(), OpenRegistration():
            return opened(command)
        case Absent(), _:
            raise NotFound("registration-not-found")
        case Filed(), OpenRegistration():
            taken = f"{command.registration_id} is a registration: choose another id"
            raise Refused("registration-exists", taken)
        case Filed(), CompleteRegistration() | ApproveRegistration() | RejectRegistration():
            return asked(command, registration)
        case Filed(), WithdrawRegistration():
            return asked(command, registration)
        case Filed(), RequestExtension() | DecideExtension() | AnnounceExpiry() | EndProtection():
            return protect(command, registration)
        case Filed(), _:
            return follow(command, registration)


def follow(command: RegistrationCommand, filed: Filed) -> list[RegistrationEvent]:
    """What our own processes and the clock ask: out of date it comes to nothing."""
    match filed.status, command:
        case _, MatchCustomer() if filed.customer_id is None:
            return [matched(command, filed)]
        case _, TransferRegistration() if filed.owner == command.previous:
            return [transferred(command, filed)]
        case "review", EscalateRegistration():
            return escalated(command, filed)
        case "approved", HoldDeal():
            held = RegistrationHeld(
                registration_id=filed.registration_id, partner_id=filed.partner_id
            )
            return [held]
        case "approved" | "held", ProtectDeal():
            return [begun(filed, command.at)]
        case "review" | "approved" | "held", DropDeal():
            return [rejected(filed, command.reason)]
        case _:
            return []


def asked(
    command: CompleteRegistration
    | ApproveRegistration
    | RejectRegistration
    | WithdrawRegistration,
    filed: Filed,
) -> list[RegistrationEvent]:
    match filed.status, command:
        case "draft", CompleteRegistration():
            return detailed(command, filed)
        case "draft", ApproveRegistration():
            missing = ", ".join(lacking(filed.details)) or "its completion"
            raise Refused("registration-incomplete", f"it lacks {missing}")
        case "review", ApproveRegistration() | RejectRegistration():
            return voted(command, filed)
        case "draft" | "approved" | "held", RejectRegistration():
            return [turned_down(command, filed)]
        case "draft" | "review" | "approved" | "held", WithdrawRegistration():
            return [withdrawn(command, filed)]
        case "protected", WithdrawRegistration():
            return [ended(filed, "withdrawn", command.at)]
        case _:
            raise Refused("registration-wrong-status", f"the registration is {filed.status}")


def opened(command: OpenRegistration) -> list[RegistrationEvent]:
    fact = RegistrationOpened(
        registration_id=command.registration_id,
        partner_id=command.partner_id,
        owner=command.owner,
        details=command.details,
    )
    filed = evolve(Absent(), fact)
    assert isinstance(filed, Filed)
    return [fact, *review(filed, command)]


def detailed(command: CompleteRegistration, filed: Filed) -> list[RegistrationEvent]:
    """Pieces are added or corrected; None leaves what was told before."""
    details = merged(filed.details, command.details)
    fact = RegistrationDetailed(
        registration_id=filed.registration_id, partner_id=filed.partner_id, details=details
    )
    return [fact, *review(replace(filed, details=details), command)]


def review(
    filed: Filed, command: OpenRegistration | CompleteRegistration
) -> list[RegistrationEvent]:
    if command.draft or lacking(filed.details):
        return []
    return completed(filed, command.found, command.at)


def lacking(details: Details) -> list[str]:
    """The required pieces that are not there yet."""
    there = {
        "customer": details.customer_id or details.name,
        "product_line": details.product_line,
        "region": details.region,
    }
    return [piece for piece, value in there.items() if not value]


def merged(before: Details, more: Details) -> Details:
    """A customer that is named anew is another one."""
    told = {f.name: v for f in fields(more) if (v := getattr(more, f.name)) is not None}
    if {"customer_id", "name"} & told.keys():
        before = replace(before, customer_id=None, name=None, uscc=None)
    return replace(before, **told)


def matched(command: MatchCustomer, filed: Filed) -> RegistrationMatched:
    return RegistrationMatched(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=command.customer_id,
        score=command.score,
        matching=MATCHING,
    )


def withdrawn(command: WithdrawRegistration, filed: Filed) -> RegistrationWithdrawn:
    return RegistrationWithdrawn(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        reason=command.reason,
    )


def transferred(command: TransferRegistration, filed: Filed) -> RegistrationTransferred:
    return RegistrationTransferred(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        owner=command.owner,
        previous=command.previous,
    )


def turned_down(command: RejectRegistration, filed: Filed) -> RegistrationRejected:
    """Where no route is open a manager may."""
    if not MANAGING & set(command.roles):
        raise Forbidden("role-insufficient", "ask a channel manager")
    return rejected(filed, command.reason)


def known(registration: Registration) -> Filed:
    match registration:
        case Filed():
            return registration
        case Absent():
            raise NotFound("registration-not-found")


REGISTRATION: Decider[RegistrationCommand, Registration, RegistrationEvent] = Decider(
    decide, evolve, Absent()
)
