"""Views that several processes fold: rebuilt, swapped, and read by one that only answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.event import Envelope
from shared.kernel.ports import EventStore
from shared.kernel.step import STORE, Own
from shared.runtime import worker as works
from tests.kernel.commands import MakeThing, PaintThing
from tests.kernel.conftest import START
from tests.kernel.sharing import PARTITIONS, Process, Together, documents
from tests.kernel.test_rebuild import NEWER
from tests.kernel.test_shared_work import claims
from tests.kernel.test_shared_work_frozen import drained, some
from tests.kernel.things import BELIEVE, WATCH

SUMS = "watch.sums"


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


async def made(one: Process, numbers: range) -> None:
    """A thing of each partner, so that every partition has some."""
    for number in numbers:
        thing = MakeThing(thing_id=f"m{number}", partner_id=f"p{number}", price=1, at=START)
        await one.ask(f"m{number}", thing, 50_000 + number)


async def shared(together: Together) -> tuple[Process, Process]:
    """The first leads; each has half of the partitions."""
    first, second = await together.processes_of(2)
    first.part.given([0, 1, 2], leads=True)
    second.part.given([3, 4, 5])
    return first, second


async def looking(one: Process) -> int:
    """A sweep that looks what others rebuild."""
    for worker in one.workers.values():
        worker._looked = 0.0
    return await one.sweep()


async def filling(one: Process) -> tuple[int, int | None]:
    found = await one.ports["watch"].views.generations(SUMS)
    return found.live, found.filling


async def test_a_generation_is_swapped_when_all_its_logs_are_read_by_whomever(
    together: Together,
) -> None:
    first, second = await shared(together)
    await made(first, range(30))
    await together.settle()
    before = await documents(first.ports, SUMS)
    assert len(before) == 30
    await second.watch.projectors[SUMS].rebuild()
    while await looking(first):
        continue
    assert await filling(first) == (1, 2)
    assert await documents(first.ports, SUMS) == before
    assert not await first.watch.idle()
    while await looking(second):
        continue
    assert await filling(first) == (2, None)
    assert await documents(first.ports, SUMS) == before


async def test_whoever_did_not_swap_notices_it_at_its_next_batch(
    together: Together,
) -> None:
    first, second = await shared(together)
    await made(first, range(30))
    await together.settle()
    await second.watch.projectors[SUMS].rebuild()
    await looking(first)
    while await filling(first) != (2, None):
        await looking(second)
    for one in (first, second):
        one.watch._looked = float("inf")  # no look by the clock from now on
    await made(first, range(30, 60))
    await together.settle()
    assert len(await documents(first.ports, SUMS)) == 60
    assert [await one.watch.projectors[SUMS].generations() for one in (first, second)] == [
        await first.ports["watch"].views.generations(SUMS)
    ] * 2


async def test_a_rebuild_that_a_third_process_began_is_noticed_soon(together: Together) -> None:
    first, second = await shared(together)
    api = together.process(works=False)
    await api.host()
    await made(first, range(9))
    await together.settle()
    await api.watch.projectors[SUMS].rebuild()
    async with asyncio.timeout(10 * works.LOOK):
        while await filling(api) != (2, None):
            for one in (first, second):
                await one.sweep()
            await asyncio.sleep(0.01)
    assert len(await documents(api.ports, SUMS)) == 9


async def test_of_rebuilds_begun_one_after_the_other_the_last_one_is_swapped(
    together: Together,
) -> None:
    """By processes that do not know of each other's."""
    first, second = await shared(together)
    await made(first, range(12))
    await together.settle()
    for number, one in enumerate((first, second, first), start=2):
        assert (await one.watch.projectors[SUMS].rebuild()).filling == number
        await looking(second)
    while await looking(first) + await looking(second):
        continue
    assert await filling(first) == (4, None)
    assert len(await documents(first.ports, SUMS)) == 12


def outdated(seen: list[Any]) -> Any:
    """The newer code; a claim looks at the view that it folds in another way."""

    async def look(claim: Any, claimed: Any, read: Any, people: Any) -> Sequence[Any]:
        found = await read.get("things.rows", "t0")
        seen.append((found or {}).get("shade"))
        return []

    return replace(NEWER, claims=(replace(BELIEVE, react=look),), processes=(), couriers=())


