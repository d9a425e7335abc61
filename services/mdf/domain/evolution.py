"""How a fund follows from its facts, and a story: facts decided one after another."""

from dataclasses import replace

from services.mdf.domain.events import (
    AccrualTaken,
    CarryOverReceived,
    FundEnded,
    FundEvent,
    RequestEscalated,
    RequestVoted,
)
from services.mdf.domain.ledger import Claimed, Fund, Request, Status
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
from shared.contracts.money import Money
from shared.kernel import approvals

OfBudget = (
    MdfFundAllocated | CarryOverReceived | AccrualTaken | FundEnded | MdfExpired | MdfCarriedOver
)
OfRequest = RequestVoted | RequestEscalated | MdfApproved | MdfRejected | MdfReleased
OfClaim = MdfClaimed | MdfClaimApproved | MdfPaid
STATUS: dict[str, Status] = {
    "rejected": "rejected",
    "returned": "returned",
    "lapsed": "lapsed",
    "recalled": "recalled",
    "withdrawn": "withdrawn",
}


class Story:
    """What one command decides: each fact is told to the fund that the next one meets."""

    def __init__(self, fund: Fund) -> None:
        self.fund = fund
        self.facts: list[FundEvent] = []

    def tell(self, fact: FundEvent) -> None:
        self.facts.append(fact)
        self.fund = evolve(self.fund, fact)


def evolve(fund: Fund, fact: FundEvent) -> Fund:
    match fact:
        case MdfRequested():
            return fund.with_request(_submitted(fact))
        case RequestVoted() | RequestEscalated() | MdfApproved() | MdfRejected() | MdfReleased():
            return fund.with_request(_moved(fund.requests[fact.request_id], fact))
        case MdfClaimed() | MdfClaimApproved() | MdfPaid():
            return fund.with_request(_claimed(fund.requests[fact.request_id], fact))
        case _:
            return _budgeted(fund, fact)


def _budgeted(fund: Fund, fact: OfBudget) -> Fund:
    match fact:
        case MdfFundAllocated():
            return replace(fund, told=fact)
        case CarryOverReceived():
            return replace(fund, carried_in=fund.carried_in.set(fact.from_fund_id, fact.amount))
        case AccrualTaken():
            return replace(fund, taken=fact.accrual_version)
        case FundEnded():
            return replace(fund, ended=fact.reason)
        case MdfExpired():
            return replace(fund, expired=fund.expired + fact.amount.amount)
        case MdfCarriedOver():
            return replace(fund, transferred=fund.transferred + fact.amount.amount)


def _submitted(fact: MdfRequested) -> Request:
    return Request(
        asked=fact,
        approval=approvals.begin(fact.route),
        released=Money.zero(fact.amount.currency),
    )


def _moved(request: Request, fact: OfRequest) -> Request:
    match fact:
        case RequestVoted(ballot=entry) | RequestEscalated(escalation=entry):
            return replace(request, approval=approvals.evolve(request.approval, entry))
        case MdfApproved():
            return replace(request, status="approved", approved=fact)
        case MdfRejected(claim_id=str() as claim_id):
            return request.with_claim(replace(request.claims[claim_id], status="rejected"))
        case MdfRejected():
            return replace(request, status=STATUS[fact.outcome])
        case MdfReleased():
            status: Status = "closed" if fact.closes else request.status
            return replace(request, released=request.released + fact.amount, status=status)


def _claimed(request: Request, fact: OfClaim) -> Request:
    match fact:
        case MdfClaimed():
            return request.with_claim(Claimed(claim_id=fact.claim_id, amount=fact.amount))
        case MdfClaimApproved():
            approved = Claimed(claim_id=fact.claim_id, amount=fact.amount, status="approved")
            return request.with_claim(approved)
        case MdfPaid():
            return request.with_claim(replace(request.claims[fact.claim_id], status="paid"))
