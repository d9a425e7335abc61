"""Own facts that ask for own commands: evidence is compared, money carried over, accrued."""

from collections.abc import Iterable
from typing import Any

from services.mdf.domain.accrual import Accrual
from services.mdf.domain.claim import Claim, Filed
from services.mdf.domain.commands import (
    BindEvidence,
    CarryIn,
    FreeEvidence,
    NoteEvidence,
    TakeAccrual,
)
from services.mdf.domain.documents import FirstUse
from services.mdf.domain.events import CollectionRecorded, EvidenceRepeated, EvidenceTaken
from services.mdf.domain.streams import (
    accrual_stream,
    claim_stream,
    evidence_stream,
    fund_stream,
)
from services.mdf.projections.funds import FUNDS, accrues
from shared.contracts.event import Envelope
from shared.contracts.mdf import MdfCarriedOver, MdfClaimed, MdfFundAllocated, MdfRejected
from shared.kernel.paging import every
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process

Compared = MdfClaimed | MdfRejected | EvidenceTaken | EvidenceRepeated
Accrued = CollectionRecorded | MdfFundAllocated


async def compare(fact: Compared, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """Every piece of a claim in a stream of its own, and what was found back to the claim."""
    at = envelope.occurredat
    match fact:
        case MdfClaimed():
            use = FirstUse(
                claim_id=fact.claim_id, request_id=fact.request_id, partner_id=fact.partner_id
            )
            keys = await _keys(fact.claim_id, read)
            return [(evidence_stream(key), BindEvidence(key=key, use=use, at=at)) for key in keys]
        case MdfRejected(claim_id=str() as claim_id):
            keys = await _keys(claim_id, read)
            return [
                (evidence_stream(key), FreeEvidence(key=key, claim_id=claim_id, at=at))
                for key in keys
            ]
        case MdfRejected():
            return []
        case EvidenceTaken() | EvidenceRepeated():
            first = fact.first if isinstance(fact, EvidenceRepeated) else None
            told = NoteEvidence(key=fact.key, first=first, at=at)
            return [(claim_stream(fact.use.claim_id), told)]


async def _keys(claim_id: str, read: Read) -> tuple[str, ...]:
    claim: Claim = await read.fold(claim_stream(claim_id))
    return claim.told.keys if isinstance(claim, Filed) else ()


async def carry_over(fact: MdfCarriedOver, envelope: Envelope, _: Read) -> Iterable[Asked]:
    if fact.to_fund_id is None:
        return []
    command = CarryIn(
        fund_id=fact.to_fund_id,
        from_fund_id=fact.fund_id,
        amount=fact.amount,
        at=envelope.occurredat,
    )
    return [(fund_stream(fact.to_fund_id), command)]


async def accrue(fact: Accrued, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """A fund takes what its half year came to, when it begins and whenever that changes."""
    match fact:
        case CollectionRecorded():
            key = accrues(fact.partner_id, fact.half)
            funds = [row async for row in every(read, FUNDS.name, ("accrues", "eq", key))]
            accrual: Accrual = await read.fold(accrual_stream(fact.partner_id, fact.half))
            return [_taken(row["fund_id"], row["currency"], accrual, envelope) for row in funds]
        case MdfFundAllocated(terms=terms, partner_id=str() as partner_id):
            if fact.revision > 1 or terms.accrual is None:
                return []
            accrual = await read.fold(accrual_stream(partner_id, terms.accrual.half))
            return [_taken(fact.fund_id, fact.amount.currency, accrual, envelope)]
        case _:
            return []


def _taken(fund_id: str, currency: str, accrual: Accrual, envelope: Envelope) -> Asked:
    net, version = accrual.net(currency), accrual.version
    command = TakeAccrual(net=net, accrual_version=version, at=envelope.occurredat)
    return fund_stream(fund_id), command


PROCESSES: tuple[Process[Any], ...] = (
    Process(
        name="mdf.compare-evidence",
        facts=(MdfClaimed, MdfRejected, EvidenceTaken, EvidenceRepeated),
        react=compare,
    ),
    Process(name="mdf.carry-over", facts=(MdfCarriedOver,), react=carry_over),
    Process(name="mdf.accrue", facts=(CollectionRecorded, MdfFundAllocated), react=accrue),
)
