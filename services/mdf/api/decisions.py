"""Votes on a request: whoever the rule asks. The fund decides what they come to."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.mdf.api.answers import Shown, ask_fund, request_found
from services.mdf.api.bodies import Approval, Note
from services.mdf.domain.commands import VoteOnRequest
from shared.contracts.approvals import Verdict
from shared.contracts.ids import Id
from shared.kernel.delegations import lent
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import By, Caller, Who, allow

VOTING = allow("sales", "manager", "marketing", "finance", "director", "operations")
RequestId = Annotated[Id, Path()]


def decision_routes(service: Service) -> APIRouter:
    router = APIRouter()

    async def vote(
        request_id: str, verdict: Verdict, body: Approval, who: Caller, by: Cause, into: Response
    ) -> Shown:
        file, at = await request_found(service, request_id, who), service.clock()
        command = VoteOnRequest(
            request_id=request_id,
            by=who.subject,
            roles=(who.role,),
            verdict=verdict,
            amount=body.amount,
            reason=body.reason,
            found=await lent(service.read, "mdf", who.subject, at),
            at=at,
        )
        return await ask_fund(service, file, command, by, into)

    @router.post("/requests/{request_id}/approval", dependencies=[VOTING])
    async def approval(
        request_id: RequestId, by: By, who: Who, response: Response, body: Approval | None = None
    ) -> Shown:
        return await vote(request_id, "approve", body or Approval(), who, by, response)

    @router.post("/requests/{request_id}/rejection", dependencies=[VOTING])
    async def rejection(
        request_id: RequestId, by: By, who: Who, response: Response, body: Note | None = None
    ) -> Shown:
        told = Approval(reason=(body or Note()).reason)
        return await vote(request_id, "reject", told, who, by, response)

    @router.post("/requests/{request_id}/return", dependencies=[VOTING])
    async def returned(
        request_id: RequestId, by: By, who: Who, response: Response, body: Note | None = None
    ) -> Shown:
        """Back to who asked, to be changed and submitted again."""
        told = Approval(reason=(body or Note()).reason)
        return await vote(request_id, "return", told, who, by, response)

    return router