async def test_who_does_not_lead_reacts_to_nothing_before_the_views_are_of_its_version(
    together: Together,
) -> None:
    (old,) = await together.processes_of(1)
    old.part.whole()
    await some(old)
    await drained(old)
    old.part.given()
    shades: list[Any] = []
    lead, other = together.process(), together.process()
    for one in (lead, other):
        await one.host(outdated(shades), WATCH)
    lead.part.given(leads=True)
    other.part.given(PARTITIONS)
    await other.ports["things"].bus.publish(claims())
    for _ in range(3):
        await looking(other)
        other.things.forget()  # as when somebody asks for positions in the middle of a sweep
        assert [step.name for step in other.things.steps()] == []
        assert shades == []
    while await looking(lead):
        continue
    await looking(other)
    assert shades == ["dark"] * 6


async def test_a_process_that_only_answers_sees_at_once_what_it_wrote(together: Together) -> None:
    """Nobody works: it folds what it is asked for itself, and nothing else."""
    api = together.process(works=False)
    await api.host()
    for number in range(5):
        await made(api, range(number, number + 1))
        found = await api.things.service.read.get("things.rows", f"m{number}")
        assert found is not None and found["facts"] == 1
    assert await api.platform.sweep() == 0
    assert await api.ports["things"].bus.ends(["ThingMade"]) == {}
    assert [type_ for _, type_ in (await together.ended())["facts"]["things"]] == ["ThingMade"] * 5


async def test_a_process_that_only_answers_takes_nothing_from_the_bus(together: Together) -> None:
    (worker,) = await together.processes_of(1)
    worker.part.given(leads=True)
    await made(worker, range(5))
    await drained(worker)
    api = together.process(works=False)
    await api.host()
    assert await api.platform.sweep() == 0
    assert (await together.ended())["facts"]["watch"] == []


async def test_beside_a_worker_that_runs_it_sees_it_as_well(together: Together) -> None:
    (worker,) = await together.processes_of(1)
    worker.part.whole()
    api = together.process(works=False)
    await api.host()
    running = asyncio.create_task(worker.platform.run())
    for number in range(40):
        await made(api, range(number, number + 1))
        await api.ask(f"m{number}", PaintThing(colours=("red",), at=START), 70_000 + number)
        found = await api.things.service.read.get("things.rows", f"m{number}")
        assert found is not None and "red" in found["colours"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await together.settle()
    assert len((await together.ended())["documents"][0]) == 40


async def test_it_sees_it_also_when_the_view_was_swapped_behind_its_back(
    together: Together,
) -> None:
    """What it wrote went to the generation that readers saw; the next one had been read before."""
    worker, api = together.process(), together.process(works=False)
    views = worker.freeze("things")
    for one in (worker, api):
        await one.host()
    worker.part.whole()
    await made(api, range(3))
    await drained(worker)
    await worker.things.projectors["things.rows"].rebuild()
    views.swapping = True
    sleeping = asyncio.create_task(worker.sweep())
    while not views.arrived.is_set():
        if sleeping.done():
            sleeping = asyncio.create_task(worker.sweep())
        await asyncio.sleep(0.001)
    await made(api, range(3, 4))
    assert await api.things.service.read.get("things.rows", "m3")
    views.awake.set()
    await sleeping
    assert await api.things.service.read.get("things.rows", "m3")


@dataclass
class Counted:
    """A store that counts how often it is asked what is new, and may be slow to answer."""

    store: EventStore
    looks: int = 0
    slow: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        self.looks += 1
        found = await self.store.follow(after=after, limit=limit)
        if slow := self.slow:
            self.slow = None
            self.asked.set()
            await slow.wait()
        return found


async def of_three(together: Together) -> tuple[Process, Own, Counted, dict[str, int]]:
    (one,) = await together.processes_of(1)
    await made(one, range(3))
    counted: Any = Counted(one.ports["things"].store)
    return one, Own(counted), counted, {STORE: await one.ports["things"].store.end()}
