"""Requests: the budget holds them softly while people decide, then firmly (M-01, M-08; m2)."""

from datetime import datetime

from services.mdf.domain.commands import (
    CloseRequest,
    EscalateRequest,
    RecallRequest,
    SubmitRequest,
    VoteOnRequest,
    WithdrawRequest,
)
from services.mdf.domain.events import RequestEscalated, RequestVoted
from services.mdf.domain.evolution import Story
from services.mdf.domain.ledger import Request
from shared.contracts.approvals import Entry, Escalation
from shared.contracts.calendar import DAY
from shared.contracts.mdf import MdfApproved, MdfRejected, MdfReleased, MdfRequested
from shared.contracts.money import Money
from shared.kernel import approvals
from shared.kernel.approvals import Approval, CallBack, TimeOut, Vote
from shared.kernel.errors import Malformed, NotFound, Refused

AGAIN = {"returned", "recalled", "withdrawn"}


def decide(story: Story, command: SubmitRequest | VoteOnRequest | EscalateRequest) -> None:
    match command:
        case SubmitRequest():
            _submit(story, command)
        case VoteOnRequest():
            _vote(story, command)
        case EscalateRequest():
            _escalate(story, command)


def undo(story: Story, command: RecallRequest | WithdrawRequest | CloseRequest) -> None:
    request = story.fund.request(command.request_id)
    match command:
        case RecallRequest() | WithdrawRequest() if request.status != "submitted":
            raise _wrong(request)
        case RecallRequest():
            told = CallBack(by=command.by, reason=command.reason, at=command.at)
            approvals.decide(request.approval, told)
            _fall(story, request, "recalled", command.reason)
        case WithdrawRequest():
            _fall(story, request, "withdrawn", command.reason)
        case CloseRequest():
            _close(story, request, command)


def _submit(story: Story, command: SubmitRequest) -> None:
    fund, told = story.fund, story.fund.known
    if told.partner_id not in {None, command.partner_id}:
        raise NotFound("fund-not-found")
    known = fund.requests.get(command.request_id)
    if known and (known.status not in AGAIN or known.asked.partner_id != command.partner_id):
        raise Refused("request-exists", "choose another request_id")
    _sound(command, fund.currency)
    if fund.ended:
        raise Refused("fund-ended", f"nothing new is taken: {fund.ended}")
    if command.starts_on < told.terms.starts_on or command.ends_on > told.terms.ends_on:
        raise Refused(
            "request-outside-fund",
            f"the activity lies within {told.terms.starts_on} … {told.terms.ends_on}",
        )
    if command.amount > fund.available:
        raise Refused("fund-insufficient", f"available {fund.available}: ask for less")
    story.tell(
        MdfRequested(
            request_id=command.request_id,
            fund_id=told.fund_id,
            partner_id=command.partner_id,
            activity=command.activity,
            amount=command.amount.rounded(),
            share=command.share,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            route=command.found,
        )
    )
    request = story.fund.request(command.request_id)
    if request.approval.outcome == "approved":
        _approve(story, request, None)


def _sound(command: SubmitRequest, currency: str) -> None:
    amount = command.amount
    if amount.currency != currency:
        raise Malformed("request-malformed", f"the fund is kept in {currency}")
    if amount.amount <= 0 or amount.rounded() != amount:
        raise Malformed("request-malformed", "an amount is above 0, in whole minor units")
    if not 0 < command.share <= 1:
        raise Malformed("request-malformed", "a share lies above 0 and up to 1")
    if command.ends_on < command.starts_on:
        raise Malformed("request-malformed", "an activity ends on or after the day it starts")


def _vote(story: Story, command: VoteOnRequest) -> None:
    request = story.fund.request(command.request_id)
    if request.status != "submitted":
        raise _wrong(request)
    vote = Vote(
        by=command.by,
        roles=command.roles,
        verdict=command.verdict,
        reason=command.reason,
        delegations=command.found,
        at=command.at,
    )
    entry = approvals.decide(request.approval, vote)
    assert entry is not None and not isinstance(entry, Escalation)
    told = RequestVoted(
        request_id=command.request_id,
        partner_id=request.asked.partner_id,
        ballot=entry,  # type: ignore[arg-type]
        due=_due(request.approval, entry),
    )
    story.tell(told)
    request = story.fund.request(command.request_id)
    match request.approval.outcome:
        case "approved":
            _approve(story, request, command.amount)
        case "rejected" | "returned" as outcome:
            _fall(story, request, outcome, command.reason)


def _due(approval: Approval, entry: Entry) -> datetime | None:
    return approvals.evolve(approval, entry).due


def _approve(story: Story, request: Request, amount: Money | None) -> None:
    """Ruling m2: approved ≤ asked, the difference is released; m7: never into the negative."""
    asked, fund = request.asked, story.fund
    approved = asked.amount if amount is None else amount
    if approved.currency != fund.currency or approved != approved.rounded():
        raise Malformed("request-malformed", f"approve whole minor units of {fund.currency}")
    if not 0 < approved.amount <= asked.amount.amount:
        raise Refused("request-approved-more", f"approve above 0 and up to {asked.amount}")
    if fund.available + request.pending - approved < Money.zero(fund.currency):
        raise Refused("fund-insufficient", f"available {fund.available}: it would be overdrawn")
    story.tell(
        MdfApproved(
            request_id=asked.request_id,
            fund_id=asked.fund_id,
            partner_id=asked.partner_id,
            amount=approved.rounded(),
            share=asked.share,
            claim_until=asked.ends_on + fund.known.terms.claim_days * DAY,
            rule=asked.route.rule,
            approved_by=tuple(one.by for one in request.approval.ballots),
        )
    )


def _fall(story: Story, request: Request, outcome: str, reason: str) -> None:
    asked = request.asked
    story.tell(
        MdfRejected(
            request_id=asked.request_id,
            fund_id=asked.fund_id,
            partner_id=asked.partner_id,
            outcome=outcome,
            reason=reason,
        )
    )


def _escalate(story: Story, command: EscalateRequest) -> None:
    request = story.fund.requests.get(command.request_id)
    if request is None or request.status != "submitted":
        return
    told = TimeOut(step=command.step, rung=command.rung, at=command.at)
    entry = approvals.decide(request.approval, told)
    if not isinstance(entry, Escalation):
        return
    story.tell(
        RequestEscalated(
            request_id=command.request_id,
            partner_id=request.asked.partner_id,
            escalation=entry,
            due=_due(request.approval, entry),
        )
    )
    if story.fund.request(command.request_id).approval.outcome == "lapsed":
        _fall(story, request, "lapsed", "nobody answered in time")


def _close(story: Story, request: Request, command: CloseRequest) -> None:
    if request.status != "approved":
        raise _wrong(request)
    if any(one.open for one in request.claims.values()):
        raise Refused("request-claim-open", "decide and pay its claims first")
    if command.reason == "cancelled" and any(request.of("paid")):
        raise Refused("request-paid", "it has been paid for: close it")
    release(story, request, request.committed, command.reason, closes=True)


def release(story: Story, request: Request, amount: Money, reason: str, *, closes: bool) -> None:
    asked = request.asked
    story.tell(
        MdfReleased(
            request_id=asked.request_id,
            fund_id=asked.fund_id,
            partner_id=asked.partner_id,
            amount=amount,
            reason=reason,
            closes=closes,
        )
    )


def _wrong(request: Request) -> Refused:
    return Refused("request-wrong-status", f"it is {request.status}")
