"""A deal that is protected: extended twice at most, announced, ended (L-05)."""

from datetime import datetime

from services.leads.domain.deals import protection
from services.leads.domain.deals.commands import (
    AnnounceExpiry,
    DecideExtension,
    EndProtection,
    RequestExtension,
)
from services.leads.domain.deals.events import (
    ExtensionRefused,
    ExtensionRequested,
    Proof,
    RegistrationEvent,
)
from services.leads.domain.deals.filed import Filed
from shared.contracts.leads import (
    DealExpiryAnnounced,
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
)
from shared.kernel.errors import Refused

Protecting = RequestExtension | DecideExtension | AnnounceExpiry | EndProtection


def protect(command: Protecting, filed: Filed) -> list[RegistrationEvent]:
    if filed.status != "protected" or filed.until is None:
        return outside(command, filed)
    match command:
        case RequestExtension():
            return requested(command, filed, filed.until)
        case DecideExtension():
            return decided(command, filed, filed.until)
        case AnnounceExpiry():
            return [*announced(command, filed, filed.until)]
        case EndProtection():
            over = filed.until <= command.at and not filed.asked
            return [ended(filed, "expired", filed.until)] if over else []


def outside(command: Protecting, filed: Filed) -> list[RegistrationEvent]:
    match command:
        case AnnounceExpiry() | EndProtection():
            return []
        case RequestExtension() | DecideExtension():
            told = f"only a protected deal is extended, and this one is {filed.status}"
            raise Refused("registration-wrong-status", told)


def begun(filed: Filed, at: datetime) -> DealRegistered:
    return DealRegistered(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=filed.customer_id or "",
        product_line=filed.details.product_line or "",
        region=filed.details.region or "",
        project=filed.details.project,
        protected_from=at,
        protected_until=protection.until(at),
    )


def requested(command: RequestExtension, filed: Filed, until: datetime) -> list[RegistrationEvent]:
    """Before the end, with an activity since the protection began."""
    if filed.asked:
        raise Refused("extension-pending", "one extension waits for its decision already")
    if until <= command.at:
        raise Refused("extension-late", f"the protection ended at {until.isoformat()}")
    if filed.extensions == protection.EXTENSIONS:
        raise Refused(
            "extension-exhausted", f"a deal is extended {filed.extensions} times at most"
        )
    if not any(proves(one, filed, command.at) for one in command.evidence):
        told = "name an activity for the deal since its protection began"
        raise Refused("extension-unproved", told)
    asked = ExtensionRequested(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        evidence=command.evidence,
    )
    return [asked, extended(filed, until)] if command.granted else [asked]


def proves(proof: Proof, filed: Filed, at: datetime) -> bool:
    began = filed.protected_from
    return began is not None and began <= proof.happened_at <= at


def decided(command: DecideExtension, filed: Filed, until: datetime) -> list[RegistrationEvent]:
    if not filed.asked:
        raise Refused("extension-unasked", "no extension waits for a decision")
    if command.granted:
        return [extended(filed, until)]
    refused = ExtensionRefused(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        reason=command.reason,
        protected_until=until,
    )
    over = until <= command.at
    return [refused, ended(filed, "expired", command.at)] if over else [refused]


def extended(filed: Filed, until: datetime) -> DealExtended:
    return DealExtended(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=filed.customer_id or "",
        number=filed.extensions + 1,
        protected_until=protection.extended(until),
    )


def announced(command: AnnounceExpiry, filed: Filed, until: datetime) -> list[DealExpiryAnnounced]:
    """Once for each of the days; a timer that fires after the end tells nothing."""
    due = protection.announced(until, command.days)
    if command.days in filed.announced or not due <= command.at < until:
        return []
    return [
        DealExpiryAnnounced(
            registration_id=filed.registration_id,
            partner_id=filed.partner_id,
            customer_id=filed.customer_id or "",
            days=command.days,
            protected_until=until,
        )
    ]


def ended(filed: Filed, reason: str, at: datetime) -> DealProtectionEnded:
    return DealProtectionEnded(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=filed.customer_id or "",
        product_line=filed.details.product_line or "",
        region=filed.details.region or "",
        project=filed.details.project,
        ended_at=at,
        free_from=protection.free_again(at),
        reason=reason,
    )
