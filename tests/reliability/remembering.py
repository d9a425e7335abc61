"""A context alone on adapters that only remember: a play of deliveries without a file.

The adapters are those of the simulation, which keep the contracts that every adapter keeps; the
worker is hired as the runtime hires it, and its routes are asked as functions.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, cast

from shared.kernel.errors import Refused
from shared.kernel.ports import Record
from shared.runtime.context import Ports
from shared.runtime.hiring import hire
from shared.runtime.hosting import load
from shared.runtime.http import Caller
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.worker import Worker
from tests.reliability.redelivery import LATER, MINUTE, START
from tests.reliability.simulation.doors import SERVING, cause_of, post
from tests.reliability.simulation.memory import MemoryBus, MemoryPeople, MemoryStore, MemoryViews
from tests.reliability.trade import Asked


@dataclass(slots=True)
class Remembering:
    worker: Worker
    platform: Platform
    clock: HandTurned

    async def asked(self, number: int, one: Asked) -> None:
        """What the rules refuse is refused in every order."""
        SERVING.set(self.worker.service)
        who = Caller(issuer="trade", subject=one.role, role=cast(Any, one.role))
        with suppress(Refused):
            path = one.path.removeprefix("/v1")
            await post(path, one.body, who, cause_of(who, f"trade-{number}"))
        self.clock.set(self.clock() + MINUTE)

    async def delivered(self, deliveries: Sequence[Record], random: Random) -> None:
        """In batches of any size, with sweeps between; then all timers until the end."""
        at = 0
        while at < len(deliveries):
            size = random.choice((1, 7, 40, 200))
            await self.platform.bus.publish(deliveries[at : at + size])
            at += size
            if random.random() < 0.5:
                await self.worker.sweep()
        await self.platform.settle(60)
        await self.platform.advance_to(datetime.fromisoformat(LATER), self.clock)

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(t for topics in self.worker.topics.values() for t in topics)


class Nowhere:
    async def send(self, *_: object) -> None: ...


async def remembering(context: str) -> Remembering:
    clock = HandTurned(datetime.fromisoformat(START).astimezone(UTC))
    ports = Ports(
        store=MemoryStore(),
        views=MemoryViews(),
        people=MemoryPeople(),
        bus=MemoryBus(),
        clock=clock,
        channels={"log": Nowhere()},
    )
    (loaded,) = load([context])
    worker = await hire(loaded, ports)
    return Remembering(worker, Platform(workers={context: worker}, clock=clock), clock)
