"""Requests and claims, as lists: whose they are and how far they have come."""

from collections.abc import Iterable

from services.mdf.domain.events import (
    ClaimChecked,
    ClaimFiled,
    ClaimHoldLifted,
    EvidenceCompared,
    RequestDrafted,
)
from shared.contracts.event import Envelope
from shared.contracts.mdf import (
    MdfApproved,
    MdfClaimApproved,
    MdfClaimed,
    MdfPaid,
    MdfRejected,
    MdfReleased,
    MdfRequested,
)
from shared.contracts.money import Money, total
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

RequestFact = RequestDrafted | MdfRequested | MdfApproved | MdfRejected | MdfReleased | MdfPaid
FileFact = ClaimFiled | EvidenceCompared | ClaimHoldLifted | ClaimChecked
ClaimFact = FileFact | MdfClaimed | MdfClaimApproved | MdfRejected | MdfPaid


def by_request(fact: RequestFact, _: Envelope) -> Iterable[str]:
    rejected_claim = isinstance(fact, MdfRejected) and fact.claim_id
    return [] if rejected_claim else [f"{fact.partner_id}/{fact.request_id}"]


def requests(key: str, row: Document | None, fact: RequestFact, envelope: Envelope) -> Document:
    row = row or {}
    match fact:
        case RequestDrafted():
            return {**row, "status": "draft", "reason": None, **document(fact)}
        case MdfRequested():
            told = {name: document(fact)[name] for name in ("amount", "share", "activity")}
            none = {"approved": None, "paid": document(Money.zero(fact.amount.currency))}
            at = envelope.occurredat.isoformat()
            return row | none | told | {"status": "submitted", "submitted_at": at}
        case MdfApproved():
            until = fact.claim_until.isoformat()
            approved = {"approved": document(fact.amount), "claim_until": until}
            return row | approved | {"status": "approved"}
        case MdfRejected():
            return row | {"status": fact.outcome, "reason": fact.reason}
        case MdfReleased():
            return row | ({"status": "closed", "reason": fact.reason} if fact.closes else {})
        case MdfPaid():
            return row | {"paid": document(restored(row["paid"], Money) + fact.amount)}


def by_claim(fact: ClaimFact, _: Envelope) -> Iterable[str]:
    return [f"{fact.partner_id}/{fact.claim_id}"] if fact.claim_id else []


def claims(key: str, row: Document | None, fact: ClaimFact, envelope: Envelope) -> Document:
    return (row or {}) | _claim_change(fact, envelope)


def _claim_change(fact: ClaimFact, envelope: Envelope) -> Document:
    match fact:
        case MdfClaimed():
            return {"status": "submitted", "submitted_at": envelope.occurredat.isoformat()}
        case MdfClaimApproved():
            return {"status": "approved", "approved": document(fact.amount)}
        case MdfRejected():
            return {"status": "rejected", "reason": fact.reason, "held": False}
        case MdfPaid():
            return {"status": "paid", "method": fact.method, "paid_on": fact.paid_on.isoformat()}
        case _:
            return _file_change(fact)


def _file_change(fact: FileFact) -> Document:
    match fact:
        case ClaimFiled():
            return _filed(fact)
        case EvidenceCompared(first=first):
            return {"held": True} if first else {}
        case ClaimHoldLifted():
            return {"held": False}
        case ClaimChecked():
            return {"eligible": document(fact.eligible), "ineligible": document(fact.ineligible)}


def _filed(fact: ClaimFiled) -> Document:
    amount = total((line.amount for line in fact.lines), fact.lines[0].amount.currency)
    named = ("claim_id", "request_id", "fund_id", "partner_id")
    return {name: getattr(fact, name) for name in named} | {
        "status": "draft",
        "held": False,
        "amount": document(amount),
        "approved": None,
        "reason": None,
    }


REQUESTS: Projection[RequestFact] = Projection(
    name="mdf.requests",
    facts=(RequestDrafted, MdfRequested, MdfApproved, MdfRejected, MdfReleased, MdfPaid),
    keys=by_request,
    fold=requests,
    indexes=(Index("status"), Index("fund_id")),
    partner_field="partner_id",
)
CLAIMS: Projection[ClaimFact] = Projection(
    name="mdf.claims",
    facts=(
        ClaimFiled,
        EvidenceCompared,
        ClaimHoldLifted,
        ClaimChecked,
        MdfClaimed,
        MdfClaimApproved,
        MdfRejected,
        MdfPaid,
    ),
    keys=by_claim,
    fold=claims,
    indexes=(Index("status"), Index("request_id")),
    partner_field="partner_id",
)
