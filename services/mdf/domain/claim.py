"""A claim's file: complete when filed, compared with all others, checked line by line."""

from collections import Counter
from dataclasses import dataclass, field, replace

from immutables import Map

from services.mdf.domain.commands import (
    CheckClaim,
    ClaimCommand,
    FileClaim,
    LiftClaimHold,
    NoteEvidence,
)
from services.mdf.domain.documents import CheckedLine, FirstUse, Requirement
from services.mdf.domain.events import (
    ClaimChecked,
    ClaimEvent,
    ClaimFiled,
    ClaimHoldLifted,
    EvidenceCompared,
)
from services.mdf.domain.evidence import file_key, invoice_key
from shared.contracts.money import Money, total
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import Forbidden, Malformed, NotFound, Refused


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """`compared` maps evidence to the claim that had it first, or to None."""

    told: ClaimFiled
    compared: "Map[str, FirstUse | None]" = field(default_factory=Map)
    lifted: str | None = None
    checked: ClaimChecked | None = None

    @property
    def amount(self) -> Money:
        lines = self.told.lines
        return total((line.amount for line in lines), lines[0].amount.currency)

    @property
    def repeated(self) -> dict[str, FirstUse]:
        """What holds it: evidence that another claim showed before (M-07)."""
        found = {key: first for key, first in self.compared.items() if first}
        return {} if self.lifted else dict(sorted(found.items()))

    @property
    def compares(self) -> bool:
        return len(self.compared) < len(self.told.keys)


Claim = Absent | Filed


def decide(command: ClaimCommand, claim: Claim) -> list[ClaimEvent]:
    match claim, command:
        case Absent(), FileClaim():
            return [_filed(command)]
        case Filed(), FileClaim():
            if _filed(command) != claim.told:
                raise Refused("claim-exists", "choose another claim_id")
            return []
        case Filed(), NoteEvidence():
            return _noted(claim, command)
        case Filed(), LiftClaimHold():
            return _lifted(claim, command)
        case Filed(), CheckClaim():
            return [_checked(ready(claim, command.by), command)]
        case _:
            raise NotFound("claim-not-found")


def ready(claim: Filed, by: str) -> Filed:
    """Nothing is checked or approved before its evidence is known to be its own, nor by whoever
    filed it (E12).
    """
    if claim.told.by == by:
        raise Forbidden("claim-self", "nobody decides on what he filed: ask a colleague")
    if claim.compares:
        raise Refused("claim-comparing", "its evidence is being compared: ask again in a moment")
    if claim.repeated:
        raise Refused(
            "claim-held", "its evidence stands in another claim: lift the hold, or reject"
        )
    return claim


def _filed(command: FileClaim) -> ClaimFiled:
    if not command.lines or len({line.line for line in command.lines}) != len(command.lines):
        raise Malformed("claim-malformed", "a claim has lines, each with its own number")
    if len({line.amount.currency for line in command.lines}) > 1:
        raise Malformed("claim-malformed", "all lines of a claim are in one currency")
    if any(one.amount.amount <= 0 or one.amount.rounded() != one.amount for one in command.lines):
        raise Malformed("claim-malformed", "an amount is above 0, in whole minor units")
    if missing := _missing(command):
        raise Refused("claim-incomplete", f"the checklist misses {', '.join(missing)}")
    invoices = [invoice_key(one) for one in command.invoices]
    keys = [*invoices, *(file_key(one) for one in command.found.files)]
    return ClaimFiled(
        claim_id=command.claim_id,
        request_id=command.request_id,
        fund_id=command.found.fund_id,
        partner_id=command.found.partner_id,
        lines=command.lines,
        invoices=command.invoices,
        evidence=command.found.files,
        by=command.by,
        keys=tuple(dict.fromkeys(keys)),
    )


def _missing(command: FileClaim) -> list[str]:
    shown = Counter(one.kind for one in set(command.found.files))
    shown["invoice"] = max(shown["invoice"], len(set(command.invoices)))
    return [
        _short(one, shown[one.kind]) for one in command.found.requirements if _lacks(one, shown)
    ]


def _lacks(wanted: Requirement, shown: Counter[str]) -> bool:
    return shown[wanted.kind] < wanted.count


def _short(wanted: Requirement, there: int) -> str:
    return f"{wanted.kind}: {there} of {wanted.count}"


def _noted(claim: Filed, command: NoteEvidence) -> list[ClaimEvent]:
    if command.key in claim.compared or command.key not in claim.told.keys:
        return []
    told = claim.told
    return [
        EvidenceCompared(
            claim_id=told.claim_id,
            partner_id=told.partner_id,
            key=command.key,
            first=command.first,
        )
    ]


def _lifted(claim: Filed, command: LiftClaimHold) -> list[ClaimEvent]:
    if claim.compares or not claim.repeated:
        raise Refused("claim-not-held", "nothing holds it")
    told = claim.told
    return [
        ClaimHoldLifted(
            claim_id=told.claim_id,
            partner_id=told.partner_id,
            reason=command.reason,
            by=command.by,
        )
    ]


def _checked(claim: Filed, command: CheckClaim) -> ClaimChecked:
    """What is not eligible is listed with its reason, never silently dropped (M-02)."""
    told = claim.told
    wanted = {one.line: one for one in command.lines}
    if sorted(wanted) != sorted(line.line for line in told.lines):
        raise Malformed("claim-check-malformed", "say of each line what is eligible, once")
    lines = []
    for line in told.lines:
        said = wanted[line.line]
        if said.eligible.currency != line.amount.currency or said.eligible.amount < 0:
            raise Malformed("claim-check-malformed", "eligible is 0 or more, in the same currency")
        if said.eligible > line.amount:
            raise Refused("claim-eligible-more", f"line {line.line}: at most {line.amount}")
        rest = line.amount - said.eligible
        if rest and not said.reason:
            raise Refused(
                "claim-reason-missing", f"line {line.line}: say why {rest} is not eligible"
            )
        lines.append(
            CheckedLine(
                line=line.line, eligible=said.eligible, ineligible=rest, reason=said.reason
            )
        )
    currency = claim.amount.currency
    return ClaimChecked(
        claim_id=told.claim_id,
        partner_id=told.partner_id,
        lines=tuple(lines),
        eligible=total((one.eligible for one in lines), currency),
        ineligible=total((one.ineligible for one in lines), currency),
        by=command.by,
    )


def evolve(claim: Claim, fact: ClaimEvent) -> Claim:
    match claim, fact:
        case Absent(), ClaimFiled():
            return Filed(told=fact)
        case Filed(), EvidenceCompared():
            return replace(claim, compared=claim.compared.set(fact.key, fact.first))
        case Filed(), ClaimHoldLifted():
            return replace(claim, lifted=fact.reason or "lifted")
        case Filed(), ClaimChecked():
            return replace(claim, checked=fact)
        case _:
            raise corrupt(claim, fact)


CLAIM: Decider[ClaimCommand, Claim, ClaimEvent] = Decider(decide, evolve, Absent())
