"""The end of all logs, read once for everybody who follows it."""

import asyncio
import json
from collections import deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.contracts.event import Event
from shared.kernel.errors import Unreachable
from shared.kernel.ports import Bus, Delivery
from shared.runtime.feed import cursor

LOOK = 0.02  # seconds between two looks while somebody follows
TURN = 50  # are told before it is the turn of whatever else waits, such as the next command
OUTAGE = 1.0
STAFF = frozenset({"actor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`batch` records are read at once; `kept` batches are remembered for who is a little slow;
    after `alive` seconds of silence it is said that somebody is there.
    """

    batch: int = 500
    kept: int = 64
    alive: float = 15.0


USUAL = Bounds()


@dataclass(frozen=True)
class Shown:
    """One published fact, as staff see it and as its partner does."""

    log: str
    position: int
    type: str
    key: str
    value: bytes
    hidden: frozenset[str]

    @property
    def whole(self) -> str:
        return self.value.decode()

    @cached_property
    def redacted(self) -> str:
        """Without what names other partners, or who of the staff did it."""
        told: dict[str, Any] = json.loads(self.value)
        told["data"] = {k: v for k, v in told["data"].items() if k not in self.hidden}
        kept = {name: value for name, value in told.items() if name not in STAFF}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Batch:
    """`at`: where each log stands after it."""

    facts: Sequence[Shown]
    at: Mapping[str, int]

    @cached_property
    def cursor(self) -> str:
        return cursor.written(self.at)


Chunk = tuple[int, bytes]
"""How many facts, and what is sent of them."""
Frames = dict[Hashable, Chunk | None]
"""By what of a batch is seen."""


@dataclass(slots=True)
class Catalogue:
    """What is published: a topic for each fact, and what of it is for staff alone."""

    facts: Mapping[str, type[Event]]
    skipped: int = 0  # records that are no fact of their topic

    @property
    def topics(self) -> Collection[str]:
        return self.facts.keys()

    def shown(self, found: Sequence[Delivery]) -> list[Shown]:
        return [shown for one in found if (shown := self._shown(one))]

    def _shown(self, one: Delivery) -> Shown | None:
        """Only the relay writes to these topics; whatever else lies there is nobody's fact."""
        topic = one.record.topic
        with suppress(ValueError, RecursionError):
            told = json.loads(one.record.value)
            if isinstance(told, dict) and isinstance(told.get("data"), dict):
                hidden = self.facts[topic].staff_only
                place = (one.log, one.position, topic)
                return Shown(*place, one.record.key, one.record.value, hidden)
        self.skipped += 1
        return None


@dataclass(slots=True)
class Tail:
    bus: Bus
    catalogue: Catalogue
    bounds: Bounds = USUAL
    followers: int = 0
    first: int = 0  # the number of the oldest batch that is remembered
    _start: Mapping[str, int] = field(default_factory=dict)  # where the logs stood before it
    _batches: deque[Batch] = field(default_factory=deque)
    _frames: Frames = field(default_factory=dict)
    _at: Mapping[str, int] | None = None
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[asyncio.Future[None], None] = field(default_factory=dict)

    async def run(self) -> None:
        """For as long as the process lives; an outage of the bus is waited for."""
        while True:
            await self._wanted.wait()
            try:
                await self.step()
                await asyncio.sleep(LOOK)
            except Unreachable:
                await asyncio.sleep(OUTAGE)

    async def step(self) -> int:
        topics, at = self.catalogue.topics, self._at
        if at is None:
            at = dict(await self.bus.ends(topics))
            self._at, self._start = at, at
            await self._tell()
        found = await self.bus.fetch(topics, after=at, limit=self.bounds.batch)
        if found and self._at is at:  # or everybody has left meanwhile
            self._at = {**at, **ends(found)}
            self._batches.append(Batch(self.catalogue.shown(found), self._at))
            if len(self._batches) > self.bounds.kept:
                self._start = self._batches.popleft().at
                self.first += 1
            self._frames = {}
            await self._tell()
        return len(found)

    def begin(self) -> None:
        self.followers += 1
        self._wanted.set()

    def end(self) -> None:
        self.followers -= 1
        if not self.followers:
            self._wanted.clear()
            self._forget()

    def joins(self, at: Mapping[str, int]) -> bool:
        """Nothing between there and what is remembered is missing."""
        return self._at is not None and all(
            at.get(log, 0) >= place for log, place in self._start.items()
        )

    def batch(self, number: int) -> Batch | None:
        """None for one that is still to come."""
        place = number - self.first
        return self._batches[place] if place < len(self._batches) else None

    def frames(self, batch: Batch) -> Frames:
        """What whoever sees the same of the newest batch is sent, too; of older ones nothing is
        kept, so that a crowd of different wishes holds no more than one batch each.
        """
        return self._frames if batch is self._batches[-1] else {}

    async def news(self) -> None:
        told = asyncio.get_running_loop().create_future()
        self._waiting[told] = None
        try:
            await told
        finally:
            self._waiting.pop(told, None)

    def tell_all(self) -> None:
        """At once, whatever waits."""
        for one in [*self._waiting]:
            _wake(one)

    async def _tell(self) -> None:
        for number, one in enumerate([*self._waiting], 1):
            _wake(one)
            if number % TURN == 0:
                await asyncio.sleep(0)

    def _forget(self) -> None:
        """Nobody follows: for the next one the tail is where the logs end then."""
        self.first += len(self._batches)
        self._batches.clear()
        self._at = None


def _wake(one: asyncio.Future[None]) -> None:
    if not one.done():
        one.set_result(None)


def ends(found: Sequence[Delivery]) -> dict[str, int]:
    at: dict[str, int] = {}
    for one in found:
        at[one.log] = max(at.get(one.log, 0), one.position)
    return at
