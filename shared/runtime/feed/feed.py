"""Who follows the feed: from where, what of it, and how it goes on after an interruption."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from fastapi.sse import format_sse_event

from shared.contracts.event import Event
from shared.kernel.errors import Malformed, Refused, Unreachable
from shared.kernel.ports import Bus
from shared.runtime.feed import cursor
from shared.runtime.feed.tail import (
    LOOK,
    OUTAGE,
    USUAL,
    Batch,
    Bounds,
    Catalogue,
    Chunk,
    Shown,
    Tail,
    ends,
)
from shared.runtime.http import Caller

BEGINNING = "beginning"
LIFETIME = 15 * 60.0  # seconds until a reader has to show its token again
AT_ONCE = 10  # streams of one caller


@dataclass(frozen=True, slots=True)
class Wish:
    """Who reads, and which facts: all that the caller may see, if none is named."""

    caller: Caller
    types: frozenset[str]
    cursor: str | None

    @property
    def sight(self) -> tuple[frozenset[str], bool, str | None]:
        """Who has the same sees the same."""
        partner = self.caller.role == "partner"
        return self.types, partner, self.caller.partner_id if partner else None

    def sees(self, one: Shown) -> bool:
        types, partner, mine = self.sight
        return (not types or one.type in types) and (not partner or one.key == mine)

    def text(self, one: Shown) -> str:
        return one.redacted if self.caller.role == "partner" else one.whole


@dataclass(slots=True)
class Feed:
    """At least once: after an interruption what came since the last id comes again."""

    bus: Bus
    facts: Mapping[str, type[Event]]
    bounds: Bounds = USUAL
    tail: Tail = field(init=False)
    sent: int = 0
    _open: Counter[tuple[str, str]] = field(default_factory=Counter)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.tail = Tail(self.bus, Catalogue(self.facts), self.bounds)

    async def run(self) -> None:
        await self.tail.run()

    def close(self) -> None:
        """Whoever reads is let go, so that the process can end."""
        self._closing.set()
        self.tail.tell_all()

    @property
    def readers(self) -> int:
        return self.tail.followers

    async def opened(self, wish: Wish) -> AsyncIterator[bytes]:
        """Refused here and not in the middle; what is returned is the body of the answer."""
        if unknown := sorted(wish.types - self.facts.keys()):
            raise Malformed("fact-type-unknown", f"no fact is called {', '.join(unknown)}")
        who = wish.caller.issuer, wish.caller.subject
        if self._open[who] >= AT_ONCE:
            raise Refused("rate-exceeded", f"at most {AT_ONCE} streams at once: close one")
        at = await self._begun(wish.cursor)
        return self._counted(who, Reader(self.tail, wish, at, self._closing).chunks())

    async def _begun(self, where: str | None) -> dict[str, int]:
        if where is None:
            return dict(await self.bus.ends(self.facts.keys()))
        return {} if where == BEGINNING else cursor.read(where)

    async def _counted(
        self, who: tuple[str, str], chunks: AsyncIterator[Chunk]
    ) -> AsyncIterator[bytes]:
        self._open[who] += 1
        self.tail.begin()
        try:
            async for count, chunk in chunks:
                self.sent += count
                yield chunk
        finally:
            self.tail.end()
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


@dataclass(slots=True)
class Reader:
    """First what lies on the bus, then, once it is at the tail, what everybody is told.

    `_next` is the batch of the tail that it waits for, None while it is behind; `_even`: it
    stands where the tail stood before that batch.
    """

    tail: Tail
    wish: Wish
    at: Mapping[str, int]
    closing: asyncio.Event
    _next: int | None = None
    _even: bool = False
    _until: float = field(default_factory=lambda: monotonic() + LIFETIME)

    async def chunks(self) -> AsyncIterator[Chunk]:
        yield self._alive()  # whoever asks hears at once from where it reads
        while monotonic() < self._until and not self.closing.is_set():
            try:
                chunk = await (self._from_bus() if self._next is None else self._from_tail())
            except Unreachable:
                await asyncio.sleep(OUTAGE)
                chunk = self._alive()
            if chunk:
                yield chunk

    async def _from_bus(self) -> Chunk | None:
        if self.tail.joins(self.at):
            self._next, self._even = self.tail.first, False
            return None
        catalogue = self.tail.catalogue
        found = await self.tail.bus.fetch(
            catalogue.topics, after=self.at, limit=self.tail.bounds.batch
        )
        if not found:  # the tail has not begun
            await asyncio.sleep(LOOK)
            return None
        self.at = {**self.at, **ends(found)}
        return self._told(catalogue.shown(found), lambda: cursor.written(self.at))

    async def _from_tail(self) -> Chunk | None:
        assert self._next is not None
        if self._next < self.tail.first:  # it was too slow
            self._next = None
            return None
        if (batch := self.tail.batch(self._next)) is None:
            return await self._news()
        self._next += 1
        if not self._even:
            return self._told(self._new(batch), lambda: self._cursor(batch))
        self.at, sight, frames = batch.at, self.wish.sight, self.tail.frames(batch)
        if sight not in frames:
            frames[sight] = self._told(batch.facts, lambda: batch.cursor)
        return frames[sight]

    def _new(self, batch: Batch) -> Sequence[Shown]:
        new = [one for one in batch.facts if one.position > self.at.get(one.log, 0)]
        self.at = {log: max(at, self.at.get(log, 0)) for log, at in batch.at.items()}
        self._even = self.at == batch.at
        return new

    def _cursor(self, batch: Batch) -> str:
        return batch.cursor if self._even else cursor.written(self.at)

    def _told(self, facts: Sequence[Shown], id: Callable[[], str]) -> Chunk | None:
        """The last of them carries the cursor behind all of them."""
        seen = [one for one in facts if self.wish.sees(one)]
        frames = [framed(self.wish.text(one), type=one.type) for one in seen[:-1]]
        frames += [framed(self.wish.text(one), type=one.type, id=id()) for one in seen[-1:]]
        return (len(seen), b"".join(frames)) if seen else None

    async def _news(self) -> Chunk | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.tail.bounds.alive):
                await self.tail.news()
                return None
        return self._alive()

    def _alive(self) -> Chunk:
        """Keeps the connection, and the reader's place when none of the facts is for it."""
        return 0, format_sse_event(data_str=None, comment="", id=cursor.written(self.at))


def framed(text: str, *, type: str, id: str | None = None) -> bytes:
    return format_sse_event(data_str=text, event=type, id=id)
