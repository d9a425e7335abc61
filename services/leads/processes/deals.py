"""A registration finds its customer and stands in its scope; the scope's word comes back to it."""

from collections.abc import Iterable
from decimal import Decimal

from services.leads.domain.commands import IntroduceCustomer
from services.leads.domain.customer import Known
from services.leads.domain.deals.commands import (
    AskScope,
    DropDeal,
    EnterScope,
    HoldDeal,
    LeaveScope,
    MatchCustomer,
    ProtectDeal,
    RenewScope,
)
from services.leads.domain.deals.events import (
    ExtensionRefused,
    ExtensionRequested,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationWithdrawn,
    ScopeEntered,
    ScopeGranted,
    ScopeHeld,
    ScopeRefused,
)
from services.leads.domain.deals.filed import Filed
from services.leads.domain.deals.scope import Scope
from services.leads.domain.names import Company
from services.leads.domain.streams import customer, customer_for, registration, scope
from services.leads.projections.customers import alike
from shared.contracts.event import Envelope
from shared.contracts.leads import (
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process

SAME = {"same", "hold"}
UNKNOWN = "-"

Moved = (
    ScopeEntered
    | RegistrationApproved
    | DealRegistered
    | ExtensionRequested
    | ExtensionRefused
    | DealExtended
    | RegistrationRejected
    | RegistrationWithdrawn
    | DealProtectionEnded
)
Judged = ScopeHeld | ScopeGranted | ScopeRefused


async def contend(
    fact: RegistrationCompleted | Moved, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """One process in the order of the store, so that nobody leaves a scope before it entered."""
    filed: Filed = await read.fold(registration(fact.registration_id))
    if isinstance(fact, RegistrationCompleted):
        return await enter(fact, filed, envelope, read)
    if filed.customer_id is None:
        return []
    command = moved(fact, filed, envelope)
    return [(standing(filed, filed.customer_id), command)] if command else []


async def enter(
    fact: RegistrationCompleted, filed: Filed, envelope: Envelope, read: Read
) -> list[Asked]:
    """The customer first: found, or new. What was found is recorded before it is used."""
    customer_id, score = await found(filed, read)
    firm = company(filed)
    at = envelope.occurredat
    match_ = MatchCustomer(customer_id=customer_id, score=score, at=at)
    entered = EnterScope(
        registration_id=fact.registration_id,
        partner_id=fact.partner_id,
        project=filed.details.project,
        completed_at=fact.completed_at,
        at=at,
    )
    asked: list[Asked] = [
        (envelope.subject, match_),
        (standing(filed, customer_id), entered),
    ]
    if firm:
        introduced = IntroduceCustomer(
            customer_id=customer_id,
            company=firm,
            region=filed.details.region or UNKNOWN,
            industry=filed.details.industry or UNKNOWN,
            at=at,
        )
        asked.append((customer(customer_id), introduced))
    return asked


async def found(filed: Filed, read: Read) -> tuple[str, Decimal]:
    """The same customer is that of the code, or of a name ≥ 0.90; the one contended for first."""
    if filed.customer_id:
        return filed.customer_id, Decimal(1)
    near = await candidates(filed, read)
    for customer_id, score in near:
        contended: Scope = await read.fold(standing(filed, customer_id))
        if contended.entries or contended.cooling:
            return customer_id, score
    return near[0]


async def candidates(filed: Filed, read: Read) -> list[tuple[str, Decimal]]:
    firm, own = company(filed), filed.details.customer_id
    if own:
        known = await read.fold(customer(own))
        firm = known.company if isinstance(known, Known) else None
    if firm is None:
        return [(str(own), Decimal(1))]
    near = await alike(read, firm, but=own)
    same = [(one, like.shown) for one, like in near if like.decision in SAME]
    first = own or (None if same else customer_for(firm, filed.registration_id))
    return [(first, Decimal(1)), *same] if first else same


def company(filed: Filed) -> Company | None:
    details = filed.details
    return Company(details.name, details.uscc) if details.name else None


def standing(filed: Filed, customer_id: str) -> str:
    return scope(customer_id, filed.details.product_line or "", filed.details.region or "")


def moved(
    fact: Moved, filed: Filed, envelope: Envelope
) -> AskScope | RenewScope | LeaveScope | None:
    own, at = fact.registration_id, envelope.occurredat
    match fact:
        case RegistrationApproved():
            return AskScope(registration_id=own, at=at)
        case ScopeEntered():
            return AskScope(registration_id=own, at=at) if filed.status == "approved" else None
        case DealRegistered() | DealExtended() | ExtensionRefused():
            return RenewScope(registration_id=own, until=fact.protected_until, at=at)
        case ExtensionRequested():
            return RenewScope(registration_id=own, until=None, at=at)
        case RegistrationRejected() | RegistrationWithdrawn():
            return LeaveScope(registration_id=own, at=at)
        case DealProtectionEnded():
            return LeaveScope(registration_id=own, free_from=fact.free_from, at=at)


async def judge(fact: Judged, envelope: Envelope, _: Read) -> Iterable[Asked]:
    at = envelope.occurredat
    stream = registration(fact.registration_id)
    match fact:
        case ScopeHeld():
            return [(stream, HoldDeal(at=at))]
        case ScopeGranted():
            return [(stream, ProtectDeal(at=at))]
        case ScopeRefused():
            return [(stream, DropDeal(reason=fact.reason, at=at))]


CONTEND: Process[RegistrationCompleted | Moved] = Process(
    name="leads.contend",
    facts=(
        RegistrationCompleted,
        ScopeEntered,
        RegistrationApproved,
        DealRegistered,
        ExtensionRequested,
        ExtensionRefused,
        DealExtended,
        RegistrationRejected,
        RegistrationWithdrawn,
        DealProtectionEnded,
    ),
    react=contend,
)
JUDGE: Process[Judged] = Process(
    name="leads.judge", facts=(ScopeHeld, ScopeGranted, ScopeRefused), react=judge
)
