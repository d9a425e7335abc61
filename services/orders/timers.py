"""What names what nobody knows waits 24 hours, then it is rejected, visibly."""

from collections.abc import Iterable
from uuid import UUID

from services.orders.domain.commands import LapsePayment
from services.orders.domain.events import (
    PaymentDeferred,
    PaymentResumed,
    ShipmentDeclined,
    ShipmentDeferred,
    ShipmentResumed,
)
from services.orders.domain.goods import LapseShipment
from services.orders.domain.streams import ACCOUNT
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

Waiting = PaymentDeferred | PaymentResumed | ShipmentDeferred | ShipmentResumed | ShipmentDeclined


def set_(fact: Waiting, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case PaymentDeferred():
            return [SetTimer(str(fact.payment_id), fact.until)]
        case PaymentResumed():
            return [ClearTimer(str(fact.payment_id))]
        case ShipmentDeferred():
            return [SetTimer(str(fact.shipment.shipment_id), fact.until)]
        case ShipmentResumed() | ShipmentDeclined():
            return [ClearTimer(str(fact.shipment.shipment_id))]


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    if not due.stream.startswith(ACCOUNT):
        return [(due.stream, LapseShipment(shipment_id=UUID(due.name), at=due.due))]
    partner_id = due.stream.removeprefix(ACCOUNT)
    command = LapsePayment(partner_id=partner_id, payment_id=UUID(due.name), at=due.due)
    return [(due.stream, command)]


TIMERS: Timers[Waiting] = Timers(
    version=2,
    facts=(PaymentDeferred, PaymentResumed, ShipmentDeferred, ShipmentResumed, ShipmentDeclined),
    set=set_,
    fire=fire,
)
