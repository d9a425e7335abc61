"""/v1/orders/{id}: what happens to the goods, whole or by line, and where they are."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response

from services.orders.api.answers import ALIKE_WITHIN, Shown, account_of, ask, found
from services.orders.api.bodies import Cancellation, Delivery, Reason, Return, Shipment
from services.orders.api.track import track_shown
from services.orders.domain.commands import CancelOrder, ReopenOrder, ShipOrder
from services.orders.domain.goods import DeliverOrder, LinePart, ReturnGoods
from services.orders.domain.order import Approved, Placed
from services.orders.domain.streams import order_stream
from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.orders import GoodsReturned, OrderDelivered, OrderShipped
from shared.kernel.errors import Refused
from shared.kernel.handler import Cause
from shared.kernel.ports import Condition, Query
from shared.runtime.context import Service
from shared.runtime.http import By, Cursor, Limit, Who, allow, listed

ORDERING = allow("partner", "sales", "manager", "finance", "director", "operations")
STAFF = allow("sales", "manager", "finance", "director", "operations")
OrderId = Annotated[Id, Path()]
Moving = ShipOrder | DeliverOrder | ReturnGoods
MOVED: dict[type[Moving], type[Event]] = {
    ShipOrder: OrderShipped,
    DeliverOrder: OrderDelivered,
    ReturnGoods: GoodsReturned,
}


def goods_routes(router: APIRouter, service: Service) -> None:
    _endings(router, service)
    _movements(router, service)
    _tracks(router, service)


def _endings(router: APIRouter, service: Service) -> None:
    @router.post("/{order_id}/cancellation", dependencies=[ORDERING])
    async def cancellation(
        order_id: OrderId, by: By, who: Who, response: Response, body: Cancellation | None = None
    ) -> Shown:
        """Cancels what is open, or the lines named; credit, deposits and allocations come back."""
        await found(service, order_id, who)
        told = body or Cancellation()
        command = CancelOrder(reason=told.reason, lines=told.parts(), at=service.clock())
        return await ask(service, order_id, command, by, response)

    @router.post("/{order_id}/reopening", dependencies=[STAFF])
    async def reopening(
        order_id: OrderId, by: By, response: Response, body: Reason | None = None
    ) -> Shown:
        """A cancelled order is checked again, at the end of the queue."""
        return await ask(service, order_id, ReopenOrder(at=service.clock()), by, response)


def _movements(router: APIRouter, service: Service) -> None:
    @router.post("/{order_id}/shipment", dependencies=[STAFF])
    @router.post("/{order_id}/shipments", dependencies=[STAFF])
    async def shipment(
        order_id: OrderId, by: By, who: Who, response: Response, body: Shipment | None = None
    ) -> Shown:
        """Ships what is open, or the lines named; the same document again means nothing."""
        await may_leave(service, await found(service, order_id, who), by)
        told = body or Shipment()
        command = ShipOrder(
            shipped_on=told.shipped_on,
            lines=told.parts(),
            document=told.document,
            at=service.clock(),
        )
        return await moved(service, order_id, command, by, response)

    @router.post("/{order_id}/deliveries", dependencies=[ORDERING])
    async def delivery(
        order_id: OrderId, by: By, who: Who, response: Response, body: Delivery | None = None
    ) -> Shown:
        """What is on the way has arrived: all of it, or the lines named."""
        await found(service, order_id, who)
        told = body or Delivery()
        command = DeliverOrder(
            delivered_on=told.delivered_on,
            lines=told.parts(),
            document=told.document,
            at=service.clock(),
        )
        return await moved(service, order_id, command, by, response)

    @router.post("/{order_id}/returns", dependencies=[STAFF])
    async def return_(
        order_id: OrderId, by: By, who: Who, response: Response, body: Return | None = None
    ) -> Shown:
        """Goods come back, all or the lines named; the money for them waits for a refund."""
        await found(service, order_id, who)
        told = body or Return()
        command = ReturnGoods(
            reason=told.reason,
            returned_on=told.returned_on,
            lines=told.parts(),
            document=told.document,
            at=service.clock(),
        )
        return await moved(service, order_id, command, by, response)


def _tracks(router: APIRouter, service: Service) -> None:
    @router.get("/{order_id}/track")
    async def track(order_id: OrderId, who: Who) -> Shown:
        """Where the order is, for the customer: 待审核 → 已发货 → 已签收."""
        order = await found(service, order_id, who)
        return track_shown(order, await service.read.facts(order_stream(order_id)))


def shipment_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/shipments", tags=["orders"])

    @router.get("")
    async def shipments(
        who: Who,
        status: Literal["waiting", "booked", "rejected"] | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Shown:
        """Reported shipments that had to wait for their order, and what became of them."""
        wanted: list[Condition] = [("status", "eq", status)] if status else []
        query = Query((*who.scope(), *wanted), cursor=cursor, limit=limit)
        return listed(await service.read.find("orders.shipments", query))

    return router


async def moved(
    service: Service, order_id: str, command: Moving, by: Cause, response: Response
) -> Shown:
    """Ruling o10: the same content less than 10 minutes ago is worth a warning."""
    facts = await service.read.facts(order_stream(order_id))
    shown = await ask(service, order_id, command, by, response)
    before = [one for one in facts if one[1].commandid != by.commandid]
    return shown | {"warnings": list(alike(command, before)) if command.lines else []}


def alike(command: Moving, facts: Sequence[tuple[Any, Any]]) -> list[str]:
    kind = MOVED[type(command)]
    asked = {(one.line, one.quantity) for one in command.lines}
    return [
        f"{kind.__name__}-alike: {envelope.id}"
        for fact, envelope in facts
        if isinstance(fact, kind)
        and {(one.line, one.quantity) for one in _lines(fact)} == asked
        and command.at - envelope.time < ALIKE_WITHIN
    ]


def _lines(fact: Any) -> Sequence[LinePart]:
    lines: Sequence[LinePart] = fact.lines
    return lines


async def may_leave(service: Service, order: Placed, by: Cause) -> None:
    """Ruling o6: nothing leaves while the account is overdrawn. A repeat is answered as before."""
    account = await account_of(service, order.asked.partner_id)
    if not isinstance(order, Approved) or account.available >= 0:
        return
    facts = await service.read.facts(order_stream(order.asked.order_id))
    if all(envelope.commandid != by.commandid for _, envelope in facts):
        over = account.money(-account.available)
        raise Refused("account-overdrawn", f"the account is over its limit by {over}")
