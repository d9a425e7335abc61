"""Evidence: one stream for all claims of all partners that show it (M-07, ruling m8)."""

import unicodedata
from dataclasses import dataclass, replace
from re import sub

from services.mdf.domain.commands import BindEvidence, EvidenceCommand, FreeEvidence
from services.mdf.domain.documents import File, FirstUse, Invoice
from services.mdf.domain.events import (
    EvidenceEvent,
    EvidenceFreed,
    EvidenceRepeated,
    EvidenceTaken,
)
from shared.kernel.decider import Decider


def invoice_key(invoice: Invoice) -> str:
    return f"invoice:{alike(invoice.number)}/{alike(invoice.seller_tax_id)}"


def file_key(file: File) -> str:
    return f"file:{file.sha256}"


def alike(text: str) -> str:
    """NFKC, without spaces and hyphens, upper case."""
    return sub(r"[\s\u2010-\u2015\u2212-]", "", unicodedata.normalize("NFKC", text)).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Whose it is; `free` after that claim was rejected; who else has shown it."""

    use: FirstUse | None = None
    free: bool = False
    answered: frozenset[str] = frozenset()


def decide(command: EvidenceCommand, evidence: Evidence) -> list[EvidenceEvent]:
    match command:
        case FreeEvidence():
            mine = evidence.use is not None and evidence.use.claim_id == command.claim_id
            if not mine or evidence.free:
                return []
            return [EvidenceFreed(key=command.key, claim_id=command.claim_id)]
        case BindEvidence(use=use) if use.claim_id in evidence.answered:
            return []
        case BindEvidence(use=use) if evidence.use is None or _again(evidence, use):
            return [EvidenceTaken(key=command.key, use=use)]
        case BindEvidence(use=use):
            assert evidence.use is not None
            return [EvidenceRepeated(key=command.key, use=use, first=evidence.use)]


def _again(evidence: Evidence, use: FirstUse) -> bool:
    same = evidence.use is not None and evidence.use.request_id == use.request_id
    return evidence.free and same


def evolve(evidence: Evidence, fact: EvidenceEvent) -> Evidence:
    match fact:
        case EvidenceTaken(use=use):
            answered = evidence.answered | {use.claim_id}
            return Evidence(use=use, answered=answered)
        case EvidenceRepeated(use=use):
            return replace(evidence, answered=evidence.answered | {use.claim_id})
        case EvidenceFreed():
            return replace(evidence, free=True)


EVIDENCE: Decider[EvidenceCommand, Evidence, EvidenceEvent] = Decider(decide, evolve, Evidence())
