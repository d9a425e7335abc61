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
    RegistrationApproved,
    RegistrationCompleted,
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
from services.leads.domain.names import MATCHING
from shared.contracts.leads import RegistrationRejected
from shared.kernel.decider import Decider
from shared.kernel.errors import NotFound, Refused


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
        case Filed(), MatchCustomer():
            return [] if registration.customer_id else [matched(command, registration)]
        case Filed(), TransferRegistration():
            return transferred(command, registration)
        case Filed(), HoldDeal() | ProtectDeal() | DropDeal():
            return told(command, registration)
        case Filed(), _:
            return asked(command, registration)


def told(command: HoldDeal | ProtectDeal | DropDeal, filed: Filed) -> list[RegistrationEvent]:
    """By its scope: out of date it comes to nothing."""
    match filed.status, command:
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


def asked(command: RegistrationCommand, filed: Filed) -> list[RegistrationEvent]:
    """By people, and by the clock."""
    match filed.status, command:
        case "draft", CompleteRegistration():
            return detailed(command, filed)
        case "draft", ApproveRegistration():
            missing = ", ".join(lacking(filed.details)) or "its completion"
            raise Refused("registration-incomplete", f"it lacks {missing}")
        case "review", ApproveRegistration():
            return [approved(command, filed)]
        case "draft" | "review" | "approved" | "held", RejectRegistration():
            return [rejected(filed, command.reason)]
        case "draft" | "review" | "approved" | "held", WithdrawRegistration():
            return [withdrawn(command, filed)]
        case "protected", WithdrawRegistration():
            return [ended(filed, "withdrawn", command.at)]
        case _, RequestExtension() | DecideExtension() | AnnounceExpiry() | EndProtection():
            return protect(command, filed)
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
    return [fact, *completed(filed, command)]


def detailed(command: CompleteRegistration, filed: Filed) -> list[RegistrationEvent]:
    """Pieces are added or corrected; None leaves what was told before."""
    details = merged(filed.details, command.details)
    fact = RegistrationDetailed(
        registration_id=filed.registration_id, partner_id=filed.partner_id, details=details
    )
    return [fact, *completed(replace(filed, details=details), command)]


def completed(
    filed: Filed, command: OpenRegistration | CompleteRegistration
) -> list[RegistrationEvent]:
    if command.draft or lacking(filed.details):
        return []
    return [
        RegistrationCompleted(
            registration_id=filed.registration_id,
            partner_id=filed.partner_id,
            completed_at=command.at,
        )
    ]


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


def approved(command: ApproveRegistration, filed: Filed) -> RegistrationApproved:
    return RegistrationApproved(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        approved_by=command.by,
    )


def rejected(filed: Filed, reason: str) -> RegistrationRejected:
    return RegistrationRejected(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=filed.customer_id,
        product_line=filed.details.product_line or "",
        region=filed.details.region or "",
        project=filed.details.project,
        reason=reason,
    )


def withdrawn(command: WithdrawRegistration, filed: Filed) -> RegistrationWithdrawn:
    return RegistrationWithdrawn(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        reason=command.reason,
    )


def transferred(command: TransferRegistration, filed: Filed) -> list[RegistrationEvent]:
    if filed.owner != command.previous:
        return []
    return [
        RegistrationTransferred(
            registration_id=filed.registration_id,
            partner_id=filed.partner_id,
            owner=command.owner,
            previous=command.previous,
        )
    ]


def known(registration: Registration) -> Filed:
    match registration:
        case Filed():
            return registration
        case Absent():
            raise NotFound("registration-not-found")


REGISTRATION: Decider[RegistrationCommand, Registration, RegistrationEvent] = Decider(
    decide, evolve, Absent()
)
