"""What the clock asks: one module for each kind of stream that has timers."""

from collections.abc import Iterable
from types import ModuleType
from typing import get_args

from services.leads.timers import deals, offers, ownership, pipeline
from shared.contracts.event import Envelope, Event
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

FACTS: dict[type[Event], ModuleType] = {
    **dict.fromkeys(get_args(offers.Answerable), offers),
    **dict.fromkeys(get_args(deals.Protecting), deals),
    **dict.fromkeys(get_args(pipeline.Waking), pipeline),
    **dict.fromkeys(get_args(ownership.Counting), ownership),
}
STREAMS = {
    "leads.lead": offers,
    "leads.registration": deals,
    "leads.opportunity": pipeline,
    "leads.customer": ownership,
}


def set_(fact: Event, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    told: Iterable[SetTimer | ClearTimer] = FACTS[type(fact)].set_(fact, envelope)
    return told


async def fire(due: Due, _: Read) -> Iterable[Asked]:
    return [(due.stream, STREAMS[due.stream.partition("-")[0]].fire(due))]


TIMERS: Timers[Event] = Timers(version=2, facts=tuple(FACTS), set=set_, fire=fire)
