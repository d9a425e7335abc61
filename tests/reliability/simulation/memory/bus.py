"""A bus in memory: topics and partitions, as the embedded one has them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.adapters.fairness import shared_out
from shared.adapters.sqlite.partitioner import partition_of
from shared.kernel.ports import Delivery, Record


@dataclass(slots=True)
class MemoryBus:
    """It has no clock: what may be kept for no time at all expires, everything else stays."""

    partitions: int = 6
    outages: int = 0
    _logs: dict[str, dict[str, list[Record | None]]] = field(default_factory=dict)

    async def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            log = f"{record.topic}/{partition_of(record.key, self.partitions)}"
            logs = self._logs.get(record.topic, {})
            if log not in logs:
                self._logs[record.topic] = logs = dict(sorted([*logs.items(), (log, [])]))
            logs[log].append(record)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        waiting = [
            (len(records) - after.get(log, 0), (log, records))
            for log, records in self._of(topics)
            if len(records) > after.get(log, 0)
        ]
        return [
            found
            for count, (log, records) in shared_out(waiting, limit)
            for found in self._behind(log, records, after.get(log, 0), count)
        ]

    @property
    def topics(self) -> Collection[str]:
        return sorted(self._logs)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return {log: len(records) for log, records in self._of(topics)}

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        if keep:
            return 0
        gone = 0
        for _, records in self._of(topics):
            gone += sum(record is not None for record in records)
            records[:] = [None] * len(records)
        return gone

    def __len__(self) -> int:
        return sum(len(records) for logs in self._logs.values() for records in logs.values())

    def everything(self) -> dict[str, set[bytes]]:
        """By topic, whatever lies there at least once."""
        return {
            topic: {one.value for records in logs.values() for one in records if one}
            for topic, logs in self._logs.items()
        }

    def _of(self, topics: Collection[str]) -> list[tuple[str, list[Record | None]]]:
        """Sorted: sets of topics have another order in each process."""
        there = sorted(topic for topic in topics if topic in self._logs)
        return [one for topic in there for one in self._logs[topic].items()]

    def _behind(
        self, log: str, records: Sequence[Record | None], after: int, count: int
    ) -> Iterator[Delivery]:
        for position in range(after, len(records)):
            if count and (record := records[position]) is not None:
                count -= 1
                yield Delivery(log, position + 1, record)
