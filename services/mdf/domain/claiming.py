"""Claims against an approved request: in time, approved as far as it goes, paid (m3 … m6)."""

from datetime import datetime
from typing import Any

from services.mdf.domain.commands import (
    ApproveClaim,
    PassDeadline,
    PayClaim,
    RejectClaim,
    SubmitClaim,
)
from services.mdf.domain.evolution import Story
from services.mdf.domain.ledger import Claimed, ClaimStatus, Request
from services.mdf.domain.requesting import release
from shared.contracts.calendar import business_day
from shared.contracts.mdf import MdfClaimApproved, MdfClaimed, MdfPaid, MdfRejected
from shared.kernel.errors import Malformed, Refused

DEADLINE = "claim-deadline"


def decide(
    story: Story, command: PassDeadline | SubmitClaim | ApproveClaim | RejectClaim | PayClaim
) -> None:
    if isinstance(command, PassDeadline):
        return  # close_what_is_over does it, after every command
    request = story.fund.request(command.request_id)
    match command:
        case SubmitClaim():
            _submit(story, request, command)
        case ApproveClaim():
            _approve(story, request, command)
        case RejectClaim():
            claim = request.claim(command.claim_id)
            if not claim.open:
                raise _wrong(claim, "submitted")
            _reject(story, request, claim.claim_id, command.reason)
        case PayClaim():
            _pay(story, request, command)


def _submit(story: Story, request: Request, command: SubmitClaim) -> None:
    if command.claim_id in request.claims:
        raise Refused("claim-exists", "choose another claim_id")
    if request.status != "approved":
        raise Refused("request-wrong-status", f"it is {request.status}: nothing can be claimed")
    if _over(request, command.at):
        until = request.approved.claim_until if request.approved else ""
        raise Refused("claim-late", f"the last day was {until}")
    amount = command.amount
    if amount.currency != request.asked.amount.currency or amount.amount <= 0:
        raise Malformed("claim-malformed", "a claim is above 0, in the currency of its request")
    story.tell(MdfClaimed(**_named(request, command.claim_id), amount=amount))


def _approve(story: Story, request: Request, command: ApproveClaim) -> None:
    """Ruling m3: min(round(share × eligible), rest of the request); 0 is rejected."""
    claim, eligible = request.claim(command.claim_id), command.found.eligible
    if claim.status != "submitted":
        raise _wrong(claim, "submitted")
    if eligible > claim.amount:
        raise Refused("claim-eligible-more", f"at most {claim.amount} was claimed")
    due = request.part(eligible)
    amount = min(due, request.rest)
    if not amount:
        reason = "nothing-eligible" if not eligible else "request-exhausted"
        _reject(story, request, claim.claim_id, reason)
        return
    story.tell(
        MdfClaimApproved(
            **_named(request, claim.claim_id),
            eligible=eligible,
            ineligible=command.found.ineligible,
            amount=amount,
            over=due - amount or None,
            by=command.by,
        )
    )


def _pay(story: Story, request: Request, command: PayClaim) -> None:
    claim = request.claim(command.claim_id)
    if claim.status != "approved":
        raise _wrong(claim, "approved")
    story.tell(
        MdfPaid(
            **_named(request, claim.claim_id),
            amount=claim.amount,
            method=command.method,
            reference=command.reference,
            paid_on=command.paid_on or business_day(command.at),
        )
    )


def _reject(story: Story, request: Request, claim_id: str, reason: str) -> None:
    named = _named(request, claim_id)
    story.tell(MdfRejected(**named, outcome="rejected", reason=reason))


def close_what_is_over(story: Story, at: datetime) -> None:
    """Ruling m6: past the deadline the unclaimed rest is released, claims in time stay."""
    approved = (one for one in story.fund.requests.values() if one.status == "approved")
    late = (one for one in approved if _over(one, at))
    for request in sorted(late, key=lambda one: one.asked.request_id):
        over = not any(one.open for one in request.claims.values())
        if over or request.unclaimed:
            release(story, request, request.unclaimed, DEADLINE, closes=over)


def _over(request: Request, at: datetime) -> bool:
    return request.deadline is not None and at >= request.deadline


def _named(request: Request, claim_id: str) -> dict[str, Any]:
    asked = request.asked
    return {
        "claim_id": claim_id,
        "request_id": asked.request_id,
        "fund_id": asked.fund_id,
        "partner_id": asked.partner_id,
    }


def _wrong(claim: Claimed, wanted: ClaimStatus) -> Refused:
    return Refused("claim-wrong-status", f"it is {claim.status}, not {wanted}")
