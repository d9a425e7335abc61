"""Alarms of the toys: which rang, and some that set others."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel.timer import SetTimer, Timers
from tests.kernel.conftest import START, Toys
from tests.kernel.facts import AlarmRung
from tests.kernel.things import ALARMS, THINGS, alarms, ring

PLAIN = replace(THINGS, processes=())


def minutes(instant: datetime) -> float:
    return (instant - START) / timedelta(minutes=1)


async def rung(toys: Toys) -> list[tuple[str, float, float]]:
    """Which alarms rang: name, when it was due, when it was recorded."""
    facts = await toys.ports["things"].store.follow(after=0, limit=999)
    decoded = [(e, toys.things.service.handle.codec.decode(e)) for _, e in facts]
    return [
        (fact.name, minutes(fact.due), minutes(envelope.time))
        for envelope, fact in decoded
        if isinstance(fact, AlarmRung)
    ]


def echoing(fact: Any, envelope: Envelope) -> Iterable[Any]:
    """Every alarm that rang sets another one five minutes after it was due, three times."""
    if isinstance(fact, AlarmRung):
        again = SetTimer(f"{fact.name}+", fact.due + timedelta(minutes=5))
        return [again] if fact.name.count("+") < 3 else []
    return alarms(fact, envelope)


ECHO: Timers[Any] = Timers(facts=(*ALARMS.facts, AlarmRung), set=echoing, fire=ring)
