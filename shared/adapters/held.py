"""A bus of which this process fetches only a part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.consumer import Holds
from shared.kernel.ports import Bus, Delivery, Record


@dataclass(frozen=True, slots=True)
class Held:
    """Of these logs only something is fetched; where the others end is known."""

    bus: Bus
    holds: Holds

    @property
    def outages(self) -> int:
        return self.bus.outages

    async def publish(self, records: Sequence[Record]) -> None:
        await self.bus.publish(records)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        """Of what became ours since we asked for its end, that end is not our place: it waits."""
        ends = await self.bus.ends(topics)
        others = {log: end for log, end in ends.items() if not self.holds(log)}
        found = await self.bus.fetch(topics, after={**after, **others}, limit=limit)
        return [one for one in found if one.log not in others and self.holds(one.log)]

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.bus.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.bus.expire(topics, keep=keep)
