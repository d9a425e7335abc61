"""Reads logs from whatever position a caller names: one consumer without a group, for everybody.

All its partitions are paused; those that somebody needs are resumed for one fetch. So no request
waits on the broker for records to come, which would make every question on that connection wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.adapters.fairness import shared_out
from shared.adapters.kafka import careful
from shared.adapters.kafka.failures import PATIENCE, answered, missing
from shared.adapters.kafka.leaving import left
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names, named, received
from shared.adapters.kafka.topics import partitions
from shared.adapters.kafka.windows import Windows
from shared.kernel.errors import Unreachable
from shared.kernel.ports import Delivery

SETTINGS = {
    "client_id": "qudao",
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",  # what has expired is passed over, nothing else
    "isolation_level": "read_committed",  # what a foreign client took back never was
    "fetch_max_wait_ms": 1,
    "fetch_max_bytes": 8 << 20,
    "max_partition_fetch_bytes": 512 << 10,
    "request_timeout_ms": int(PATIENCE * 1_000),
    "metadata_max_age_ms": 60_000,
}
Holds = Callable[[str], bool]
FRESH = 0.05
"""Seconds that the logs' ends are believed."""
LOOK = 100
"""Milliseconds after which a fetch is looked at that has brought no record."""


class Reader:
    def __init__(self, link: Link, names: Names) -> None:
        self._link, self._names = link, names
        self._lock = asyncio.Lock()
        self._failed_at, self._failure = -1.0, ""
        self._consumer: AIOKafkaConsumer | None = None
        self._known: dict[str, Sequence[str]] = {}  # the logs of each topic
        self._fetched: set[str] = set()  # topics that somebody reads
        self._windows = Windows()
        self._ends: dict[str, int] = {}
        self._looked_at, self._outdated = -1.0, True
        self.outages, self._distrusted = 0, False

    async def fetch(
        self, topics: Collection[str], holds: Holds, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        async with self._turn() as consumer:
            logs = [log for log in await self._logs(consumer, topics) if holds(log)]
            if new := set(topics) - self._fetched:
                self._fetched |= new
                self.published()
            behind = await self._behind(consumer, logs, after)
            if unread := dict(self._unread(behind)):
                await self._load(consumer, unread)
            return [*self._shared_out(behind, limit)]

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        async with self._turn() as consumer:
            logs = await self._logs(consumer, topics)
            await self._look_up(consumer, logs)
            return {log: last for log in logs if (last := self._last(log))}

    def published(self) -> None:
        """There is more than we knew."""
        self._outdated = True

    def distrust(self, why: str) -> None:
        """Somebody else has found a broker gone; may be called in any thread. Who waits for an
        answer just now is told so, and nobody is given what we remember.
        """
        self._failed_at, self._failure, self._distrusted = monotonic(), why, True
        self.outages += 1

    async def close(self) -> None:
        async with self._lock:
            await self._forget()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[AIOKafkaConsumer]:
        """One after another. Who waited while another one found nobody has found nobody."""
        asked = monotonic()
        async with self._lock:
            if self._failed_at > asked:
                raise Unreachable(self._failure)
            try:
                async with answered("reading Kafka"):
                    yield await self._started()
            except BaseException as error:
                if isinstance(error, Unreachable):
                    self._failed_at, self._failure = monotonic(), str(error)
                    self.outages += 1
                await self._forget()
                raise

    async def _started(self) -> AIOKafkaConsumer:
        if self._distrusted:
            self._distrusted = False
            await self._forget()
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(**self._link.asyncio(), **SETTINGS)
            await self._consumer.start()
        return self._consumer

    async def _forget(self) -> None:
        """After a failure the logs may be others: everything is asked anew."""
        consumer, self._consumer = self._consumer, None
        self._known, self._fetched, self._ends = {}, set(), {}
        self._windows.clear()
        self.published()
        if consumer:
            await left(consumer)

    async def _logs(self, consumer: AIOKafkaConsumer, topics: Collection[str]) -> list[str]:
        if unknown := [topic for topic in topics if topic not in self._known]:
            await self._learn(consumer, unknown)
        return [log for topic in topics for log in self._known[topic]]

    async def _learn(self, consumer: AIOKafkaConsumer, topics: Collection[str]) -> None:
        found = await partitions(self._link, self._names)
        if absent := [topic for topic in topics if topic not in found]:
            raise missing(absent)
        self._known |= {topic: [named(topic, n) for n in range(found[topic])] for topic in topics}
        places = [self._names.at(log) for logs in self._known.values() for log in logs]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)  # or its start would be asked for
        consumer.pause(*places)
        self.published()

    async def _behind(
        self, consumer: AIOKafkaConsumer, logs: Sequence[str], after: Mapping[str, int]
    ) -> dict[str, int]:
        """Where the caller stands in those logs that have more."""
        now = monotonic()
        if self._outdated or now - self._looked_at > FRESH:
            self._looked_at, self._outdated = now, False
            await self._look_up(consumer, await self._logs(consumer, self._fetched))
        return {log: at for log in logs if (at := after.get(log, 0)) < self._end(log)}

    async def _look_up(self, consumer: AIOKafkaConsumer, logs: Collection[str]) -> None:
        if not logs:
            return
        for at, end in (await consumer.end_offsets(map(self._names.at, logs))).items():
            log = self._names.log(at)
            if (window := self._windows.get(log)) and window.upto > end:
                self._windows.drop(log)  # it was cut, or is another one
            self._ends[log] = end

    def _end(self, log: str) -> int:
        window = self._windows.get(log)
        return max(self._ends.get(log, 0), window.upto if window else 0)

    def _last(self, log: str) -> int:
        """A transaction's marker at the end is a place in the log, and no record."""
        window, end = self._windows.get(log), self._end(log)
        return window.last if window and window.upto == end else end

    def _unread(self, behind: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Logs of which memory has nothing for the caller, and where to go on."""
        for log, at in behind.items():
            window = self._windows.get(log)
            if window is None or (found := window.behind(at)) is None:
                yield log, at
            elif not found and window.upto < self._end(log):
                yield log, window.upto

    async def _load(self, consumer: AIOKafkaConsumer, unread: Mapping[str, int]) -> None:
        """What one fetch brings. There is something, so an outage ends this and nothing else."""
        for log, at in unread.items():
            consumer.seek(self._names.at(log), at)
        consumer.resume(*map(self._names.at, unread))
        try:
            while not await self._loaded(consumer, unread):
                pass
        except UnicodeDecodeError:  # in the name of a header
            found = await asyncio.to_thread(careful.read, self._link, self._names, unread)
            for log, deliveries in found.items():
                self._windows.add(log, unread[log], deliveries, deliveries[-1].position)
        finally:
            consumer.pause(*map(self._names.at, unread))

    async def _loaded(self, consumer: AIOKafkaConsumer, unread: Mapping[str, int]) -> bool:
        found = await consumer.getmany(timeout_ms=LOOK)
        moved = False
        for log, at in unread.items():
            place = self._names.at(log)
            if (upto := await consumer.position(place)) < at:
                raise Unreachable(f"{log} ended before {at} while it was read")
            if upto > at:
                self._windows.add(log, at, [self._read(r) for r in found.get(place, ())], upto)
                moved = True
        return moved

    def _read(self, record: ConsumerRecord[bytes | None, bytes | None]) -> Delivery:
        at = record.topic, record.partition, record.offset, record.timestamp
        return received(self._names, at, (record.key, record.value, record.headers))

    def _shared_out(self, behind: Mapping[str, int], limit: int) -> Iterator[Delivery]:
        waiting = [
            (len(found), (log, found))
            for log, at in behind.items()
            if (window := self._windows.get(log)) and (found := window.behind(at))
        ]
        for count, (log, found) in shared_out(waiting, limit):
            self._windows.served(log)
            yield from found[:count]
