"""Between two calls of ports anything may end: one consumer of the bus, and a crash at each."""

import sys
from dataclasses import dataclass, field

from shared.contracts.ids import named
from shared.kernel.handler import Cause, Handler
from shared.kernel.outbox import published
from shared.kernel.ports import Record
from shared.testing.clock import HandClock
from tests.kernel.commands import MakeThing
from tests.kernel.things import THINGS, WATCH, stream
from tests.reliability.simulation.memory import MemoryBus, MemoryStore
from tests.reliability.simulation.process import Outside, Process, Shelf

PRICES = (3, 4, 5)
MANY = 1_000


@dataclass(slots=True)
class Bench:
    """A bus with facts, and one process that sums them up."""

    bus: MemoryBus = field(default_factory=MemoryBus)
    outside: Outside = field(default_factory=Outside)
    clock: HandClock = field(default_factory=HandClock)
    alone: bool = True
    calls: list[str] = field(default_factory=list)

    def told(self, what: str) -> None:
        self.calls.append(what)


async def records() -> list[Record]:
    clock, store = HandClock(), MemoryStore()
    handle = Handler("things", THINGS.streams, store, clock)
    for price in PRICES:
        name, commandid = f"t{price}", named("make", price)
        command = MakeThing(thing_id=name, partner_id="acme", price=price, at=clock())
        await handle(
            stream(name), command, Cause(commandid=commandid, actor="x", correlationid=commandid)
        )
    return [published(fact) for _, fact in await store.follow(after=0, limit=99)]


def sweeps(process: Process, calls: int = MANY) -> bool:
    """Once, or until so many calls of ports were made: whether it came to its end."""
    for _ in range(calls):
        process.life.go_on()
        if process.at_rest:
            return True
    return False


async def crashed(after: int) -> tuple[int, bool]:
    """What it has summed up in the end, and whether it was done before it should crash."""
    bench, facts = Bench(), await records()
    await bench.bus.publish(facts)
    process = Process(WATCH, 0, Shelf(), bench)
    done = sweeps(process, after)
    process.crash()
    await bench.bus.publish(facts)
    assert all(sweeps(process) for _ in range(2))
    process.life.kill()
    sums = process.shelf.views.live("watch.sums").documents(["acme"])
    return sums["acme"]["made"], done


async def test_wherever_a_consumer_crashes_what_comes_again_counts_once() -> None:
    """Documents, seen ids and positions are one commit."""
    sys.set_asyncgen_hooks(None, None)
    for after in range(1, MANY):
        made, done = await crashed(after)
        assert made == sum(PRICES), f"crashed after {after} calls"
        if done:
            break
    assert after > 20
