"""How far the workers of a stream have come together: only what was read may be judged."""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka import leaving
from shared.adapters.kafka.failures import PATIENCE, answered
from shared.adapters.kafka.link import Link

Places = Mapping[TopicPartition, int]


class Progress:
    """Asks for a group's offsets without belonging to it. Topics by their names on the wire."""

    def __init__(self, link: Link, group: str, partitions: int) -> None:
        self._partitions = range(partitions)
        self._asking = AIOKafkaConsumer(
            **link.asyncio(),
            group_id=group,
            enable_auto_commit=False,
            request_timeout_ms=int(PATIENCE * 1_000),
        )

    async def start(self) -> None:
        async with answered("asking how far a stream is"):
            await self._asking.start()

    async def stop(self) -> None:
        await leaving.left(self._asking)

    async def ends(self, topics: Sequence[str]) -> Places:
        places = [TopicPartition(topic, n) for topic in topics for n in self._partitions]
        async with answered("asking how far topics go"):
            found: Places = await self._asking.end_offsets(places)
            return found

    async def left(self, ends: Places) -> Places:
        """How many records before these ends nobody has acknowledged, where there are some."""
        async with answered("asking how far a stream is"):
            first = await self._asking.beginning_offsets(list(ends))
            known = {place: await self._asking.committed(place) or 0 for place in ends}
        left = {at: end - max(known[at], first[at]) for at, end in ends.items()}
        return {at: count for at, count in left.items() if count > 0}
