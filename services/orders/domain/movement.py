"""What happens to the goods of an order: cancelled, shipped, delivered, returned (O-05)."""

from dataclasses import replace
from typing import TypeVar

from services.orders.domain.commands import CancelOrder, ShipOrder
from services.orders.domain.fulfilment import Movement, affected, after, rest
from services.orders.domain.goods import DeliverOrder, LinePart, ReturnGoods
from services.orders.domain.pricing import plausible
from services.orders.domain.situation import (
    Approved,
    Cancelled,
    Confirmed,
    Held,
    Known,
    Order,
    Placed,
    Shipped,
    Submitted,
    become,
    wrong_status,
)
from services.orders.domain.statements import cancelled, named
from shared.contracts.calendar import business_day
from shared.contracts.orders import (
    AffectedLine,
    GoodsReturned,
    OrderCancelled,
    OrderDelivered,
    OrderShipped,
)
from shared.kernel.decider import corrupt
from shared.kernel.errors import Refused

MoveCommand = CancelOrder | ShipOrder | DeliverOrder | ReturnGoods
K = TypeVar("K", bound=Placed)
Moved = OrderCancelled | OrderShipped | OrderDelivered | GoodsReturned


def move(command: MoveCommand, order: Known) -> list[Moved]:
    match order, command:
        case ((Submitted() | Held() | Approved()), CancelOrder()):
            return [cancel(command, order)]
        case ((Approved() | Shipped()), (ShipOrder() | DeliverOrder() | ReturnGoods())) if told(
            command, order
        ):
            return []
        case Approved(), ShipOrder():
            return [ship(command, order)]
        case ((Approved() | Shipped()), DeliverOrder()):
            return [deliver(command, order)]
        case ((Approved() | Shipped()), ReturnGoods()):
            return [take_back(command, order)]
        case _:
            raise wrong_status(order, command)


def told(command: ShipOrder | DeliverOrder | ReturnGoods, order: Placed) -> bool:
    """The same document again means nothing; with other lines it is refused."""
    known = order.papers.get((movement_of(command), command.document or ""))
    if known is None:
        return False
    if command.lines and sorted(command.lines, key=_line) != sorted(known, key=_line):
        raise Refused(
            "document-conflict",
            f"document {command.document} was recorded with other lines: "
            "record a correction under its own number",
        )
    return True


def cancel(command: CancelOrder, order: Placed) -> OrderCancelled:
    """All of it, or what is named; of an order that was shipped in part, what is open (o5)."""
    lines, revision = order.asked.lines, order.revision + 1
    parts = affected(lines, order.progress, "cancelled", command.lines)
    stays = after(order.progress, "cancelled", parts)
    whole = not order.moved and not rest(lines, stays, "shipped")
    return cancelled(order.asked, command.reason, revision, parts, whole=whole)


def ship(command: ShipOrder, order: Confirmed) -> OrderShipped:
    return OrderShipped(
        **named(order.asked),
        shipped_on=plausible(command.shipped_on or business_day(command.at)),
        region=order.asked.region,
        lines=_parts(order, "shipped", command.lines),
        number=order.numbers.get("shipped", 0) + 1,
        document=command.document,
    )


def deliver(command: DeliverOrder, order: Confirmed) -> OrderDelivered:
    return OrderDelivered(
        **named(order.asked),
        region=order.asked.region,
        lines=_parts(order, "delivered", command.lines),
        delivered_on=plausible(command.delivered_on or business_day(command.at)),
        number=order.numbers.get("delivered", 0) + 1,
        document=command.document,
    )


def take_back(command: ReturnGoods, order: Confirmed) -> GoodsReturned:
    return GoodsReturned(
        **named(order.asked),
        region=order.asked.region,
        revision=order.revision + 1,
        lines=_parts(order, "returned", command.lines),
        reason=command.reason,
        returned_on=plausible(command.returned_on or business_day(command.at)),
        document=command.document,
    )


def moved(order: Order, fact: Moved) -> Known:
    match order, fact:
        case ((Submitted() | Held() | Approved()), OrderCancelled(whole=True)):
            return become(Cancelled, order, revision=fact.revision, reason=fact.reason)
        case ((Submitted() | Held() | Approved()), OrderCancelled()):
            return _stood(_noted(order, "cancelled", fact.lines, None, fact.revision))
        case Approved(), OrderShipped():
            lines = fact.lines or rest(order.asked.lines, order.progress, "shipped")
            order = replace(order, last=fact.shipped_on)
            return _stood(_noted(order, "shipped", lines, fact.document))
        case ((Approved() | Shipped()), OrderDelivered()):
            return _noted(order, "delivered", fact.lines, fact.document)
        case ((Approved() | Shipped()), GoodsReturned()):
            return _noted(order, "returned", fact.lines, fact.document, fact.revision)
        case _:
            raise corrupt(order, fact)


def movement_of(command: ShipOrder | DeliverOrder | ReturnGoods) -> Movement:
    match command:
        case ShipOrder():
            return "shipped"
        case DeliverOrder():
            return "delivered"
        case ReturnGoods():
            return "returned"


def _parts(
    order: Confirmed, movement: Movement, asked: tuple[LinePart, ...]
) -> tuple[AffectedLine, ...]:
    return affected(order.asked.lines, order.progress, movement, asked)


def _noted(
    order: K,
    movement: Movement,
    lines: tuple[AffectedLine, ...] | tuple[LinePart, ...],
    document: str | None,
    revision: int | None = None,
) -> K:
    parts = tuple(LinePart(line=one.line, quantity=one.quantity) for one in lines)
    papers = order.papers.set((movement, document), parts) if document else order.papers
    return replace(
        order,
        progress=after(order.progress, movement, parts),
        papers=papers,
        numbers=order.numbers.set(movement, order.numbers.get(movement, 0) + 1),
        revision=revision or order.revision,
    )


def _stood(order: Submitted | Held | Approved) -> Known:
    """An approved order with nothing open is a shipped one."""
    if isinstance(order, Approved) and not order.open:
        return become(Shipped, order, by=order.by, on=order.last)
    return order


def _line(part: LinePart) -> int:
    return part.line
