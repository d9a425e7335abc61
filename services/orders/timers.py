"""A payment that names what nobody knows waits 24 hours, then it is rejected, visibly."""

from collections.abc import Iterable
from uuid import UUID

from services.orders.domain.commands import LapsePayment
from services.orders.domain.events import PaymentDeferred, PaymentResumed
from services.orders.domain.streams import ACCOUNT
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers


def set_(
    fact: PaymentDeferred | PaymentResumed, envelope: Envelope
) -> Iterable[SetTimer | ClearTimer]:
    name = str(fact.payment_id)
    waits = isinstance(fact, PaymentDeferred)
    return [SetTimer(name, fact.until) if waits else ClearTimer(name)]


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    partner_id = due.stream.removeprefix(ACCOUNT)
    command = LapsePayment(partner_id=partner_id, payment_id=UUID(due.name), at=due.due)
    return [(due.stream, command)]


TIMERS: Timers[PaymentDeferred | PaymentResumed] = Timers(
    facts=(PaymentDeferred, PaymentResumed), set=set_, fire=fire
)
