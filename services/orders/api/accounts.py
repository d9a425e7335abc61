"""/v1/accounts: what a partner may still order, and what waits for it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.orders.api.answers import Shown, account_of, account_shown
from services.orders.api.bodies import Opening
from services.orders.domain.commands import OpenAccount
from services.orders.domain.streams import account_stream
from shared.contracts.ids import Id
from shared.contracts.money import Money
from shared.kernel.errors import NotFound
from shared.runtime.context import Service
from shared.runtime.http import By, Who, allow, answered, own

FINANCE = allow("manager", "finance", "director", "operations")
PartnerId = Annotated[Id, Path()]


def account_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/accounts", tags=["accounts"])

    @router.post("/{partner_id}/opening", status_code=201, dependencies=[FINANCE])
    async def opening(partner_id: PartnerId, body: Opening, by: By, response: Response) -> Shown:
        """Receivables and unapplied money from before Qudao, once."""
        command = OpenAccount(
            partner_id=partner_id,
            receivables=body.receivables,
            unapplied=body.unapplied or Money.zero(body.receivables.currency),
            at=service.clock(),
        )
        done = await service.handle(account_stream(partner_id), command, by)
        account = await account_of(service, partner_id)
        return answered(response, "orders", done, **account_shown(partner_id, account))

    @router.get("/{partner_id}")
    async def show(partner_id: PartnerId, who: Who, response: Response) -> Shown:
        own(who, partner_id, "account-not-found")
        version = await service.handle.version(account_stream(partner_id))
        if not version:
            raise NotFound("account-not-found")
        response.headers["ETag"] = f'"{version}"'
        account = await account_of(service, partner_id)
        return account_shown(partner_id, account) | {"version": version}

    return router
