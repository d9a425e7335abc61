"""The files of requests and claims: drafts, checklists, evidence compared, lines checked."""

from dataclasses import replace
from typing import Any

import pytest

from services.mdf.domain.claim import CLAIM
from services.mdf.domain.commands import (
    AttachEvidence,
    BindEvidence,
    CheckClaim,
    DraftRequest,
    FileClaim,
    FreeEvidence,
    LiftClaimHold,
    NoteEvidence,
)
from services.mdf.domain.documents import (
    CheckedLine,
    CostLine,
    File,
    FirstUse,
    Grounds,
    Invoice,
    Requirement,
)
from services.mdf.domain.events import (
    ClaimChecked,
    ClaimEvent,
    ClaimFiled,
    ClaimHoldLifted,
    EvidenceAttached,
    EvidenceCompared,
    EvidenceFreed,
    EvidenceRepeated,
    EvidenceTaken,
    RequestDrafted,
)
from services.mdf.domain.evidence import EVIDENCE, alike, invoice_key
from services.mdf.domain.request import REQUEST
from services.mdf.domain.sniffing import sniffed
from services.mdf.tests.books import AT, submit, yuan
from shared.kernel.errors import Refused
from shared.testing.given import Given

PHOTO = File(kind="photo", sha256="a" * 64, media="image/jpeg", size=3)
INVOICE = Invoice(number="no 1", seller_tax_id="x")
IDS: dict[str, Any] = {"request_id": "r", "fund_id": "f", "partner_id": "p1"}
MINE = FirstUse(claim_id="c", request_id="r", partner_id="p1")
SIBLING = FirstUse(claim_id="d", request_id="r", partner_id="p1")
OTHER = FirstUse(claim_id="o", request_id="q", partner_id="p2")


def draft(**more: Any) -> DraftRequest:
    asked = submit()
    told = {
        name: getattr(asked, name)
        for name in ("amount", "share", "activity", "starts_on", "ends_on", "at")
    }
    return DraftRequest(**IDS | told | {"found": None} | more)


def drafted(command: DraftRequest) -> RequestDrafted:
    names = RequestDrafted.__dataclass_fields__.keys() - {"template"}
    told = {name: getattr(command, name) for name in names}
    return RequestDrafted(**told, template=command.found)


def file(**more: Any) -> FileClaim:
    lines = (CostLine(line=1, what="hall", amount=yuan(100)),)
    files, requirements = more.pop("evidence", (PHOTO,)), more.pop("requirements", ())
    ids = dict(IDS)
    told: dict[str, Any] = {"request_id": ids.pop("request_id"), "lines": lines}
    told |= {"invoices": (INVOICE,), "evidence": None, "by": "p1", "at": AT} | more
    found = Grounds(**ids, files=files, requirements=requirements)
    return FileClaim(claim_id="c", **told, found=found)


def check(amount: int, reason: str = "", line: int = 1) -> CheckClaim:
    said = CheckedLine(line=line, eligible=yuan(amount), ineligible=yuan(0), reason=reason)
    return CheckClaim(lines=(said,), by="m", at=AT)


def compared(key: str, first: FirstUse | None = None) -> EvidenceCompared:
    return EvidenceCompared(claim_id="c", partner_id="p1", key=key, first=first)


FILED = ClaimFiled(
    claim_id="c",
    **IDS,
    lines=file().lines,
    invoices=(INVOICE,),
    evidence=(PHOTO,),
    by="p1",
    keys=("invoice:NO1/X", f"file:{PHOTO.sha256}"),
)
KNOWN: tuple[ClaimEvent, ...] = (FILED, *(compared(key) for key in FILED.keys))
HELD: tuple[ClaimEvent, ...] = (FILED, compared(FILED.keys[0], OTHER), compared(FILED.keys[1]))


def test_a_draft_is_replaced_by_its_own_partner_only() -> None:
    given = Given(REQUEST)
    given().when(draft()).then(drafted(draft()))
    given(drafted(draft())).when(draft()).then()
    less = draft(amount=yuan(5))
    given(drafted(draft())).when(less).then(drafted(less))
    given(drafted(draft())).when(draft(partner_id="p2")).refused("request-exists")
    given(drafted(draft())).when(draft(fund_id="g")).refused("request-exists")


def test_the_same_file_is_attached_once() -> None:
    given, attach = Given(REQUEST), AttachEvidence(file=PHOTO, by="p1", at=AT)
    attached = EvidenceAttached(request_id="r", partner_id="p1", file=PHOTO, by="p1")
    given(drafted(draft())).when(attach).then(attached)
    again = replace(attach, file=replace(PHOTO, kind="invoice"))
    given(drafted(draft()), attached).when(again).then()
    given().when(attach).refused("request-not-found")


