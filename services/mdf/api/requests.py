"""/v1/mdf/requests: what partners ask for, taken back, closed, and what came of it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.mdf.api.answers import Shown, ask_fund, fund_of, request_found, request_shown
from services.mdf.api.bodies import ActivityRequest, Note
from services.mdf.domain.commands import (
    CloseRequest,
    DraftRequest,
    RecallRequest,
    SubmitRequest,
    WithdrawRequest,
)
from services.mdf.domain.documents import TemplateVersion
from services.mdf.domain.effect import WINDOW, Model, effect
from services.mdf.domain.published import DEFAULT_RULE
from services.mdf.domain.streams import fund_stream, request_stream, rule_stream, template_stream
from services.mdf.projections import CAMPAIGNS, CUSTOMERS, REQUESTS
from services.mdf.projections.effects import customer_of
from shared.contracts.ids import Id, named
from shared.kernel.approvals import Rule, Subject, route
from shared.kernel.codec import document
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.ports import Condition
from shared.kernel.ports import Query as Asked
from shared.runtime.context import Service
from shared.runtime.http import By, Caller, Cursor, Limit, Text, Who, allow, listed

REQUESTING = allow("partner", "sales", "manager", "marketing", "director", "operations")
CLOSING = allow("manager", "marketing", "finance", "director", "operations")
RequestId = Annotated[Id, Path()]
Window = Annotated[int, Query(ge=0, le=3_650)]


def request_routes(service: Service) -> APIRouter:
    router = APIRouter()
    _submissions(router, service)
    _endings(router, service)
    _reads(router, service)
    return router


def _submissions(router: APIRouter, service: Service) -> None:
    @router.post("/requests", status_code=201, dependencies=[REQUESTING])
    async def submit(body: ActivityRequest, by: By, who: Who, response: Response) -> Shown:
        """Answered when the fund holds the amount; refused, it stays a draft."""
        if not who.sees(body.partner_id):
            raise Forbidden("request-foreign-partner", "a partner asks for itself")
        request_id = body.request_id or str(named("mdf-request", by.commandid))
        at = service.clock()
        draft = await drafted(service, body, request_id, at)
        await service.handle(request_stream(request_id), draft, replace(by, expected=None))
        command = await submitted(service, draft, who)
        file = await request_found(service, request_id, who)
        return await ask_fund(service, file, command, by, response)


async def drafted(
    service: Service, body: ActivityRequest, request_id: str, at: datetime
) -> DraftRequest:
    """The activity may be the whole time of the fund."""
    fund = await fund_of(service, body.fund_id)
    terms = fund.known.terms
    return DraftRequest(
        request_id=request_id,
        fund_id=body.fund_id,
        partner_id=body.partner_id,
        amount=body.amount,
        share=body.share,
        activity=body.activity,
        starts_on=body.starts_on or terms.starts_on,
        ends_on=body.ends_on or terms.ends_on,
        found=await _template(service, body.template_id),
        at=at,
    )


async def _template(service: Service, template_id: str | None) -> TemplateVersion | None:
    if template_id is None:
        return None
    template: TemplateVersion | None = await service.read.fold(template_stream(template_id))
    if template is None:
        raise NotFound("template-not-found")
    return template


async def submitted(service: Service, draft: DraftRequest, who: Caller) -> SubmitRequest:
    """With the route that the present rule makes of it."""
    rule: Rule = await service.read.fold(rule_stream(DEFAULT_RULE.id))
    fields = {
        "partner_id": draft.partner_id,
        "fund_id": draft.fund_id,
        "activity": draft.activity,
        "template": draft.found.template_id if draft.found else "",
    }
    subject = Subject(requester=who.subject, amount=draft.amount, fields=fields)
    return SubmitRequest(
        request_id=draft.request_id,
        partner_id=draft.partner_id,
        activity=draft.activity,
        amount=draft.amount,
        share=draft.share,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        found=route(rule, subject, draft.at),
        at=draft.at,
    )


def _endings(router: APIRouter, service: Service) -> None:
    @router.post("/requests/{request_id}/withdrawal", dependencies=[REQUESTING])
    async def withdrawal(
        request_id: RequestId, by: By, who: Who, response: Response, body: Note | None = None
    ) -> Shown:
        file = await request_found(service, request_id, who)
        reason = (body or Note()).reason
        command = WithdrawRequest(request_id=request_id, reason=reason, at=service.clock())
        return await ask_fund(service, file, command, by, response)

    @router.post("/requests/{request_id}/recall", dependencies=[REQUESTING])
    async def recall(
        request_id: RequestId, by: By, who: Who, response: Response, body: Note | None = None
    ) -> Shown:
        """By whoever submitted it, as long as it is not decided."""
        file = await request_found(service, request_id, who)
        reason = (body or Note()).reason
        command = RecallRequest(
            request_id=request_id, by=who.subject, reason=reason, at=service.clock()
        )
        return await ask_fund(service, file, command, by, response)

    @router.post("/requests/{request_id}/closing", dependencies=[CLOSING])
    async def closing(request_id: RequestId, by: By, who: Who, response: Response) -> Shown:
        """What is committed and not paid comes back to the fund."""
        file = await request_found(service, request_id, who)
        command = CloseRequest(request_id=request_id, reason="closed", at=service.clock())
        return await ask_fund(service, file, command, by, response)

    @router.post("/requests/{request_id}/cancellation", dependencies=[REQUESTING])
    async def cancellation(request_id: RequestId, by: By, who: Who, response: Response) -> Shown:
        file = await request_found(service, request_id, who)
        command = CloseRequest(request_id=request_id, reason="cancelled", at=service.clock())
        return await ask_fund(service, file, command, by, response)


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("/requests/{request_id}")
    async def show(request_id: RequestId, who: Who, response: Response) -> Shown:
        file = await request_found(service, request_id, who)
        version = await service.handle.version(fund_stream(file.asked.fund_id))
        response.headers["ETag"] = f'"{version}"'
        fund = await fund_of(service, file.asked.fund_id)
        return request_shown(file, fund) | {"version": version}

    @router.get("/requests")
    async def requests(
        who: Who, status: Text | None = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Shown:
        wanted: tuple[Condition, ...] = (("status", "eq", status),) if status else ()
        query = Asked((*who.scope(), *wanted), cursor=cursor, limit=limit)
        return listed(await service.read.find(REQUESTS.name, query))

    @router.get("/requests/{request_id}/roi")
    async def roi(
        request_id: RequestId, who: Who, window: Window = WINDOW, model: Model = "last"
    ) -> Shown:
        """M-05. Leads and opportunities tell it by their campaign, which is the request's id."""
        file = await request_found(service, request_id, who)
        fund = await fund_of(service, file.asked.fund_id)
        known = fund.requests.get(request_id)
        spend = known.sum("paid") if known else file.asked.amount - file.asked.amount
        campaign = await service.read.get(CAMPAIGNS.name, request_id)
        rows = [
            await service.read.get(CUSTOMERS.name, one)
            for one in (campaign or {"customers": []})["customers"]
        ]
        customers = [customer_of(row) for row in rows if row]
        found = effect(request_id, spend, customers, window, model)
        return {"request_id": request_id, "window": window, "model": model, **document(found)}
