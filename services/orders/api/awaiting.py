"""Orders that wait for somebody's yes."""

from collections.abc import AsyncIterator

from fastapi import APIRouter

from services.orders.domain.order import Placed
from services.orders.domain.streams import order_stream
from services.orders.projections import ORDERS
from shared.kernel.paging import every
from shared.runtime.awaiting import Awaited, awaiting
from shared.runtime.context import Service


def awaiting_routes(service: Service) -> APIRouter:
    async def found() -> AsyncIterator[Awaited]:
        async for row in every(service.read, ORDERS.name, ("status", "eq", "held")):
            order = await service.read.fold(order_stream(row["order_id"]))
            if isinstance(order, Placed) and order.approval:
                yield Awaited(
                    kind="order",
                    path=f"/v1/orders/{order.asked.order_id}",
                    partner_id=order.asked.partner_id,
                    amount=order.asked.net,
                    about=order.asked.region,
                    approval=order.approval,
                )

    return awaiting(service, "orders", "orders", found)
