"""A bus around another one, for tests to change one thing of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.ports import Bus, Delivery, Record


@dataclass
class Passing:
    """It passes everything on."""

    bus: Bus

    @property
    def outages(self) -> int:
        return self.bus.outages

    async def publish(self, records: Sequence[Record]) -> None:
        await self.bus.publish(records)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        return await self.bus.fetch(topics, after=after, limit=limit)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.bus.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.bus.expire(topics, keep=keep)
