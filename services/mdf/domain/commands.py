"""What may be asked of a fund, a request, a claim, … `at` makes decisions repeatable."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.mdf.domain.documents import (
    Assessed,
    CheckedLine,
    CostLine,
    File,
    FirstUse,
    Grounds,
    Invoice,
    Method,
    TemplateVersion,
)
from shared.contracts.approvals import Route, Verdict
from shared.contracts.mdf import MdfFundTerms
from shared.contracts.money import Amount, Money
from shared.kernel.approvals import Delegation, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateFund:
    """An accrued fund begins at 0. Allocated again it is adjusted: the new whole."""

    fund_id: str
    partner_id: str | None
    amount: Money
    terms: MdfFundTerms
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryIn:
    """Total. It may come before the fund itself."""

    fund_id: str
    from_fund_id: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAccrual:
    """Total: an older version of the accrual means nothing."""

    net: Money
    accrual_version: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFund:
    """Total."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertFund:
    """Total. Below its minimum at the cut-off, the accrual is an ordinary rebate (ruling m7)."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest:
    request_id: str
    partner_id: str
    activity: str
    amount: Money
    share: Amount
    starts_on: date
    ends_on: date
    found: Route  # that the present rule makes of it
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteOnRequest:
    """`amount`: if this vote is the last (None: what was asked); `found`: seats lent to him."""

    request_id: str
    by: str
    roles: tuple[str, ...]
    verdict: Verdict
    amount: Money | None = None
    reason: str = ""
    found: tuple[Delegation, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRequest:
    """Total: time is over for a step of its route."""

    request_id: str
    step: int
    rung: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRequest:
    request_id: str
    by: str
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    request_id: str
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """What is committed and not claimed comes back."""

    request_id: str
    reason: Literal["closed", "cancelled"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDeadline:
    """Total: the last day for claims is over."""

    request_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitClaim:
    claim_id: str
    request_id: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveClaim:
    """`found`: what the last check of its lines came to (ADR 0035)."""

    claim_id: str
    request_id: str
    found: Assessed
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectClaim:
    claim_id: str
    request_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClaim:
    """`paid_on`: None is the business day of the command."""

    claim_id: str
    request_id: str
    method: Method
    reference: str
    paid_on: date | None = None
    at: datetime


FundCommand = (
    AllocateFund
    | CarryIn
    | TakeAccrual
    | EndFund
    | ConvertFund
    | SubmitRequest
    | VoteOnRequest
    | EscalateRequest
    | RecallRequest
    | WithdrawRequest
    | CloseRequest
    | PassDeadline
    | SubmitClaim
    | ApproveClaim
    | RejectClaim
    | PayClaim
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTemplate:
    template: TemplateVersion
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishApprovalRule:
    rule: Rule
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    request_id: str
    fund_id: str
    partner_id: str
    amount: Money
    share: Amount
    activity: str
    starts_on: date
    ends_on: date
    found: TemplateVersion | None  # of the template that it names
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachEvidence:
    file: File
    by: str
    at: datetime


RequestCommand = DraftRequest | AttachEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FileClaim:
    """`evidence` names the files by their hashes; without, it is all that was uploaded."""

    claim_id: str
    request_id: str
    lines: tuple[CostLine, ...]
    invoices: tuple[Invoice, ...]
    evidence: tuple[str, ...] | None
    found: Grounds
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEvidence:
    """Total: what the evidence's own stream found."""

    key: str
    first: FirstUse | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftClaimHold:
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckClaim:
    lines: tuple[CheckedLine, ...]
    by: str
    at: datetime


ClaimCommand = FileClaim | NoteEvidence | LiftClaimHold | CheckClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class BindEvidence:  # total
    key: str
    use: FirstUse
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeEvidence:  # total
    key: str
    claim_id: str
    at: datetime


EvidenceCommand = BindEvidence | FreeEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCollection:
    """Total: an older revision of the payment means nothing."""

    partner_id: str
    half: str
    payment_id: UUID
    revision: int
    net: tuple[Money, ...]
    at: datetime
