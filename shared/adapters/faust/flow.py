"""A stream of ours on Faust: things as they are told are kept, and kept again by their groups.

`group_by` gives a whole event one key; a thing lies in several groups, and must leave those that
it is no longer in. So it is grouped by hand: a record for each group, to a topic with its key.

What Faust does wrong (performance.md §2.1, ADR 0024) it is not asked to do: it acknowledges what
failed, so we acknowledge, when everything that follows from a batch is on disk; what fails ends
the process; a table is rows that never change, from which all else is folded in memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from faust import Stream as Events
from faust.types import EventT, StreamT

from shared.adapters.faust.app import app_of, read, written
from shared.adapters.faust.told import Groups, Part, Things
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names
from shared.adapters.kafka.topics import Topic
from shared.kernel.codec import Codec, document, restored, unpack
from shared.kernel.errors import PortFailed
from shared.kernel.parking import Failure, attempt
from shared.kernel.ports import Document
from shared.kernel.stream import Stream, Told

BATCH, WITHIN = 500, 0.2
LEAVING = 10.0
"""Seconds in which a worker that is told to stop has left its group."""
Sent = list[Awaitable[Any]]
T = TypeVar("T")


class Flow:
    """One worker of the stream's group: which groups it has changes as others come and go."""

    def __init__(self, stream: Stream[Any], link: Link, names: Names, folder: Path) -> None:
        self.name = f"qudao.{stream.name}"
        self.handled = self.events = self.skipped = 0
        self.epoch = 0  # grows with each change of what it has
        self.held = False  # its tables are read to their ends
        self._codec: Codec[Any] = Codec(stream.facts)
        self._stream, self._things, self._groups = stream, Things(), Groups(stream.moved)
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.app = app = app_of(names.wire(self.name), link, folder)
        self.sources = [names.wire(fact.__name__) for fact in stream.facts]
        self.grouped = f"{app.conf.id}-grouped"
        self._by_group = app.topic(self.grouped, internal=True)
        self._rows = {
            table: app.Table(table, key_type=bytes, value_type=bytes)
            for table in ("things", "parts")
        }
        self._agents(app.topic(*self.sources))

    def topics(self, partitions: int) -> list[Topic]:
        """Those of its own, by their bare names: what is told by group, and its tables."""
        tables = [Topic(f"{self.name}-{one}-changelog", partitions) for one in self._rows]
        return [Topic(f"{self.name}-grouped", partitions), *tables]

    async def start(self) -> None:
        self.app.on_partitions_revoked.connect(self._revoked)
        for table in self._rows.values():
            table.on_recover(self._recovered)
        await self.app.start()

    async def stop(self) -> None:
        with suppress(TimeoutError):  # the group waits for our session to end instead
            await asyncio.wait_for(self.app.stop(), LEAVING)

    def check(self) -> None:
        """Whether it still works: its errors come in other tasks."""
        if self._failed.done():
            self._failed.result()
        if self.app.crashed or self.app.should_stop:
            raise PortFailed(f"{self.name} has stopped: {self.app.crash_reason!r}")

    def sums(self) -> Mapping[str, Document]:
        """By group, of the groups that are this worker's."""
        mine = self.assigned if self.held else ()
        return self._groups.sums(number for topic, number in mine if topic == self.grouped)

    @property
    def assigned(self) -> set[tuple[str, int]]:
        """Topic and partition of all that this worker is to read."""
        return {(place.topic, place.partition) for place in self.app.consumer.assignment()}

    def _agents(self, sources: Any) -> None:
        for name, topic, each in (
            ("things", sources, self._thing),
            ("parts", self._by_group, self._part),
        ):
            self.app.agent(topic, name=f"{self.name}.{name}")(self._in_batches(each))

    def _in_batches(
        self, each: Callable[[EventT[Any]], Awaitable[Sent]]
    ) -> Callable[[StreamT[Any]], Awaitable[None]]:
        async def agent(stream: StreamT[Any]) -> None:
            with self._failing():
                async for events in cast(Events[Any], stream).noack_take(BATCH, within=WITHIN):
                    sent = [one for event in events for one in await each(event)]
                    await asyncio.gather(*sent)
                    for event in events:
                        await stream.ack(event)
                    self.handled += len(events)

        return agent

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Faust would start the agent again, behind what failed."""
        try:
            yield
        except Exception as error:
            if not self._failed.done():
                self._failed.set_exception(error)
            raise

    async def _thing(self, event: EventT[Any]) -> Sent:
        told = await self._known(self._told(event.value))
        if told is None:
            return []
        self._things.add(told)
        row = self._kept("things", event, told, f"{told.thing}/{told.revision}")
        return [row, *map(self._regroup, self._things.parts(told.thing))]

    async def _part(self, event: EventT[Any]) -> Sent:
        part = await self._known(self._regrouped(event.value))
        if part is None:
            return []
        self._groups.add(event.message.partition, part)
        self.events += 1
        return [self._kept("parts", event, part, f"{part.group}/{part.thing}/{part.revision}")]

    async def _known(self, reading: Awaitable[T | None]) -> T | None:
        """What cannot be read is counted and left behind: it would not be read tomorrow either."""
        found = await attempt(reading)
        known = None if isinstance(found, Failure) else found
        self.skipped += known is None
        return known

    async def _told(self, raw: bytes) -> Told | None:
        envelope = unpack(raw)
        if envelope.type not in self._codec:
            return None
        return self._stream.told(self._codec.decode(envelope))

    async def _regrouped(self, raw: bytes) -> Part | None:
        part: Part = restored(read(raw), Part)
        return part

    def _kept(self, table: str, event: EventT[Any], row: object, key: str) -> Awaitable[Any]:
        """In memory, and on its way to the changelog's partition of the same number."""
        partition = event.message.partition
        value = written([partition, document(row)])
        self._rows[table].data[key.encode()] = value
        return self._rows[table].send_changelog(partition, key.encode(), value)

    def _regroup(self, part: Part) -> Awaitable[Any]:
        return self._by_group.send_soon(key=part.group.encode(), value=written(document(part)))

    async def _recovered(self) -> None:
        """After each rebalance: what others wrote is here, what went to others does not count."""
        self._things, self._groups = Things(), Groups(self._stream.moved)
        for raw in self._rows["things"].data.values():
            self._things.add(restored(read(raw)[1], Told))
        for raw in self._rows["parts"].data.values():
            partition, part = read(raw)
            self._groups.add(partition, restored(part, Part))
        self.epoch, self.held = self.epoch + 1, True

    async def _revoked(self, *_: Any, **__: Any) -> None:
        self.epoch, self.held = self.epoch + 1, False
