"""What everything that runs by itself has in common: it takes one batch when it is told to."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple, Protocol

from shared.contracts.event import Envelope
from shared.kernel.codec import unpack
from shared.kernel.ports import Bus, Delivery, EventStore, Move

BATCH = 500
STORE = "store"
BEYOND = 1 << 60
"""Behind the end of every log."""


class Step(Protocol):
    @property
    def name(self) -> str: ...

    async def step(self) -> int:
        """Do one batch and say how much it was; 0 when there is nothing to do."""


class Entry(NamedTuple):
    """One fact at its place. `raw` are a bus record's bytes, not yet read; `sent` is its own."""

    log: str
    position: int
    sealed: Envelope | None = None
    raw: bytes = b""
    sent: int = 0

    @property
    def envelope(self) -> Envelope:
        return self.sealed or unpack(self.raw)

    @property
    def digest(self) -> str:
        """By which a record of the bus is told from another one in its place."""
        return sha256(self.raw).hexdigest()


class Feed(Protocol):
    """Facts in batches, for whoever says how far it has come in each log."""

    async def __call__(self, at: Mapping[str, int]) -> Sequence[Entry]: ...

    async def one(self, log: str, position: int) -> Entry | None:
        """What lies there; None when it is there no more."""

    def look(self) -> None:
        """What was empty at the last look may be so no more."""


class Own:
    """Our own facts, in commit order, each once. Consumers at one place share one reading; in one
    sweep they share the news that there is nothing new.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._from, self._window = 0, list[Entry]()
        self._together = False
        self._quiet: int | None = None
        self._looks = 0

    def look(self) -> None:
        """Also at what is asked for just now: that may be the answer of a moment ago."""
        self._quiet = None
        self._looks += 1

    @contextmanager
    def one_sweep(self) -> Iterator[None]:
        self._together, self._quiet = True, None
        try:
            yield
        finally:
            self._together, self._quiet = False, None

    async def __call__(self, at: Mapping[str, int]) -> Sequence[Entry]:
        after = at.get(STORE, 0)
        if after == self._quiet:
            return ()
        if not (self._window and self._from <= after < self._window[-1].position):
            looks = self._looks
            facts = await self._store.follow(after=after, limit=BATCH)
            window = [Entry(STORE, position, envelope) for position, envelope in facts]
            if window:
                self._from, self._window = after, window
            elif self._together and looks == self._looks:
                self._quiet = after
            return window
        return self._window[bisect_right(self._window, after, key=lambda e: e.position) :]

    async def one(self, log: str, position: int) -> Entry | None:
        return next((e for e in await self.last(1, position) if e.position == position), None)

    async def last(self, limit: int, until: int) -> Sequence[Entry]:
        """The facts up to a place, as many as asked for."""
        facts = await self._store.last(limit, until=until) if until else ()
        return [Entry(STORE, position, envelope) for position, envelope in facts]


class Others:
    """Other contexts' facts, in any order, more than once."""

    def __init__(self, bus: Bus, topics: Collection[str]) -> None:
        self._bus, self._topics = bus, frozenset(topics)

    async def __call__(self, at: Mapping[str, int]) -> Sequence[Entry]:
        deliveries = await self._bus.fetch(self._topics, after=at, limit=BATCH)
        return [self._entry(one) for one in deliveries]

    def look(self) -> None:
        """The bus says itself what is new."""

    async def one(self, log: str, position: int) -> Entry | None:
        """However much comes to other logs meanwhile: nothing of theirs is asked for."""
        topic = log.rpartition("/")[0]
        at = dict.fromkeys(await self._bus.ends([topic]), BEYOND) | {log: position - 1}
        while found := await self._bus.fetch([topic], after=at, limit=1):
            [one] = found
            if one.log == log:
                return self._entry(one) if one.position == position else None
            at[one.log] = BEYOND  # its first record came just now
        return None

    @staticmethod
    def _entry(one: Delivery) -> Entry:
        return Entry(one.log, one.position, None, one.record.value, one.sent)


def moves(at: Mapping[str, int], entries: Sequence[Entry]) -> list[Move]:
    last: dict[str, int] = {}
    for entry in entries:
        last[entry.log] = max(entry.position, last.get(entry.log, 0))
    return [Move(log, at.get(log, 0), position) for log, position in last.items()]