def test_a_claim_is_filed_once_with_what_makes_its_evidence_the_same() -> None:
    given = Given(CLAIM)
    given().when(file()).then(FILED)
    given(FILED).when(file()).then()
    given(FILED).when(file(invoices=())).refused("claim-exists")


def test_a_claim_is_complete_or_none() -> None:
    given = Given(CLAIM)
    wants = (Requirement(kind="photo", count=2),)
    given().when(file(requirements=wants)).refused("claim-incomplete")
    twice = file(requirements=wants, evidence=(PHOTO, PHOTO))
    given().when(twice).refused("claim-incomplete")
    given().when(file(lines=())).refused("claim-malformed")
    free = (CostLine(line=1, what="hall", amount=yuan(0)),)
    given().when(file(lines=free)).refused("claim-malformed")


def test_nothing_is_checked_before_all_evidence_is_compared() -> None:
    given, right = Given(CLAIM), check(100)
    given(FILED).when(right).refused("claim-comparing")
    given(*HELD).when(right).refused("claim-held")
    note = NoteEvidence(key=FILED.keys[0], first=OTHER, at=AT)
    given(FILED).when(note).then(compared(FILED.keys[0], OTHER))
    given(*KNOWN).when(note).then()
    given(FILED).when(replace(note, key="other")).then()


def test_nobody_checks_what_he_filed() -> None:
    Given(CLAIM)(*KNOWN).when(replace(check(100), by="p1")).refused("claim-self")


def test_a_person_lifts_the_hold() -> None:
    given, lift = Given(CLAIM), LiftClaimHold(reason="two halves", by="m", at=AT)
    lifted = ClaimHoldLifted(claim_id="c", partner_id="p1", reason="two halves", by="m")
    given(*HELD).when(lift).then(lifted)
    given(*KNOWN).when(lift).refused("claim-not-held")
    given(*HELD, lifted).when(lift).refused("claim-not-held")


def test_every_line_is_checked_and_what_is_not_eligible_has_its_reason() -> None:
    given = Given(CLAIM)
    line = CheckedLine(line=1, eligible=yuan(60), ineligible=yuan(40), reason="drinks")
    told = ClaimChecked(
        claim_id="c",
        partner_id="p1",
        lines=(line,),
        eligible=yuan(60),
        ineligible=yuan(40),
        by="m",
    )
    given(*KNOWN).when(check(60, "drinks")).then(told)
    given(*KNOWN).when(check(60)).refused("claim-reason-missing")
    given(*KNOWN).when(check(101)).refused("claim-eligible-more")
    given(*KNOWN).when(check(100, line=2)).refused("claim-check-malformed")
    given(*KNOWN).when(check(-1)).refused("claim-check-malformed")


def test_evidence_is_the_first_claims_and_repeated_in_every_other() -> None:
    given = Given(EVIDENCE)
    bind = BindEvidence(key="k", use=MINE, at=AT)
    taken = EvidenceTaken(key="k", use=MINE)
    given().when(bind).then(taken)
    given(taken).when(bind).then()
    repeated = EvidenceRepeated(key="k", use=SIBLING, first=MINE)
    given(taken).when(replace(bind, use=SIBLING)).then(repeated)
    given(taken, repeated).when(replace(bind, use=SIBLING)).then()


def test_the_same_request_may_show_it_again_after_its_claim_was_rejected() -> None:
    """Ruling m8."""
    given = Given(EVIDENCE)
    taken, freed = EvidenceTaken(key="k", use=MINE), EvidenceFreed(key="k", claim_id="c")
    given(taken).when(FreeEvidence(key="k", claim_id="c", at=AT)).then(freed)
    given(taken).when(FreeEvidence(key="k", claim_id="x", at=AT)).then()
    again, other = (BindEvidence(key="k", use=use, at=AT) for use in (SIBLING, OTHER))
    given(taken, freed).when(again).then(EvidenceTaken(key="k", use=SIBLING))
    given(taken, freed).when(other).then(EvidenceRepeated(key="k", use=OTHER, first=MINE))


@pytest.mark.parametrize("number", ["no-00 427", "ＮＯ００４２７", "no\u20130042\u00a07"])
def test_an_invoice_is_the_same_however_it_is_written(number: str) -> None:
    assert alike(number) == "NO00427"
    assert invoice_key(Invoice(number=number, seller_tax_id=" x")) == "invoice:NO00427/X"


def test_a_file_is_what_its_content_says() -> None:
    signs = {
        b"\xff\xd8\xff\xe0": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"RIFF0000WEBPVP8 ": "image/webp",
        b"\x00\x00\x00\x18ftypheic": "image/heic",
        b"%PDF-1.7": "application/pdf",
    }
    assert [sniffed(data) for data in signs] == [*signs.values()]
    for data in (b"", b"<html>", b"PK\x03\x04", b"GIF89a", b" %PDF-1.7"):
        with pytest.raises(Refused):
            sniffed(data)
