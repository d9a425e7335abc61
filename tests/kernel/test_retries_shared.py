"""Parked facts and several processes: each is taken up by one of them, and done once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.sqlite.partitioner import partition_of
from shared.contracts.event import Envelope
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Query
from shared.runtime.context import Context
from tests.kernel.commands import MakeThing, PaintThing, SellThing, SetAlarm
from tests.kernel.conftest import START, Broken
from tests.kernel.facts import ThingMade, ThingPainted
from tests.kernel.sharing import PARTITIONS, Process, Together, facts
from tests.kernel.test_shared_work_frozen import drained
from tests.kernel.things import ALARMS, ROWS, SUMS, THINGS, WATCH

PLAIN = replace(THINGS, processes=(), couriers=())


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


def of_partition(partition: int, which: int = 0) -> str:
    """A partner whose facts go there."""
    found = [f"p{n}" for n in range(200) if partition_of(f"p{n}", 6) == partition]
    return found[which]


async def made(one: Process, number: int, partner: str, price: int = 1) -> None:
    command = MakeThing(thing_id=f"t{number}", partner_id=partner, price=price, at=START)
    await one.ask(f"t{number}", command, 100 + number)


async def sold(one: Process, number: int) -> None:
    await one.ask(f"t{number}", SellThing(at=START), 10_000 + number)


async def painted(one: Process, number: int, colour: str) -> None:
    await one.ask(f"t{number}", PaintThing(colours=(colour,), at=START), 20_000 + number)


def a_made_one(fact: Any, _: Envelope) -> bool:
    return isinstance(fact, ThingMade)


async def parked(one: Process, context: str = "watch") -> list[str]:
    page = await one.ports[context].views.find(f"{context}.parked", Query(limit=100))
    return [document["key"] for document in page.documents]


async def hosted(together: Together, count: int, *contexts: Context) -> list[Process]:
    found = [together.process() for _ in range(count)]
    for one in found:
        await one.host(*contexts)
    return found


def minute(together: Together) -> None:
    together.clock.set(together.clock() + timedelta(minutes=1))


async def sums(one: Process, partner: str) -> Document:
    return (await one.ports["watch"].views.get_many("watch.sums", [partner]))[partner]


async def one_parked(together: Together, broken: Broken, partner: str) -> tuple[Process, Process]:
    """By the second process, which holds its log; the first one leads."""
    watch = replace(WATCH, policies=(), projections=(broken.projection,))
    first, second = await hosted(together, 2, PLAIN, watch)
    first.part.given([0, 1, 2], leads=True)
    second.part.given([3, 4, 5])
    await made(first, 1, partner, 5)
    await together.settle()
    assert len(await parked(first)) == 1
    broken.mended = True
    minute(together)
    return first, second


async def test_a_parked_record_is_taken_up_by_who_holds_its_log(together: Together) -> None:
    partner = of_partition(4)
    first, second = await one_parked(together, broken := Broken(SUMS, a_made_one), partner)
    assert not await first.watch.retries.step()
    assert await second.watch.retries.step() == 1
    assert (await parked(first), len(broken.folded)) == ([], 1)
    assert (await sums(first, partner))["made"] == 5


async def test_a_parked_fact_of_the_own_store_is_taken_up_by_who_leads(
    together: Together,
) -> None:
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    first, second = await hosted(together, 2, replace(PLAIN, projections=(broken.projection,)))
    first.part.given(leads=True)
    second.part.given(PARTITIONS)
    await made(first, 1, "p1")
    await painted(first, 1, "red")
    await drained(first)
    broken.mended = True
    minute(together)
    assert not await second.things.retries.step()
    assert len(await parked(first, "things")) == 1
    assert await first.things.retries.step() == 1
    assert await parked(first, "things") == []


async def test_a_parked_timer_is_taken_up_by_who_leads(together: Together) -> None:
    mended = False

    async def ring(due: Any, read: Any) -> Any:
        if not mended:
            raise ZeroDivisionError
        return await ALARMS.fire(due, read)

    context = replace(PLAIN, timers=replace(ALARMS, fire=ring))
    first, second = await hosted(together, 2, context)
    first.part.given(leads=True)
    second.part.given(PARTITIONS)
    await made(first, 1, "p1")
    await first.ask("t1", SetAlarm(name="a", due=START, at=START), 7)
    await drained(first)
    assert len(await parked(first, "things")) == 1
    mended = True
    minute(together)
    assert not await second.things.retries.step()
    assert await first.things.retries.step() == 1
    assert [type_ for _, type_ in await facts(first.ports["things"])].count("AlarmRung") == 1


async def test_of_many_that_take_it_up_at_the_same_time_one_does_it(together: Together) -> None:
    broken = Broken(SUMS, a_made_one)
    watch = replace(WATCH, policies=(), projections=(broken.projection,))
    several = await hosted(together, 3, PLAIN, watch)
    several[0].part.whole()
    for number in range(12):
        await made(several[0], number, f"p{number % 4}", number)
    await drained(several[0])
    assert len(await parked(several[0])) == 12
    broken.mended = True
    minute(together)
    for one in several:
        one.part.whole()
    while await parked(several[0]):
        await asyncio.gather(*[one.sweep() for one in several])
    found = [(await sums(several[0], f"p{n}"))["made"] for n in range(4)]
    assert found == [0 + 4 + 8, 1 + 5 + 9, 2 + 6 + 10, 3 + 7 + 11]


async def retrying(together: Together, partner: str) -> tuple[Process, Process, Any]:
    """One that is about to commit a retry, another one that works meanwhile."""
    broken = Broken(SUMS, a_made_one)
    watch = replace(WATCH, policies=(), projections=(broken.projection,))
    slow, other = together.process(), together.process()
    views = slow.freeze("watch")
    for one in (slow, other):
        await one.host(PLAIN, watch)
    slow.part.whole()
    await made(slow, 1, partner, 5)
    await drained(slow)
    broken.mended = True
    for number in range(10, 16):
        await made(slow, number, of_partition(number - 10, which=1), 5)
    await drained(slow)
    minute(together)
    views.consumer = "watch.sums.v1.g1"
    other.part.given(PARTITIONS)
    other.watch.forget()
    return slow, other, views


async def relayed(slow: Process) -> None:
    """What was asked of `things` lies on the bus; `watch` reads none of it here."""
    while await slow.things.sweep():
        continue


async def test_other_partitions_that_move_do_not_keep_a_retry_back(together: Together) -> None:
    partner, others = of_partition(1), [of_partition(n) for n in (0, 2, 3, 4, 5)]
    slow, other, views = await retrying(together, partner)
    taking = asyncio.create_task(slow.watch.retries.step())
    await asyncio.wait_for(views.arrived.wait(), 30)
    for number, one in enumerate(others, start=2):
        await made(slow, number, one, number)
    await relayed(slow)
    other.part.given({*PARTITIONS} - {1})
    await drained(other)
    assert (await sums(other, others[-1]))["made"] == 6
    views.awake.set()
    assert await taking == 1
    assert await parked(slow) == []
    assert (await sums(slow, partner))["made"] == 5


async def test_a_batch_of_its_own_partition_is_noticed(together: Together) -> None:
    """Of another topic, and the first that this consumer reads of that log."""
    partner = of_partition(1)
    slow, other, views = await retrying(together, partner)
    taking = asyncio.create_task(slow.watch.retries.step())
    await asyncio.wait_for(views.arrived.wait(), 30)
    await sold(slow, 1)
    await relayed(slow)
    await other.watch.projectors["watch.sums"].step()
    assert (await sums(other, partner))["sold"] == 5
    views.awake.set()
    with pytest.raises(StaleOwner):
        await taking
    assert (await sums(slow, partner))["sold"] == 5
    assert await slow.watch.retries.step() == 1
    found = await sums(slow, partner)
    assert (found["made"], found["sold"], await parked(slow)) == (5, 5, [])


async def test_a_batch_under_way_notices_the_retry_as_well(together: Together) -> None:
    partner = of_partition(1)
    slow, other, views = await retrying(together, partner)
    await sold(slow, 1)
    await relayed(slow)
    batch = asyncio.create_task(slow.watch.projectors["watch.sums"].step())
    await asyncio.wait_for(views.arrived.wait(), 30)
    assert await other.watch.retries.step() == 1
    views.awake.set()
    await batch
    await drained(slow)
    found = await sums(slow, partner)
    assert (found["made"], found["sold"]) == (5, 5)


async def waiting(together: Together) -> tuple[Process, Process, Broken, Any]:
    """A fact of the own store that is parked, a worker, and a slow process that only answers."""
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    context = replace(PLAIN, projections=(broken.projection,))
    worker, api = together.process(), together.process(works=False)
    views = api.freeze("things")
    for one in (worker, api):
        await one.host(context)
    worker.part.whole()
    await made(worker, 1, "p1")
    await painted(worker, 1, "red")
    await drained(worker)
    return worker, api, broken, views


async def colours(one: Process) -> Any:
    found = await one.ports["things"].views.get_many("things.rows", ["t1"])
    return found["t1"]["colours"]
