"""The loops of one process wake each other for what concerns them, and let each other sleep."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.kernel.ports import Delivery
from tests.kernel.conftest import Toys
from tests.kernel.passing import Passing
from tests.kernel.test_platform import running
from tests.kernel.things import THINGS, WATCH

NEVER = 3_600.0  # seconds until somebody looks by the clock
PATIENCE = 60


@dataclass
class Asked(Passing):
    """It counts how often somebody looks for something new."""

    times: int = 0
    fetched: int = 0

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        self.times += 1
        self.fetched += 1
        return await super().fetch(topics, after=after, limit=limit)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        self.times += 1
        return await super().ends(topics)


async def test_what_is_published_wakes_who_reads_it_and_a_nudge_who_it_names(
    toys: Toys,
) -> None:
    bus = Asked(toys.ports["watch"].bus)
    toys.ports["watch"] = replace(toys.ports["watch"], bus=bus)
    platform = replace(await toys.host(replace(THINGS, processes=()), WATCH), idle=NEVER)
    async with asyncio.timeout(PATIENCE), running(platform):
        await toys.make("t1", price=7)
        platform.nudge("things")
        while "acme" not in await toys.rows("watch.sums"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = -1
        while before < (before := bus.times):  # noqa: ASYNC110 - it looks once more at least
            await asyncio.sleep(0.5)
        for number in range(20):
            await toys.paint("t1", f"c{number}")  # which nobody else hears of
            platform.nudge("things")
            while (await toys.rows())["t1"]["facts"] < number + 2:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert bus.times == before


async def test_settling_looks_twice_at_those_that_nothing_concerns(toys: Toys) -> None:
    bus = Asked(toys.ports["watch"].bus)
    toys.ports["watch"] = replace(toys.ports["watch"], bus=bus)
    platform = await toys.host(replace(THINGS, processes=()), WATCH)
    await toys.make("t1", price=7)
    await platform.settle()
    assert "acme" in await toys.rows("watch.sums")
    looks = []
    for number in range(3):
        before = bus.fetched
        for color in range(number):  # the first time there is nothing to do
            await toys.paint("t1", f"c{number}.{color}")
        await platform.settle()
        looks.append(bus.fetched - before)
    assert looks == [looks[0]] * 3
