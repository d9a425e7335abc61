"""/v1/mdf/claims: filed with evidence, checked line by line, approved, paid."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.mdf.api.answers import (
    Shown,
    claim_found,
    claim_shown,
    fund_of,
    request_found,
)
from services.mdf.api.bodies import Check, ClaimIn, Note, Payment
from services.mdf.domain.claim import ready
from services.mdf.domain.commands import (
    ApproveClaim,
    CheckClaim,
    ClaimCommand,
    FileClaim,
    FundCommand,
    LiftClaimHold,
    PayClaim,
    RejectClaim,
    SubmitClaim,
)
from services.mdf.domain.documents import Assessed, Grounds
from services.mdf.domain.request import Drafted
from services.mdf.domain.streams import claim_stream, fund_stream
from services.mdf.projections import CLAIMS
from shared.contracts.ids import Id, named
from shared.contracts.money import total
from shared.kernel.errors import Refused
from shared.kernel.handler import Cause
from shared.kernel.ports import Condition, Query
from shared.runtime.context import Service
from shared.runtime.http import By, Caller, Cursor, Limit, Text, Who, allow, answered, listed

CLAIMING = allow("partner", "sales", "manager", "marketing", "operations")
CHECKING = allow("manager", "marketing", "finance", "operations")
DECIDING = allow("manager", "marketing", "finance", "director", "operations")
PAYING = allow("finance")
ClaimId = Annotated[Id, Path()]


def claim_routes(service: Service) -> APIRouter:
    router = APIRouter()
    _submissions(router, service)
    _checks(router, service)
    _decisions(router, service)
    _reads(router, service)
    return router


async def shown(service: Service, claim_id: str, who: Caller) -> Shown:
    claim = await claim_found(service, claim_id, who)
    fund = await fund_of(service, claim.told.fund_id)
    return claim_shown(claim, fund.requests.get(claim.told.request_id), who)


def _submissions(router: APIRouter, service: Service) -> None:
    @router.post("/claims", status_code=201, dependencies=[CLAIMING])
    async def claim(body: ClaimIn, by: By, who: Who, response: Response) -> Shown:
        """Complete and in time, or refused; its evidence is compared in the next steps."""
        file = await request_found(service, body.request_id, who)
        claim_id = body.claim_id or str(named("mdf-claim", by.commandid))
        filed = _filed(body, claim_id, file, by=who.subject, at=service.clock())
        await service.handle(claim_stream(claim_id), filed, by)
        amount = total((one.amount for one in filed.lines), filed.lines[0].amount.currency)
        command = SubmitClaim(
            claim_id=claim_id, request_id=body.request_id, amount=amount, at=filed.at
        )
        done = await service.handle(fund_stream(file.asked.fund_id), command, by)
        return answered(response, "mdf", done, **await shown(service, claim_id, who))


def _filed(body: ClaimIn, claim_id: str, file: Drafted, by: str, at: datetime) -> FileClaim:
    asked, named_ = file.asked, body.evidence
    found = Grounds(
        fund_id=asked.fund_id,
        partner_id=asked.partner_id,
        files=file.files if named_ is None else tuple(map(file.file, named_)),
        requirements=asked.template.requirements if asked.template else (),
    )
    return FileClaim(
        claim_id=claim_id,
        request_id=asked.request_id,
        lines=tuple(line.told() for line in body.lines),
        invoices=tuple(one.told() for one in body.invoices),
        evidence=None if named_ is None else tuple(named_),
        found=found,
        by=by,
        at=at,
    )


def _checks(router: APIRouter, service: Service) -> None:
    async def ask(
        claim_id: str, command: ClaimCommand, who: Caller, by: Cause, into: Response
    ) -> Shown:
        await claim_found(service, claim_id, who)
        done = await service.handle(claim_stream(claim_id), command, by)
        return answered(into, "mdf", done, **await shown(service, claim_id, who))

    @router.post("/claims/{claim_id}/check", dependencies=[CHECKING])
    async def check(claim_id: ClaimId, body: Check, by: By, who: Who, response: Response) -> Shown:
        """What of each line is eligible; what is not, with its reason."""
        lines = tuple(one.told() for one in body.lines)
        command = CheckClaim(lines=lines, by=who.subject, at=service.clock())
        return await ask(claim_id, command, who, by, response)

    @router.post("/claims/{claim_id}/release", dependencies=[CHECKING])
    async def release(
        claim_id: ClaimId, by: By, who: Who, response: Response, body: Note
    ) -> Shown:
        """A person has looked at the repeated evidence and lets the claim go on."""
        command = LiftClaimHold(reason=body.reason, by=who.subject, at=service.clock())
        return await ask(claim_id, command, who, by, response)


def _decisions(router: APIRouter, service: Service) -> None:
    async def ask(
        claim_id: str, fund_id: str, command: FundCommand, who: Caller, by: Cause, into: Response
    ) -> Shown:
        done = await service.handle(fund_stream(fund_id), command, by)
        return answered(into, "mdf", done, **await shown(service, claim_id, who))

    @router.post("/claims/{claim_id}/approval", dependencies=[DECIDING])
    async def approval(claim_id: ClaimId, by: By, who: Who, response: Response) -> Shown:
        """Comes to min(share × eligible, rest of the request); 0 is a rejection."""
        claim = ready(await claim_found(service, claim_id, who), who.subject)
        if claim.checked is None:
            raise Refused("claim-unchecked", "check first which lines are eligible")
        command = ApproveClaim(
            claim_id=claim_id,
            request_id=claim.told.request_id,
            found=Assessed(eligible=claim.checked.eligible, ineligible=claim.checked.ineligible),
            by=who.subject,
            at=service.clock(),
        )
        return await ask(claim_id, claim.told.fund_id, command, who, by, response)

    @router.post("/claims/{claim_id}/rejection", dependencies=[DECIDING])
    async def rejection(
        claim_id: ClaimId, by: By, who: Who, response: Response, body: Note | None = None
    ) -> Shown:
        told = (await claim_found(service, claim_id, who)).told
        command = RejectClaim(
            claim_id=claim_id,
            request_id=told.request_id,
            reason=(body or Note()).reason,
            at=service.clock(),
        )
        return await ask(claim_id, told.fund_id, command, who, by, response)

    @router.post("/claims/{claim_id}/payment", dependencies=[PAYING])
    async def payment(
        claim_id: ClaimId, by: By, who: Who, response: Response, body: Payment | None = None
    ) -> Shown:
        """Paid, or given as a credit."""
        told = (await claim_found(service, claim_id, who)).told
        paid = body or Payment()
        command = PayClaim(
            claim_id=claim_id,
            request_id=told.request_id,
            method=paid.method,
            reference=paid.reference,
            paid_on=paid.paid_on,
            at=service.clock(),
        )
        return await ask(claim_id, told.fund_id, command, who, by, response)


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("/claims/{claim_id}")
    async def show(claim_id: ClaimId, who: Who) -> Shown:
        return await shown(service, claim_id, who)

    @router.get("/claims")
    async def claims(
        who: Who, status: Text | None = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Shown:
        wanted: tuple[Condition, ...] = (("status", "eq", status),) if status else ()
        query = Query((*who.scope(), *wanted), cursor=cursor, limit=limit)
        return listed(await service.read.find(CLAIMS.name, query))
