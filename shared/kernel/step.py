"""What everything that runs by itself has in common: it takes one batch when it is told to."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.event import Envelope
from shared.kernel.codec import unpack
from shared.kernel.ports import Bus, EventStore, Move

BATCH = 500
STORE = "store"


class Step(Protocol):
    @property
    def name(self) -> str: ...

    async def step(self) -> int:
        """Do one batch and say how much it was; 0 when there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact at its place. `raw` are a bus record's bytes, not yet read."""

    log: str
    position: int
    sealed: Envelope | None = None
    raw: bytes = b""

    @property
    def envelope(self) -> Envelope:
        return self.sealed or unpack(self.raw)


Feed = Callable[[Mapping[str, int]], Awaitable[Sequence[Entry]]]


class Own:
    """Our own facts, in commit order, each once. Consumers at one place share one reading."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._window: Sequence[Entry] = ()

    async def __call__(self, at: Mapping[str, int]) -> Sequence[Entry]:
        after = at.get(STORE, 0)
        if not (self._window and self._window[0].position - 1 <= after < self._last):
            facts = await self._store.follow(after=after, limit=BATCH)
            window = [Entry(STORE, position, envelope) for position, envelope in facts]
            if window:
                self._window = window
            return window
        return self._window[after - self._window[0].position + 1 :]

    @property
    def _last(self) -> int:
        return self._window[-1].position


def others(bus: Bus, topics: Collection[str]) -> Feed:
    """Other contexts' facts, in any order, more than once."""
    named = frozenset(topics)

    async def feed(at: Mapping[str, int]) -> Sequence[Entry]:
        deliveries = await bus.fetch(named, after=at, limit=BATCH)
        return [Entry(d.log, d.position, raw=d.record.value) for d in deliveries]

    return feed


def moves(at: Mapping[str, int], entries: Sequence[Entry]) -> list[Move]:
    last: dict[str, int] = {}
    for entry in entries:
        last[entry.log] = max(entry.position, last.get(entry.log, 0))
    return [Move(log, at.get(log, 0), position) for log, position in last.items()]
