"""The delivery log: what went to which endpoint, what became of it, and once more, please."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.notifications.api.whose import own, themselves
from services.notifications.domain.outgoing.commands import RequestRedelivery
from services.notifications.domain.outgoing.delivery import Planned, delivery_stream
from services.notifications.projections import DELIVERIES
from shared.contracts.ids import Id
from shared.kernel.errors import NotFound
from shared.kernel.ports import Condition, Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import By, Cursor, Limit, Text, Who, allow, answered, listed

INSIDE = ("stream", "queue", "turn", "ready_by")  # the queue's own business


@dataclass(frozen=True, slots=True)
class About:
    """`recipient`: oneself unless named, or unless an endpoint is."""

    recipient: Annotated[Text | None, Query()] = None
    endpoint_id: Annotated[Id | None, Query()] = None
    status: Annotated[Literal["ready", "waiting", "delivered", "dead"] | None, Query()] = None


def add(router: APIRouter, service: Service) -> None:
    @router.get("/notifications/deliveries")
    async def deliveries(
        who: Who, about: Annotated[About, Depends()], cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """The latest first, each with its attempts."""
        asked = {
            "recipient": about.recipient or (None if about.endpoint_id else themselves(who)),
            "endpoint_id": about.endpoint_id,
            "status": about.status,
        }
        where: list[Condition] = [(name, "eq", value) for name, value in asked.items() if value]
        query = Find((*who.scope(), *where), sort="-planned_at", cursor=cursor, limit=limit)
        return listed(await service.read.find(DELIVERIES.name, query), shown)

    @router.get("/notifications/deliveries/{delivery_id}")
    async def delivery(delivery_id: UUID, who: Who) -> Document:
        row = await service.read.get(DELIVERIES.name, str(delivery_id))
        if row is None or not who.sees(row["partner_id"]):
            raise NotFound("delivery-not-found")
        return shown(row)

    @router.post(
        "/notifications/deliveries/{delivery_id}/redelivery",
        dependencies=[
            allow("partner", "sales", "manager", "marketing", "finance", "director", "operations")
        ],
    )
    async def redeliver(delivery_id: UUID, who: Who, by: By, response: Response) -> Document:
        """At once, under the same webhook-id; its tries are counted anew."""
        stream = delivery_stream(delivery_id)
        delivery = await service.read.fold(stream)
        if not isinstance(delivery, Planned):
            raise NotFound("delivery-not-found")
        own(who, delivery.fact.owner, "delivery-not-found")
        done = await service.handle(stream, RequestRedelivery(at=service.clock()), by)
        return answered(response, "notifications", done, delivery_id=str(delivery_id))


def shown(row: Document) -> Document:
    return {name: value for name, value in row.items() if name not in INSIDE}
