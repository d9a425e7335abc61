"""The loops of one process wake each other for what concerns them, and let each other sleep."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.kernel.ports import Bus, Delivery, Record
from tests.kernel.conftest import Toys
from tests.kernel.test_platform import running
from tests.kernel.things import THINGS, WATCH

NEVER = 3_600.0  # seconds until somebody looks by the clock
PATIENCE = 60


@dataclass
class Asked:
    """A bus that counts how often somebody looks for something new."""

    bus: Bus
    times: int = 0

    async def publish(self, records: Sequence[Record]) -> None:
        await self.bus.publish(records)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        self.times += 1
        return await self.bus.fetch(topics, after=after, limit=limit)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.bus.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.bus.expire(topics, keep=keep)


async def test_what_is_published_wakes_who_reads_it_and_a_command_only_its_context(
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
