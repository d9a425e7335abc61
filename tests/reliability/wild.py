"""A bus that keeps its promise and nothing beyond: at least once, in any order, some time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from shared.kernel.ports import Bus, Delivery, Record


@dataclass(slots=True)
class WildBus:
    """Keeps records back and publishes them later, in any order also within a key, up to six
    times each. Nothing is lost: `rest` lets go of everything.
    """

    bus: Bus
    random: Random
    published: int = 0
    delivered: int = 0
    _kept: list[Record] = field(default_factory=list)

    @property
    def outages(self) -> int:
        return self.bus.outages

    async def publish(self, records: Sequence[Record]) -> None:
        self.published += len(records)
        for one in records:
            self._kept += [one] * self.random.choice((1, 1, 1, 2, 3, 6))
        await self._let_go(self.random.randint(0, len(self._kept)))

    async def rest(self) -> int:
        """How many were still kept."""
        kept = len(self._kept)
        await self._let_go(kept)
        return kept

    async def _let_go(self, count: int) -> None:
        self.random.shuffle(self._kept)
        self._kept, gone = self._kept[count:], self._kept[:count]
        self.delivered += len(gone)
        await self.bus.publish(gone)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        return await self.bus.fetch(topics, after=after, limit=self.random.randint(1, limit))

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.bus.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.bus.expire(topics, keep=keep)
