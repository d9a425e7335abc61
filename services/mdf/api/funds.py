"""/v1/mdf/funds and /balances: what there is to be asked for, and what is left of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.mdf.api.answers import Shown, balances, fund_of, fund_shown
from services.mdf.api.bodies import Allocation
from services.mdf.domain.commands import AllocateFund
from services.mdf.domain.streams import fund_stream
from services.mdf.projections import FUNDS
from shared.contracts.ids import Id
from shared.kernel.errors import NotFound
from shared.kernel.ports import Condition, Query
from shared.runtime.context import Service
from shared.runtime.http import By, Cursor, Limit, Who, allow, answered, listed

ALLOCATING = allow("manager", "marketing", "finance", "director", "operations")
FundId = Annotated[Id, Path()]


def fund_routes(service: Service) -> APIRouter:
    router = APIRouter()

    @router.post("/funds", status_code=201, dependencies=[ALLOCATING])
    async def allocate(body: Allocation, by: By, response: Response) -> Shown:
        """Again with another amount it is adjusted: the new whole."""
        command = AllocateFund(
            fund_id=body.fund_id,
            partner_id=body.partner_id,
            amount=body.money,
            terms=body.terms(),
            reason=body.reason,
            at=service.clock(),
        )
        done = await service.handle(fund_stream(body.fund_id), command, by)
        fund = await fund_of(service, body.fund_id)
        return answered(response, "mdf", done, **fund_shown(fund))

    @router.get("/funds/{fund_id}")
    async def show(fund_id: FundId, who: Who, response: Response) -> Shown:
        """A fund that is open to all partners shows no partner what others have of it."""
        fund = await fund_of(service, fund_id)
        if fund.told is None or not who.sees(fund.told.partner_id):
            raise NotFound("fund-not-found")
        version = await service.handle.version(fund_stream(fund_id))
        response.headers["ETag"] = f'"{version}"'
        return fund_shown(fund) | {"version": version}

    @router.get("/funds")
    async def funds(who: Who, cursor: Cursor = None, limit: Limit = 50) -> Shown:
        query = Query(who.scope(), cursor=cursor, limit=limit)
        return listed(await service.read.find(FUNDS.name, query))

    @router.get("/balances")
    async def every_balance(
        who: Who, partner_id: Id | None = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Shown:
        """Exact: each folded from its fund's stream."""
        wanted: tuple[Condition, ...] = (("partner_id", "eq", partner_id),) if partner_id else ()
        query = Query((*who.scope(), *wanted), cursor=cursor, limit=limit)
        page = await service.read.find(FUNDS.name, query)
        items = []
        for row in page.documents:
            fund = await fund_of(service, row["fund_id"])
            named = {name: row[name] for name in ("fund_id", "partner_id", "kind", "ended")}
            items.append(named | balances(fund))
        return {"items": items, "cursor": page.cursor}

    return router
