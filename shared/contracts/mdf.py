"""Facts of `mdf`: market funds, what partners ask of them, and what is claimed and paid.

Ledger figures are the maker's share (ruling m1).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.contracts.approvals import ApprovalRuleVersion, Route
from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfAccrual:
    """`rate` of what the partner paid, net, in the half year `half` (2025H2).

    Below `minimum` at the end of `half` + `grace_days` it is an ordinary rebate.
    """

    rate: Amount
    half: str
    minimum: Money
    grace_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfFundTerms:
    """`carry_over` is a share of the own allocation; `claim_days` follow the activity window."""

    starts_on: date
    ends_on: date
    carry_over: Amount
    claim_days: int
    successor: Id | None = None
    accrual: MdfAccrual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfFundAllocated(Event):
    """The whole own allocation, without what was carried in; the highest revision counts.

    Without `partner_id` every partner may ask.
    """

    fund_id: Id
    partner_id: Id | None = None
    kind: Literal["discretionary", "accrued"]
    amount: Money
    terms: MdfFundTerms
    revision: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfRequested(Event):
    """`amount` is asked for and held softly; `share` is the maker's part of eligible cost."""

    request_id: Id
    fund_id: Id
    partner_id: Id
    activity: str
    amount: Money
    share: Amount
    starts_on: date
    ends_on: date
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfApproved(Event):
    """Committed. Claims are taken through `claim_until`, inclusive (ruling m6)."""

    request_id: Id
    fund_id: Id
    partner_id: Id
    amount: Money
    share: Amount
    claim_until: date
    rule: ApprovalRuleVersion
    approved_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfRejected(Event):
    """A claim, where `claim_id` is; else the request, and its hold is gone.

    Outcomes of a request: rejected, returned, lapsed, recalled, withdrawn.
    """

    request_id: Id
    fund_id: Id
    partner_id: Id
    claim_id: Id | None = None
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfReleased(Event):
    """Committed money that comes back: closed, cancelled, claim-deadline. Final if `closes`."""

    request_id: Id
    fund_id: Id
    partner_id: Id
    amount: Money
    reason: str
    closes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfClaimed(Event):
    """`amount` is the cost claimed, before the share."""

    claim_id: Id
    request_id: Id
    fund_id: Id
    partner_id: Id
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfClaimApproved(Event):
    """`amount` = min(round(share × eligible), rest of the request) (ruling m3).

    `over`: what that share is above the rest; the partner bears it.
    """

    claim_id: Id
    request_id: Id
    fund_id: Id
    partner_id: Id
    eligible: Money
    ineligible: Money
    amount: Money
    over: Money | None = None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfPaid(Event):
    claim_id: Id
    request_id: Id
    fund_id: Id
    partner_id: Id
    amount: Money
    method: Literal["payment", "credit"]
    reference: str = ""
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfExpired(Event):
    """Reasons: fund-end, released-after-end, below-minimum (then it is an ordinary rebate)."""

    fund_id: Id
    partner_id: Id | None = None
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MdfCarriedOver(Event):
    """Counts as transferred. Without a successor nobody has taken it yet."""

    fund_id: Id
    partner_id: Id | None = None
    amount: Money
    to_fund_id: Id | None = None
