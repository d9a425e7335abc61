"""Somebody leaves: the list of what they look after, and its hand-over (L-09)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.leads.api.shapes import MANAGERS, Answer
from services.leads.domain.handover.commands import OrderHandOver
from services.leads.domain.streams import hand_over
from services.leads.projections.belongings import Belonging, belongings
from shared.contracts.ids import Id, Label, named
from shared.runtime.context import Service
from shared.runtime.http import Body, By, answered


class HandOver(Body):
    """Without `items` all of it."""

    hand_over_id: Id | None = None
    leaver: Label
    successor: Label
    items: Annotated[tuple[Id, ...], Field(max_length=10_000)] = ()


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/hand-over", tags=["leads"])

    @router.get("", dependencies=[MANAGERS])
    async def belonging(leaver: Annotated[Label, Query()]) -> Answer:
        """Customers, open leads, registrations and opportunities. The decisions that wait for the
        leaver by name are at `/v1/approvals?seat=user:…`, and a delegation hands them over.
        """
        items = [shown(one) async for one in belongings(service.read, leaver)]
        return {"leaver": leaver, "items": items, "total": len(items)}

    @router.post("", status_code=201, dependencies=[MANAGERS])
    async def order(body: HandOver, by: By, response: Response) -> Answer:
        hand_over_id = body.hand_over_id or str(named("hand-over", by.commandid))
        command = OrderHandOver(
            hand_over_id=hand_over_id,
            leaver=body.leaver,
            successor=body.successor,
            items=body.items,
            at=service.clock(),
        )
        done = await service.handle(hand_over(hand_over_id), command, by)
        told = {"leaver": body.leaver, "successor": body.successor}
        return answered(response, "leads", done, hand_over_id=hand_over_id, **told)

    return router


def shown(one: Belonging) -> Answer:
    row = one.row
    return {
        "kind": one.kind,
        "id": one.id,
        "customer_id": row.get("customer_id"),
        "partner_id": row.get("partner_id"),
        "name": row.get("name"),
        "region": row.get("region"),
        "status": row.get("status") or row.get("pool"),
        "stage": row.get("stage"),
        "amount": row.get("amount"),
        "last_contact": row.get("last_contact"),
        "next_action": row.get("next_action"),
        "next_on": row.get("next_on") or row.get("protected_until"),
    }
