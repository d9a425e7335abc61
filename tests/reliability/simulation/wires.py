"""Ports with a wire in between: every call is a place to stop, to fail, or to fail unheard."""

from collections.abc import Awaitable, Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from shared.contracts.event import Envelope
from shared.kernel.errors import Unreachable
from shared.kernel.ports import (
    Bus,
    Channel,
    Delivery,
    Document,
    EventStore,
    Generations,
    Key,
    Move,
    Page,
    People,
    Query,
    Record,
    View,
    Views,
)

T = TypeVar("T")
Port = Literal["store", "bus", "views", "people", "channel"]
Fate = Literal["lost", "unheard"]
"""`lost`: the call never arrived. `unheard`: it was done, and nobody was told."""


class Pause:
    """Whoever drives the coroutine decides when it goes on, or that it never does."""

    def __await__(self) -> Generator["Pause", None, None]:
        yield self


@dataclass(slots=True)
class Wire:
    """What lies between one process and its ports. Faults wait on it until they are met."""

    name: str
    told: Callable[[str], None]  # every call, for the trace
    wild: bool = True  # calls pause and may fail
    cut: set[Port] = field(default_factory=set)
    faults: list[tuple[int, Fate]] = field(default_factory=list)  # after so many calls
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)  # by topic: how far it goes

    def __call__(self, port: Port, call: str, ask: Callable[[], Awaitable[T]]) -> Awaitable[T]:
        if self.wild:
            return self._wildly(port, call, ask)
        self.told(f"{self.name} {port}.{call} ")
        return ask()

    async def _wildly(self, port: Port, call: str, ask: Callable[[], Awaitable[T]]) -> T:
        await Pause()
        fate = self._fate(port)
        self.told(f"{self.name} {port}.{call} {fate or ''}")
        if fate == "lost":
            raise Unreachable(f"{port}.{call} was lost")
        answer = await ask()
        if fate == "unheard":
            raise Unreachable(f"{port}.{call} was done and not heard of")
        return answer

    def _fate(self, port: Port) -> Fate | None:
        if port in self.cut:
            return "lost"
        if not self.faults:
            return None
        self.faults = [(left - 1, fate) for left, fate in self.faults]
        met = next((one for one in self.faults if one[0] < 0), None)
        if met is None:
            return None
        self.faults.remove(met)
        return met[1]


@dataclass(frozen=True, slots=True)
class WiredStore:
    port: EventStore
    wire: Wire

    @property
    def incarnation(self) -> str:
        return self.port.incarnation

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        return await self.wire("store", "read", lambda: self.port.read(stream, after=after))

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        return await self.wire(
            "store", "append", lambda: self.port.append(stream, facts, expected=expected)
        )

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        return await self.wire(
            "store", "follow", lambda: self.port.follow(after=after, limit=limit)
        )

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        return await self.wire("store", "last", lambda: self.port.last(limit, until=until))

    async def count(self) -> int:
        return await self.wire("store", "count", self.port.count)

    async def position(self, stream: str, sequence: int) -> int:
        return await self.wire("store", "position", lambda: self.port.position(stream, sequence))

    async def end(self) -> int:
        return await self.wire("store", "end", self.port.end)


@dataclass(frozen=True, slots=True)
class WiredBus:
    """It holds back what was withheld, and mixes the logs it hands out by the length of each."""

    port: Bus
    wire: Wire

    @property
    def outages(self) -> int:
        return self.port.outages

    async def publish(self, records: Sequence[Record]) -> None:
        await self.wire("bus", "publish", lambda: self.port.publish(records))

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        async def asked() -> Sequence[Delivery]:
            held = self.wire.withheld
            free = [topic for topic in topics if topic not in held]
            found = [*await self.port.fetch(free, after=after, limit=limit)]
            for topic in sorted({*topics} & {*held}):
                more = await self.port.fetch([topic], after=after, limit=limit)
                found += [one for one in more if one.position <= held[topic].get(one.log, 0)]
            return found[:limit]

        return await self.wire("bus", "fetch", asked)

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        return await self.wire("bus", "ends", lambda: self.port.ends(topics))

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        return await self.wire("bus", "expire", lambda: self.port.expire(topics, keep=keep))


@dataclass(frozen=True, slots=True)
class WiredViews:
    port: Views
    wire: Wire

    async def belongs_to(self, store_incarnation: str) -> bool:
        return await self.wire(
            "views", "belongs_to", lambda: self.port.belongs_to(store_incarnation)
        )

    async def open(self, views: Collection[View]) -> None:
        await self.wire("views", "open", lambda: self.port.open(views))

    async def generations(self, view: str) -> Generations:
        return await self.wire("views", "generations", lambda: self.port.generations(view))

    async def rebuild(self, view: str) -> Generations:
        return await self.wire("views", "rebuild", lambda: self.port.rebuild(view))

    async def swap(self, view: str, generation: int) -> Generations:
        return await self.wire("views", "swap", lambda: self.port.swap(view, generation))

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]:
        return await self.wire(
            "views", "get_many", lambda: self.port.get_many(view, keys, generation=generation)
        )

    async def find(self, view: str, query: Query) -> Page:
        return await self.wire("views", "find", lambda: self.port.find(view, query))

    async def positions(self, consumer: str) -> Mapping[str, int]:
        return await self.wire("views", "positions", lambda: self.port.positions(consumer))

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]:
        return await self.wire("views", "seen", lambda: self.port.seen(consumer, ids))

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        await self.wire("views", "commit", lambda: self.port.commit(consumer, moves, puts, seen))


@dataclass(frozen=True, slots=True)
class WiredPeople:
    port: People
    wire: Wire

    async def put(self, person_id: UUID, fields: Mapping[str, str]) -> None:
        await self.wire("people", "put", lambda: self.port.put(person_id, fields))

    async def get_many(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        return await self.wire("people", "get_many", lambda: self.port.get_many(ids))

    async def forget(self, person_id: UUID) -> bool:
        return await self.wire("people", "forget", lambda: self.port.forget(person_id))

    async def keep(self, raw_id: UUID, raw: bytes, *, until: datetime) -> None:
        await self.wire("people", "keep", lambda: self.port.keep(raw_id, raw, until=until))

    async def raw(self, raw_id: UUID) -> bytes | None:
        return await self.wire("people", "raw", lambda: self.port.raw(raw_id))

    async def expire(self, now: datetime) -> int:
        return await self.wire("people", "expire", lambda: self.port.expire(now))


@dataclass(frozen=True, slots=True)
class WiredChannel:
    port: Channel
    wire: Wire

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None:
        await self.wire(
            "channel", "send", lambda: self.port.send(delivery_id, recipient, title, body)
        )
