"""The bus on Apache Kafka. Positions are the consumers' own: no group's offsets are used here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names
from shared.adapters.kafka.publisher import Publisher
from shared.adapters.kafka.reader import Reader
from shared.kernel.ports import Delivery, Record


def everything(log: str) -> bool:
    return True


class KafkaBus:
    """Every call says `Unreachable` within a few seconds when no broker answers, and works again
    when one does. (What was read a moment ago is answered from memory for `reader.FRESH`.)

    Topics are made beforehand (`topics.apply`), their names carry `prefix` on the wire. `holds`
    restricts what is fetched, not what ends are known. Belongs to one event loop.
    """

    def __init__(
        self, link: Link, *, prefix: str = "", holds: Callable[[str], bool] = everything
    ) -> None:
        self._holds = holds
        self._reader = Reader(link, Names(prefix))
        self._publisher = Publisher(link, Names(prefix), gone=self._reader.distrust)

    def holding(self, holds: Callable[[str], bool]) -> "KafkaBus":
        """The same connections and memory, for somebody who holds other logs."""
        other = object.__new__(KafkaBus)
        other._holds, other._publisher, other._reader = holds, self._publisher, self._reader
        return other

    @property
    def outages(self) -> int:
        return self._reader.outages

    async def publish(self, records: Sequence[Record]) -> None:
        try:
            await self._publisher.publish(records)
        finally:
            self._reader.published()

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        return await self._reader.fetch(topics, self._holds, after, limit)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self._reader.ends(topics)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        """Topics have their own retention."""
        return 0

    async def close(self) -> None:
        self._publisher.close()
        await self._reader.close()
