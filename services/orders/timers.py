"""What names what nobody knows waits 24 hours, then it is rejected, visibly; who does not vote in
time is passed over.
"""

from collections.abc import Iterable
from uuid import UUID

from services.orders.domain.approval.approving import asked
from services.orders.domain.approval.commands import (
    EscalateOrder,
)
from services.orders.domain.approval.events import (
    OrderEscalated,
    OrderRouted,
    OrderVoted,
)
from services.orders.domain.commands import LapsePayment
from services.orders.domain.events import (
    PaymentDeferred,
    PaymentResumed,
    ShipmentDeclined,
    ShipmentDeferred,
    ShipmentResumed,
)
from services.orders.domain.goods import LapseShipment
from services.orders.domain.order import Order, Placed
from services.orders.domain.streams import ACCOUNT
from shared.contracts.event import Envelope
from shared.contracts.orders import OrderCancelled
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

VOTE = "vote"
Asking = OrderRouted | OrderVoted | OrderEscalated | OrderCancelled
Waiting = (
    PaymentDeferred
    | PaymentResumed
    | ShipmentDeferred
    | ShipmentResumed
    | ShipmentDeclined
    | Asking
)


def set_(fact: Waiting, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case OrderCancelled():
            return [ClearTimer(VOTE)] if fact.whole else []
        case OrderRouted() | OrderVoted() | OrderEscalated():
            return [SetTimer(VOTE, fact.due) if fact.due else ClearTimer(VOTE)]
        case PaymentDeferred():
            return [SetTimer(str(fact.payment_id), fact.until)]
        case PaymentResumed():
            return [ClearTimer(str(fact.payment_id))]
        case ShipmentDeferred():
            return [SetTimer(str(fact.shipment.shipment_id), fact.until)]
        case ShipmentResumed() | ShipmentDeclined():
            return [ClearTimer(str(fact.shipment.shipment_id))]


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    if due.name == VOTE:
        return await escalate(due, read)
    if not due.stream.startswith(ACCOUNT):
        return [(due.stream, LapseShipment(shipment_id=UUID(due.name), at=due.due))]
    partner_id = due.stream.removeprefix(ACCOUNT)
    command = LapsePayment(partner_id=partner_id, payment_id=UUID(due.name), at=due.due)
    return [(due.stream, command)]


async def escalate(due: Due, read: Read) -> Iterable[Asked]:
    order: Order = await read.fold(due.stream)
    if not isinstance(order, Placed) or order.approval is None or not asked(order):
        return []
    step, rung = order.approval.step, order.approval.rung
    return [(due.stream, EscalateOrder(step=step, rung=rung, at=due.due))]


TIMERS: Timers[Waiting] = Timers(
    version=3,
    facts=(
        PaymentDeferred,
        PaymentResumed,
        ShipmentDeferred,
        ShipmentResumed,
        ShipmentDeclined,
        OrderRouted,
        OrderVoted,
        OrderEscalated,
        OrderCancelled,
    ),
    set=set_,
    fire=fire,
)
