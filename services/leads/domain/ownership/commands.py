"""What may be asked of a customer's ownership, of a claimant, and of the pool."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.leads.domain.ownership.events import PoolTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActivity:
    """Effective ones keep the customer; `by` is None where it is the owner's without a name.

    Without `happened_at` it happened now.
    """

    kind: str
    happened_at: datetime | None = None
    by: str | None = None
    effective: bool = True
    note: str = ""
    next_action: str | None = None
    next_on: date | None = None
    at: datetime

    @property
    def happened(self) -> datetime:
        return (self.happened_at or self.at).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSilence:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCustomer:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCustomer:
    claimant: str
    found: PoolTerms
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmClaim:
    claimant: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DropClaim:
    claimant: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCustomer:
    """By a supervisor, whoever has it."""

    owner: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCustomer:
    """To `owner`, if it is still `previous` who has it."""

    owner: str
    previous: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountClaim:
    customer_id: str
    claimant: str
    claims_a_day: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPoolRules:
    terms: PoolTerms
    at: datetime


OwnershipCommand = (
    RecordActivity
    | NoticeSilence
    | ReleaseCustomer
    | ClaimCustomer
    | ConfirmClaim
    | DropClaim
    | AssignCustomer
    | TransferCustomer
)
