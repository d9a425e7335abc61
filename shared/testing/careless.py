"""A bus that keeps its promise and no more: every record at least once, some again later."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from shared.kernel.ports import Bus, Delivery, Record

FEW = 8


@dataclass(frozen=True, slots=True)
class CarelessBus:
    """Repeats what was published before, mixes the logs, and delivers only a few at a time.

    It never leaves a waiting consumer with nothing, so that a platform on it comes to rest.
    """

    bus: Bus
    random: Random
    _sent: list[Record] = field(default_factory=list)

    @property
    def outages(self) -> int:
        return self.bus.outages

    async def publish(self, records: Sequence[Record]) -> None:
        if records:
            self._sent.extend(records)
            again = self.random.choices(self._sent, k=self.random.randint(0, 3))
            await self.bus.publish([*records, *again])

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        waiting = await self.bus.fetch(topics, after=after, limit=limit)
        few = self.random.randint(1, FEW)
        return [delivery for delivery, _ in zip(self._mixed(waiting), range(few), strict=False)]

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.bus.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.bus.expire(topics, keep=keep)

    def _mixed(self, waiting: Sequence[Delivery]) -> Iterator[Delivery]:
        """Each log in its own order, none in any order to another."""
        logs: dict[str, deque[Delivery]] = defaultdict(deque)
        for delivery in waiting:
            logs[delivery.log].append(delivery)
        while logs:
            log = self.random.choice(list(logs))
            yield logs[log].popleft()
            if not logs[log]:
                del logs[log]
