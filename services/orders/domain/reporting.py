"""Shipments that another system reports: booked, waiting for their order, or declined.

The goods have left already: what is reported is not blocked by credit (ruling o6 is about ours).
"""

from services.orders.domain.commands import ShipOrder
from services.orders.domain.events import (
    OrderEvent,
    ShipmentDeclined,
    ShipmentDeferred,
)
from services.orders.domain.goods import (
    PATIENCE,
    DeliverOrder,
    LapseShipment,
    ReportShipment,
    Shipment,
)
from services.orders.domain.movement import Moved, move, moved
from services.orders.domain.situation import Absent, Held, Known, Order, Submitted
from shared.kernel.errors import Refused

UNKNOWN = "this partner has no such order: report the shipment with the right one"
UNCONFIRMED = "the order was not confirmed in time: report the shipment again when it is"


def report(command: ReportShipment, order: Order) -> list[OrderEvent]:
    deferred = ShipmentDeferred(
        order_id=command.shipment.order_id,
        partner_id=command.shipment.partner_id,
        shipment=command.shipment,
        origin=command.origin,
        until=command.at + PATIENCE,
    )
    if any(one.shipment == deferred.shipment for one in order.waiting):
        return []
    return [deferred] if waits(order, command.shipment) else book(order, deferred)


def lapse(command: LapseShipment, order: Order) -> list[OrderEvent]:
    known = not isinstance(order, Absent)
    slug, detail = ("order-wrong-status", UNCONFIRMED) if known else ("order-unknown", UNKNOWN)
    return [
        declined(one, slug, detail)
        for one in order.waiting
        if one.shipment.shipment_id == command.shipment_id
    ]


def waits(order: Order, shipment: Shipment) -> bool:
    """As long as it may still be right (design §2, rule 9)."""
    match order:
        case Absent():
            return True
        case Submitted() | Held():
            return order.asked.partner_id == shipment.partner_id
        case _:
            return False


def book(order: Order, reported: ShipmentDeferred) -> list[OrderEvent]:
    shipment = reported.shipment
    if isinstance(order, Absent) or order.asked.partner_id != shipment.partner_id:
        return [declined(reported, "order-unknown", UNKNOWN)]
    try:
        return [*booked(order, shipment, reported)]
    except Refused as refusal:
        return [declined(reported, refusal.slug, str(refusal))]


def booked(order: Known, shipment: Shipment, reported: ShipmentDeferred) -> list[Moved]:
    ship = ShipOrder(
        shipped_on=shipment.shipped_on,
        lines=shipment.lines,
        document=shipment.document,
        at=reported.until,
    )
    facts = move(ship, order)
    for fact in facts:
        order = moved(order, fact)
    if shipment.delivered_on is None:
        return facts
    deliver = DeliverOrder(
        delivered_on=shipment.delivered_on,
        lines=order.papers["shipped", shipment.document],
        document=shipment.document,
        at=reported.until,
    )
    return [*facts, *move(deliver, order)]


def declined(reported: ShipmentDeferred, slug: str, detail: str) -> ShipmentDeclined:
    return ShipmentDeclined(
        order_id=reported.order_id,
        partner_id=reported.partner_id,
        shipment=reported.shipment,
        origin=reported.origin,
        slug=slug,
        detail=detail,
    )
