"""The event store of one context: every stream of the server whose name begins with it."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from typing import Self
from uuid import UUID

from kurrentdbclient import NewEvent, RecordedEvent

from shared.adapters.kurrent import records
from shared.adapters.kurrent.client import client
from shared.adapters.kurrent.connection import Connection, NoRecordThere
from shared.contracts.event import Envelope
from shared.kernel.errors import PortFailed, StaleVersion

PAGE = 500  # of a long stream at a time, so that each request is short
PLAUSIBLE = 2**63
"""The server may answer a repeated append with position -1, unsigned."""


@dataclass(frozen=True, slots=True)
class Silence:
    """After our fact at `last` (0: from the beginning) up to `head` there is nothing of ours.

    The log only grows, so this stays true. It spares walking over others' records again.
    """

    last: int
    head: int


class KurrentStore:
    """Positions are the server's commit positions: they grow in commit order, with gaps.

    What the server does not answer for a few seconds is `Unreachable`.
    """

    def __init__(self, connection: Connection, context: str) -> None:
        self._connection, self._context, self._prefix = connection, context, f"{context}."
        self._life, self._incarnation = f"qudao.incarnation-{context}", ""
        self._silence = Silence(0, 0)
        self._counted, self._counted_to = 0, 0
        self.close = connection.close

    @classmethod
    async def open(
        cls, uri: str, context: str, *, user: str = "", password: str = "", ca: Path | None = None
    ) -> Self:
        """`ca`: a PEM file of the authorities that the server's certificate is checked with."""
        store = cls(Connection(client(uri, user, password, ca)), context)
        try:
            await store._settle()
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def incarnation(self) -> str:
        return self._incarnation

    async def reincarnate(self) -> str:
        """Another life: to be called once after the server was restored from a backup."""
        told = await self._lives()
        return await self._begin_life(told[-1].stream_position + 1 if told else 0)

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        facts: list[Envelope] = []
        while True:
            at = after + len(facts)
            page = await self._connection.stream(stream, at=at, limit=PAGE)
            if [event.stream_position for event in page] != [*range(at, at + len(page))]:
                raise PortFailed(f"{stream} is not whole: somebody has cut it")
            facts += map(records.read, page)
            if len(page) < PAGE:
                return facts

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        if not facts or [f.sequence - expected for f in facts] != [*range(1, len(facts) + 1)]:
            raise ValueError(f"{stream}: facts must follow version {expected}, one by one")
        if not stream.startswith(self._prefix):
            raise ValueError(f"{stream} is no stream of {self._context}")
        events = [records.written(fact) for fact in facts]
        position = await self._connection.append(stream, events, expected)
        if 0 < position < PLAUSIBLE:
            return position
        return await self.position(stream, facts[-1].sequence)

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        head, known = await self._connection.head(), self._silence
        quiet = known.last <= after <= known.head
        if quiet and head <= known.head:
            return []
        start = known.head if quiet else after
        found = await self._connection.scan(self._prefix, at=start or None, limit=limit + 1)
        ours = [event for event in found if event.commit_position > after][:limit]
        begun = quiet or not after or (found and found[0].commit_position == after)
        if begun and len(ours) < limit:
            self._remember(ours, known.last if quiet else after, head)
        return _placed(ours)

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        found = [] if until is None else await self._at(until)
        if limit > len(found) and (found or until is None):
            found += await self._connection.scan(
                self._prefix, at=until, backwards=True, limit=limit - len(found)
            )
        return _placed(found[:limit][::-1])

    async def count(self) -> int:
        """Walks over what is new since the last time."""
        while page := await self.follow(after=self._counted_to, limit=PAGE):
            self._counted += len(page)
            self._counted_to = page[-1][0]
        return self._counted

    async def position(self, stream: str, sequence: int) -> int:
        for event in await self._connection.stream(stream, at=sequence - 1, limit=1):
            return event.commit_position
        raise KeyError(f"{stream} has no fact {sequence}")

    async def end(self) -> int:
        """Two looks: others may have written a lot since our last fact, or we."""
        head, known = await self._connection.head(), self._silence
        if known.head < head:
            later = await self._connection.scan(self._prefix, at=known.head or None, limit=2)
            ours = [event for event in later if event.commit_position > known.last]
            if ours:
                ours = await self._connection.scan(self._prefix, at=None, backwards=True, limit=1)
            self._remember(ours, known.last, head)
        return self._silence.last

    async def _at(self, position: int) -> list[RecordedEvent]:
        """Our fact at that place, if there is one; to read backwards begins before it."""
        if not position:
            return []
        try:
            there = await self._connection.scan(self._prefix, at=position, limit=1)
        except NoRecordThere:
            return []
        return [event for event in there if event.commit_position == position]

    def _remember(self, ours: Sequence[RecordedEvent], before: int, head: int) -> None:
        """`ours` are all there are behind `before`, seen after the server's end was at `head`."""
        last = ours[-1].commit_position if ours else before
        if max(head, last) > self._silence.head:
            self._silence = Silence(last, max(head, last))

    async def _settle(self) -> None:
        await self._connection.head()  # not every user may read the whole log
        told = await self._lives()
        if not told:
            with suppress(StaleVersion):  # another process opens it for the first time, too
                await self._begin_life(0)
            told = await self._lives()
        self._incarnation = json.loads(told[-1].data)["incarnation"]

    async def _lives(self) -> list[RecordedEvent]:
        """The last one alone."""
        return await self._connection.stream(self._life, backwards=True, limit=1)

    async def _begin_life(self, expected: int) -> str:
        self._incarnation = str(UUID(bytes=token_bytes(16), version=4))
        data = json.dumps({"incarnation": self._incarnation}).encode()
        begun = NewEvent(type="LifeBegun", data=data, id=UUID(self._incarnation))
        await self._connection.append(self._life, [begun], expected)
        return self._incarnation


def _placed(events: Iterable[RecordedEvent]) -> list[tuple[int, Envelope]]:
    return [(event.commit_position, records.read(event)) for event in events]
