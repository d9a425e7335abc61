"""The shapes of answers, and how a request or a claim is found by whoever may see it."""

from typing import Any

from fastapi import Response

from services.mdf.domain.claim import Filed
from services.mdf.domain.commands import FundCommand
from services.mdf.domain.documents import FirstUse
from services.mdf.domain.ledger import Claimed, Fund, Request
from services.mdf.domain.request import Drafted
from services.mdf.domain.streams import claim_stream, fund_stream, request_stream
from shared.contracts.money import Money
from shared.kernel.approvals import Approval
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Caller, answered

Shown = dict[str, Any]


async def fund_of(service: Service, fund_id: str) -> Fund:
    fund: Fund = await service.read.fold(fund_stream(fund_id))
    return fund


async def request_found(service: Service, request_id: str, who: Caller) -> Drafted:
    """Another partner's request and a missing one cannot be told apart."""
    request = await service.read.fold(request_stream(request_id))
    if not isinstance(request, Drafted) or not who.sees(request.asked.partner_id):
        raise NotFound("request-not-found")
    return request


async def claim_found(service: Service, claim_id: str, who: Caller) -> Filed:
    claim = await service.read.fold(claim_stream(claim_id))
    if not isinstance(claim, Filed) or not who.sees(claim.told.partner_id):
        raise NotFound("claim-not-found")
    return claim


async def ask_fund(
    service: Service, file: Drafted, command: FundCommand, by: Cause, response: Response
) -> Shown:
    """The answer shows the request as it stands when the command is stored."""
    asked = file.asked
    done = await service.handle(fund_stream(asked.fund_id), command, by)
    fund = await fund_of(service, asked.fund_id)
    return answered(response, "mdf", done, **request_shown(file, fund))


def fund_shown(fund: Fund) -> Shown:
    told: Shown = document(fund.known)
    terms = told.pop("terms")
    return {**told, **terms, **balances(fund), "ended": fund.ended}


def balances(fund: Fund) -> Shown:
    """M-01's columns; `allocated` includes what was carried in."""
    amounts = {
        "allocated": fund.allocated,
        "actual": fund.actual,
        "available": fund.available,
        "committed": fund.committed,
        "pending": fund.pending,
        "paid": fund.paid,
        "expired": Money(fund.expired, fund.currency),
        "transferred": Money(fund.transferred, fund.currency),
    }
    return {name: document(amount.rounded()) for name, amount in amounts.items()}


def request_shown(file: Drafted, fund: Fund) -> Shown:
    """A request that its fund does not know is a draft."""
    told: Shown = document(file.asked)
    told["evidence"] = document(file.files)
    request = fund.requests.get(file.asked.request_id) if fund.told else None
    if request is None:
        return told | {"status": "draft", "approval": None, "claims": []}
    return told | {
        "status": request.status,
        "approved": document(request.approved.amount) if request.approved else None,
        "claim_until": request.approved.claim_until.isoformat() if request.approved else None,
        "committed": document(request.committed.rounded()),
        "paid": document(request.sum("paid").rounded()),
        "approval": approval_shown(request.approval),
        "claims": [document(one) for _, one in sorted(request.claims.items())],
    }


def approval_shown(approval: Approval) -> Shown:
    return {
        "rule": document(approval.route.rule),
        "outcome": approval.outcome,
        "waiting": list(approval.waiting),
        "due": approval.due.isoformat() if approval.due else None,
        "ballots": document(approval.ballots),
    }


def claim_shown(claim: Filed, request: Request | None, who: Caller) -> Shown:
    told = claim.told
    shown: Shown = document(told)
    del shown["keys"]
    decided = request.claims.get(told.claim_id) if request else None
    return shown | {
        "amount": document(claim.amount),
        "status": status_of(claim, decided),
        "holds": [
            {"evidence": key, "first": first_shown(first, told.partner_id, who)}
            for key, first in claim.repeated.items()
        ],
        "check": document(claim.checked),
        "approved": _approved(decided),
    }


def status_of(claim: Filed, decided: Claimed | None) -> str:
    if decided is None:
        return "draft"
    if decided.status != "submitted":
        return decided.status
    if claim.compares:
        return "submitted"
    return "held" if claim.repeated else "checking"


def first_shown(first: FirstUse, partner_id: str, who: Caller) -> Shown | None:
    """Ruling x7: a link shown to a partner never leads to another's claim."""
    if who.role == "partner" and first.partner_id != partner_id:
        return None
    return document(first)  # type: ignore[no-any-return]


def _approved(decided: Claimed | None) -> Any:
    known = decided is not None and decided.status in {"approved", "paid"}
    return document(decided.amount) if decided and known else None
