"""An event store in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.event import Envelope
from shared.kernel.codec import pack, unpack
from shared.kernel.errors import StaleVersion

Stored = tuple[bytes, str]


@dataclass(slots=True)
class MemoryStore:
    """Facts are kept as bytes, so nobody holds what the store holds. Positions have no gaps."""

    incarnation: str = "first"
    log: list[Stored] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)  # a stream's positions
    _ids: set[UUID] = field(default_factory=set)
    _read: dict[int, Envelope] = field(default_factory=dict)

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        return [self._at(position) for position in self.places.get(stream, [])[after:]]

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        if not facts or [f.sequence - expected for f in facts] != [*range(1, len(facts) + 1)]:
            raise ValueError(f"{stream}: facts must follow version {expected}, one by one")
        if len(self.places.get(stream, ())) != expected or self._ids & {f.id for f in facts}:
            raise StaleVersion(stream)
        for fact in facts:
            self.log.append((pack(fact), fact.fingerprint))
            self.places.setdefault(stream, []).append(len(self.log))
            self._ids.add(fact.id)
        return len(self.log)

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        return self.between(after, after + limit)

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        end = len(self.log) if until is None else min(until, len(self.log))
        return self.between(max(0, end - limit), end)

    async def count(self) -> int:
        return len(self.log)

    async def position(self, stream: str, sequence: int) -> int:
        places = self.places.get(stream, [])
        if not 0 < sequence <= len(places):
            raise KeyError(f"{stream} has no fact {sequence}")
        return places[sequence - 1]

    async def end(self) -> int:
        return len(self.log)

    def between(self, after: int, until: int) -> list[tuple[int, Envelope]]:
        until = min(until, len(self.log))
        return [(position, self._at(position)) for position in range(after + 1, until + 1)]

    def _at(self, position: int) -> Envelope:
        """Unpacked once: envelopes are frozen."""
        if position not in self._read:
            self._read[position] = unpack(*self.log[position - 1])
        return self._read[position]
