"""Proves that the topics hold what the store published, and sends again what they lost.

The store is read once, in windows of so many published facts; for each window our topics are
read from their starts to the ends that were noted first. So memory is bounded: about 250 bytes
for a fact of the window, and for the whole round one byte a record and eight a fact.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from uuid import UUID

from shared.contracts.event import Envelope
from shared.kernel.codec import unpack
from shared.kernel.expiry import KEPT
from shared.kernel.outbox import REJECTED, Outbox, published, rejected
from shared.kernel.ports import Clock, Delivery, EventStore, Record
from shared.kernel.swept import DIFFERENT, FIRST, REPEATED, UNKNOWN, Count, Log, Round, Swept

WINDOW, BATCH = 100_000, 1_000


@dataclass(slots=True)
class Expected:
    """A fact of the window, and where it was met first. `due`: the relay says that it is there."""

    position: int
    topic: str
    digest: bytes
    due: bool
    log: str = ""
    at: int = 0


Window = dict[int, Expected]


@dataclass(slots=True, kw_only=True)
class Sweep:
    """One context's topics against its store. `relayed`: how far its relay says it is."""

    outbox: Outbox
    claims: Collection[str]
    store: EventStore
    relayed: Callable[[], Awaitable[int]]
    clock: Clock
    repair: bool = False
    window: int = WINDOW
    _round: Round | None = None

    @property
    def topics(self) -> frozenset[str]:
        return frozenset({*self.outbox.published, *(f"{one}{REJECTED}" for one in self.claims)})

    async def whole(self) -> Swept:
        while (swept := await self.part()) is None:
            pass
        return swept

    async def part(self) -> Swept | None:
        """One window; the result, once the store is through."""
        one = self._round or await self._begin()
        self._round, start = None, one.after
        window = await self._read(one)
        async for delivery in self._lying(one.ends):
            self._meet(one, delivery, window)
        self._order(one, window)
        missing = self._missing(one, window)
        if self.repair and missing:
            await self._send(start, one.after, missing)
            one.sent += len(missing)
        if one.after < one.last:
            self._round = one
            return None
        return one.told()

    async def _begin(self) -> Round:
        until = await self.relayed()
        ends = await self.outbox.bus.ends(self.topics)
        counts = {topic: Count() for topic in sorted(self.topics)}
        return Round(until, dict(ends), await self.store.end(), counts=counts)

    async def _read(self, one: Round) -> Window:
        window: Window = {}
        while one.after < one.last and len(window) < self.window:
            facts = await self.store.follow(after=one.after, limit=min(BATCH, self.window))
            for position, fact in facts:
                window.update(self._expected(position, fact, one))
            one.after = facts[-1][0] if facts else one.last
        return window

    def _expected(
        self, position: int, fact: Envelope, one: Round
    ) -> Iterator[tuple[int, Expected]]:
        due = position <= one.until
        if fact.type in self.outbox.published:
            record = published(fact)
            yield fact.id.int, Expected(position, record.topic, _digest(record), due)
        elif rejection := self.outbox.rejection(fact):
            record, old = rejected(rejection, b""), fact.time < self.clock() - KEPT
            about = Expected(position, record.topic, _digest(record), due and not old)
            yield rejection.origin.raw_id.int, about

    async def _lying(self, ends: Mapping[str, int]) -> AsyncIterator[Delivery]:
        """An answer may be empty while a log passes over what has expired; each does so once."""
        at: dict[str, int] = {}
        empty = 0
        while empty <= len(ends) and any(at.get(log, 0) < end for log, end in ends.items()):
            found = await self.outbox.bus.fetch(self.topics, after=at, limit=BATCH)
            empty = 0 if found else empty + 1
            for delivery in found:
                at[delivery.log] = max(delivery.position, at.get(delivery.log, 0))
                if delivery.position <= ends.get(delivery.log, 0):
                    yield delivery

    def _meet(self, one: Round, delivery: Delivery, window: Window) -> None:
        position, record = delivery.position, delivery.record
        log = one.logs.setdefault(delivery.log, Log(position))
        expected = window.get(_id(record))
        if expected is None or expected.topic != record.topic:
            log.mark(position, UNKNOWN)
        elif _digest(record) != expected.digest:
            log.mark(position, DIFFERENT)
        elif expected.at:
            log.mark(position, REPEATED)
        else:
            expected.log, expected.at = delivery.log, position
            log.mark(position, FIRST)

    def _order(self, one: Round, window: Window) -> None:
        for fact in window.values():
            if fact.at:
                overtaken = one.logs[fact.log].overtaken(fact.at)
                one.counts[fact.topic].out_of_order += overtaken

    def _missing(self, one: Round, window: Window) -> set[int]:
        missing = set[int]()
        for id_, fact in window.items():
            one.counts[fact.topic].facts += fact.due
            if fact.due and not fact.at:
                one.counts[fact.topic].missing += 1
                one.show(f"missing {fact.topic} {UUID(int=id_)}")
                missing.add(fact.position)
        return missing

    async def _send(self, after: int, until: int, missing: Collection[int]) -> None:
        """In commit order, as the relay did."""
        while after < until:
            facts = await self.store.follow(after=after, limit=BATCH)
            await self.outbox.send(fact for position, fact in facts if position in missing)
            after = facts[-1][0]


def _id(record: Record) -> int:
    """Who it says it is; -1 for what no relay of ours has written."""
    try:
        if record.topic.endswith(REJECTED):
            return UUID(record.key).int
        return unpack(record.value).id.int
    except ValueError:
        return -1


def _digest(record: Record) -> bytes:
    """Of what makes a record the same. The bytes of a rejected claim may be gone, not changed."""
    digest = blake2b(record.key.encode(), digest_size=16)
    if not record.topic.endswith(REJECTED):
        digest.update(b"\0" + record.value)
        return digest.digest()
    ours = sorted((k, v) for k, v in record.headers.items() if k.startswith("qudao-"))
    digest.update(repr(ours).encode())
    if sha256(record.value).hexdigest() != record.headers.get("qudao-sha256"):
        digest.update(record.value)
    return digest.digest()


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """A step: one window a time, and a new round so long after the last one's end."""

    name: str
    sweep: Sweep
    every: timedelta
    swept: Swept | None = None  # the last whole round
    _next: datetime | None = None

    async def step(self) -> int:
        now = self.sweep.clock()
        if self._next and now < self._next:
            return 0
        if (swept := await self.sweep.part()) is None:
            return 0
        self.swept, self._next = swept, now + self.every
        return swept.sent
