"""Registrations that wait for somebody's yes."""

from collections.abc import AsyncIterator

from fastapi import APIRouter

from services.leads.domain.deals.filed import Filed
from services.leads.domain.streams import registration
from services.leads.projections.registrations import REGISTRATIONS
from shared.kernel.paging import every
from shared.runtime.awaiting import Awaited, awaiting
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    async def found() -> AsyncIterator[Awaited]:
        async for row in every(service.read, REGISTRATIONS.name, ("status", "eq", "review")):
            filed = await service.read.fold(registration(row["registration_id"]))
            if isinstance(filed, Filed) and filed.approval:
                yield Awaited(
                    kind="registration",
                    path=f"/v1/registrations/{filed.registration_id}",
                    partner_id=filed.partner_id,
                    amount=filed.details.estimated_amount,
                    about=filed.details.region or "",
                    approval=filed.approval,
                )

    return awaiting(service, "leads", "registrations", found)
