"""What may be asked of a registration, and of the scope it is about."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.leads.domain.deals.events import Details, Proof
from shared.kernel.approvals import Delegation, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRegistration:
    """A `draft` is not complete, whatever it tells, before it is completed."""

    registration_id: str
    partner_id: str
    owner: str | None = None
    details: Details
    draft: bool = False
    found: Rule
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRegistration:
    """More pieces; with the last required one it is complete."""

    details: Details
    draft: bool = False
    found: Rule
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCustomer:
    customer_id: str
    score: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRegistrationRule:
    rule: Rule
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRegistration:
    """A vote: of `by`, who has these roles."""

    by: str
    roles: tuple[str, ...]
    reason: str = ""
    found: tuple[Delegation, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRegistration:
    """In review it is a vote; before and afterwards staff may do it."""

    by: str
    roles: tuple[str, ...]
    reason: str
    found: tuple[Delegation, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRegistration:
    """If the step that is asked has timed out by `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRegistration:
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension:
    """`granted`: asked by somebody who decides it in the same breath."""

    evidence: tuple[Proof, ...]
    granted: bool = False
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideExtension:
    granted: bool
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDeal:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectDeal:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDeal:
    """The scope is not for it."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceExpiry:
    days: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndProtection:
    """If it is over by `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRegistration:
    """To `owner`, if it is still `previous` who has it."""

    owner: str
    previous: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterScope:
    registration_id: str
    partner_id: str
    project: str | None = None
    completed_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskScope:
    """It is approved: may it come into force?"""

    registration_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewScope:
    registration_id: str
    until: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveScope:
    registration_id: str
    free_from: datetime | None = None
    at: datetime


FromPeople = (
    CompleteRegistration
    | ApproveRegistration
    | RejectRegistration
    | WithdrawRegistration
    | RequestExtension
    | DecideExtension
)
FromScope = HoldDeal | ProtectDeal | DropDeal
FromClock = AnnounceExpiry | EndProtection | EscalateRegistration
RegistrationCommand = (
    OpenRegistration | FromPeople | MatchCustomer | FromScope | FromClock | TransferRegistration
)
ScopeCommand = EnterScope | AskScope | RenewScope | LeaveScope
