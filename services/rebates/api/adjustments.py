"""Adjustments that lower an account, or come from a new version: they wait for approval."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.rebates.api.restating import with_restatements
from services.rebates.api.sought import AskedFor
from services.rebates.domain.commands import ApproveAdjustment
from services.rebates.projections.accounts import shown
from services.rebates.projections.entries import PROPOSALS
from shared.kernel.ports import Document, Page, Query
from shared.runtime.context import Service
from shared.runtime.http import By, Cursor, Limit, Who, allow, answered, listed

Number = Annotated[int, Path(ge=1, le=1_000_000)]


def add(router: APIRouter, service: Service) -> None:
    @router.get("/accounts/proposals")
    async def proposals(
        asked: AskedFor, who: Who, cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """Adjustments that are not booked yet; a refund's with all three restatements (R-10)."""
        sought = asked.of(who)
        if sought is None:
            return {"items": [], "cursor": None}
        query = Query(sought.where(), sort="place", cursor=cursor, limit=limit)
        page = await service.read.find(PROPOSALS.name, query)
        rows = [await with_restatements(service.read, row) for row in page.documents]
        return listed(Page(rows, page.cursor), shown)

    @router.post(
        "/accounts/{account_id}/proposals/{proposal}/approval",
        dependencies=[allow("manager", "operations", "finance", "director")],
    )
    async def approve(
        account_id: UUID, proposal: Number, by: By, response: Response
    ) -> dict[str, object]:
        command = ApproveAdjustment(proposal=proposal, at=service.clock())
        done = await service.handle(f"rebates.account-{account_id}", command, by)
        return answered(response, "rebates", done, account_id=account_id, proposal=proposal)
