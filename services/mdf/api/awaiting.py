"""Requests that wait for somebody's yes."""

from collections.abc import AsyncIterator

from fastapi import APIRouter

from services.mdf.api.answers import fund_of
from services.mdf.projections import REQUESTS
from shared.kernel.paging import every
from shared.runtime.awaiting import Awaited, awaiting
from shared.runtime.context import Service


def awaiting_routes(service: Service) -> APIRouter:
    async def found() -> AsyncIterator[Awaited]:
        async for row in every(service.read, REQUESTS.name, ("status", "eq", "submitted")):
            fund = await fund_of(service, row["fund_id"])
            request = fund.requests.get(row["request_id"])
            if request is not None:
                yield Awaited(
                    kind="mdf-request",
                    path=f"/v1/mdf/requests/{request.asked.request_id}",
                    partner_id=request.asked.partner_id,
                    amount=request.asked.amount,
                    about=request.asked.activity,
                    approval=request.approval,
                )

    return awaiting(service, "mdf", "mdf", found)
