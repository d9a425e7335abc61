"""Every fact in the streams of mdf. Published ones live in `shared.contracts.mdf`."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.mdf.domain.documents import (
    CheckedLine,
    CostLine,
    File,
    FirstUse,
    Invoice,
    TemplateVersion,
)
from shared.contracts.approvals import Ballot, Escalation
from shared.contracts.event import Event
from shared.contracts.mdf import (
    MdfApproved,
    MdfCarriedOver,
    MdfClaimApproved,
    MdfClaimed,
    MdfExpired,
    MdfFundAllocated,
    MdfPaid,
    MdfRejected,
    MdfReleased,
    MdfRequested,
)
from shared.contracts.money import Amount, Money
from shared.kernel.approvals import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverReceived(Event):
    fund_id: str
    from_fund_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualTaken(Event):
    """What the partner's half year came to, as of that version of its accrual.

    `cut_off` stands in the first one: then it is decided whether it reaches its minimum.
    """

    fund_id: str
    net: Money
    accrual_version: int
    cut_off: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundEnded(Event):
    """From now on nothing new is asked for, and all that comes free expires at once."""

    fund_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVoted(Event):
    """`due`: when the step that is asked now times out; None if it does not, or all is said."""

    request_id: str
    partner_id: str
    ballot: Ballot
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEscalated(Event):
    request_id: str
    partner_id: str
    escalation: Escalation
    due: datetime | None


FundEvent = (
    MdfFundAllocated
    | CarryOverReceived
    | AccrualTaken
    | FundEnded
    | MdfExpired
    | MdfCarriedOver
    | MdfRequested
    | RequestVoted
    | RequestEscalated
    | MdfApproved
    | MdfRejected
    | MdfReleased
    | MdfClaimed
    | MdfClaimApproved
    | MdfPaid
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePublished(Event):
    template: TemplateVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRulePublished(Event):
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDrafted(Event):
    """Again as long as it is the same partner's; `template` is the checklist it must meet."""

    request_id: str
    fund_id: str
    partner_id: str
    amount: Money
    share: Amount
    activity: str
    starts_on: date
    ends_on: date
    template: TemplateVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAttached(Event):
    request_id: str
    partner_id: str
    file: File
    by: str


RequestEvent = RequestDrafted | EvidenceAttached


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFiled(Event):
    """`keys` are what makes the same evidence the same; each is compared with all claims."""

    claim_id: str
    request_id: str
    fund_id: str
    partner_id: str
    lines: tuple[CostLine, ...]
    invoices: tuple[Invoice, ...]
    evidence: tuple[File, ...]
    by: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCompared(Event):
    """`first` is another claim that had it before."""

    claim_id: str
    partner_id: str
    key: str
    first: FirstUse | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimHoldLifted(Event):
    claim_id: str
    partner_id: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChecked(Event):
    claim_id: str
    partner_id: str
    lines: tuple[CheckedLine, ...]
    eligible: Money
    ineligible: Money
    by: str


ClaimEvent = ClaimFiled | EvidenceCompared | ClaimHoldLifted | ClaimChecked


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTaken(Event):
    """The first claim that shows it; or again one of its request, after that was rejected."""

    key: str
    use: FirstUse


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRepeated(Event):
    key: str
    use: FirstUse
    first: FirstUse


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFreed(Event):
    """Its claim was rejected: the same request may show it again (ruling m8)."""

    key: str
    claim_id: str


EvidenceEvent = EvidenceTaken | EvidenceRepeated | EvidenceFreed


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRecorded(Event):
    """What orders have of a payment, net, as revised last; `nets` is the half by currency."""

    partner_id: str
    half: str
    payment_id: UUID
    revision: int
    net: tuple[Money, ...]
    nets: tuple[Money, ...]
