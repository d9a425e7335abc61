"""A process that was not scheduled for a while wakes as an owner no more: it writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kernel.decider import Command
from shared.kernel.ports import Delivery
from tests.kernel.commands import MakeThing, PaintThing, SellThing, SetAlarm
from tests.kernel.conftest import START
from tests.kernel.passing import Passing
from tests.kernel.sharing import CONSUMERS, Process, Together
from tests.kernel.test_shared_work import claims


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


async def some(one: Process, first: int = 0) -> None:
    """Four things with all that can happen to them, and two claims."""
    for number in range(first, first + 4):
        thing, key, due = f"t{number}", 1_000 * number, START + timedelta(minutes=1)
        made = MakeThing(thing_id=thing, partner_id=f"p{number}", price=number + 1, at=START)
        alarm = SetAlarm(name="a", due=due, at=START)
        painted, sold = PaintThing(colours=("red",), at=START), SellThing(at=START)
        commands: list[Command] = [made, painted, alarm, sold]
        for at, command in enumerate(commands, start=1):
            await one.ask(thing, command, key + at)
    if not first:
        await one.ports["things"].bus.publish(claims(3))


@pytest.mark.parametrize("consumer", [*CONSUMERS, "things.relay"])
async def test_a_frozen_owner_that_wakes_writes_nothing(together: Together, consumer: str) -> None:
    frozen, other = together.process(), together.process()
    views = frozen.freeze(consumer.partition(".")[0], consumer)
    for one in (frozen, other):
        await one.host()
    frozen.part.whole()
    await some(frozen)
    together.clock.set(START + timedelta(minutes=1))
    sleeping = asyncio.create_task(until(frozen, views.arrived))
    await asyncio.wait_for(views.arrived.wait(), 30)
    frozen.part.given()
    other.part.whole()
    await some(other, first=4)
    await drained(other)
    before = await together.ended(), await other.platform.positions()
    views.awake.set()
    await sleeping
    assert (await together.ended(), await other.platform.positions()) == before
    await together.settle()
    assert (await together.ended())["parked"] == [[], []]
    await accounted(together, 8)


async def until(one: Process, event: asyncio.Event) -> None:
    """Sweeps until it is frozen; the sweep in which it is ends when it wakes."""
    while not event.is_set():
        await one.sweep()


async def drained(one: Process) -> None:
    """It finds nothing any more; timers may be due, so all is swept twice."""
    still = 0
    while still < 2:
        still = 0 if await one.sweep() else still + 1


async def accounted(together: Together, things: int) -> None:
    ended = await together.ended()
    made = sum(range(1, things + 1)) + 1  # what was asked for, and the claim
    assert sum(ended["accounts"].values()) == made
    types = [type_ for _, type_ in ended["facts"]["things"]]
    assert types.count("AlarmRung") == types.count("ThingSold") == things
    assert len(ended["delivered"]) == things


@dataclass
class OneTopic(Passing):
    """Of a partition's records only those of one topic have arrived from the broker so far."""

    only: list[str] = field(default_factory=list)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        asked = set(topics) & set(self.only or topics)
        return await self.bus.fetch(asked, after=after, limit=limit)


async def test_neither_undoes_what_the_other_read_from_another_topic_of_the_partition(
    together: Together,
) -> None:
    """The owner that wakes has read ThingMade, the new one only ThingSold: no log in common."""
    frozen, other = together.process(), together.process()
    views = frozen.freeze("watch", "watch.sums.v1.g1")
    for one, topic in ((frozen, "ThingMade"), (other, "ThingSold")):
        bus = OneTopic(one.ports["watch"].bus, [topic])
        one.ports["watch"] = replace(one.ports["watch"], bus=bus)
        await one.host()
        one.part.whole()
    await some(frozen)
    while await frozen.things.sweep():
        continue
    sleeping = asyncio.create_task(until_frozen(frozen, views.arrived))
    await asyncio.wait_for(views.arrived.wait(), 30)
    await other.watch.projectors["watch.sums"].step()
    views.awake.set()
    await sleeping
    third = together.process()
    await third.host()
    frozen.part.given()
    other.part.given()
    third.part.whole()
    await drained(third)
    sums = await third.ports["watch"].views.get_many("watch.sums", [f"p{n}" for n in range(4)])
    assert {key: (row["made"], row["sold"]) for key, row in sums.items()} == {
        "p0": (1 + 0, 1),
        "p1": (2 + 0, 2),
        "p2": (3 + 1, 3),
        "p3": (4, 4),
    }


async def until_frozen(one: Process, event: asyncio.Event) -> None:
    while not event.is_set():
        await one.watch.sweep()


async def test_a_commit_stands_where_its_facts_were_fetched_whatever_is_looked_up_meanwhile(
    together: Together,
) -> None:
    """As when somebody watches, and asks for positions while a batch is under way."""
    slow, other = together.process(), together.process()
    views = slow.freeze("things")
    for one in (slow, other):
        await one.host()
        one.part.whole()
    await some(slow)
    views.view = "things.rows"
    sleeping = asyncio.create_task(until(slow, views.arrived))
    await asyncio.wait_for(views.arrived.wait(), 30)
    await drained(other)
    before = await together.ended()
    looked = await slow.things.positions()
    assert looked["things.rows"] == (await other.things.positions())["things.rows"]
    views.awake.set()
    await sleeping
    assert await together.ended() == before
