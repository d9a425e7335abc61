"""One generation of a view on its way through the facts: a batch is folded in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.contracts.event import Envelope, Event
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Effects, Place
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.kernel.step import STORE, Entry, Feed


def consumer(view: str, version: int, generation: int) -> str:
    """Who may write that generation of the view."""
    return f"{view}.v{version}.g{generation}"


class Opened(NamedTuple):
    """An entry's fact, and which documents it changes; no fact of a type that is skipped."""

    envelope: Envelope
    fact: Event | None
    keys: Sequence[str] = ()


class Filling(Consumer):
    """One generation of a view on its way through the facts."""

    def __init__(
        self,
        projection: Projection[Any],
        codec: Codec[Any],
        generation: int,
        feed: Feed,
        place: Place,
    ) -> None:
        super().__init__(consumer(projection.name, projection.version, generation), feed, place)
        self._projection, self._codec, self._generation = projection, codec, generation
        self._bus = projection.source == "bus"
        self._documents: dict[str, Document | None] = {}
        self._passed = 0  # up to here the store holds nothing more for this view
        self.oldest: datetime | None = None  # when the first fact of the batch was recorded

    async def begin(self, entries: Sequence[Entry]) -> None:
        await super().begin(entries)
        self._documents, self.oldest = {}, None

    async def together(self, entries: Sequence[Entry]) -> Effects:
        """Opened, looked up and folded in one go. Folds are pure: what one raises is raised again
        when each is folded by itself.
        """
        opened = [self._open(entry) for entry in entries]
        effects, times = Effects(), list[datetime]()
        documents = await self._found(key for one in opened for key in one.keys)
        view, fold = self._projection.name, self._projection.fold
        for envelope, fact, keys in await self._new(opened, effects.seen):
            folded = {key: fold(key, documents[key], fact, envelope) for key in keys}
            documents |= folded
            effects.puts |= {(view, key): document for key, document in folded.items()}
            times.append(envelope.time)
        self.oldest = min(times, default=None)
        self.skipped += sum(one.fact is None for one in opened if self._bus)
        return effects

    async def apply(self, entry: Entry, effects: Effects) -> None:
        envelope, fact, keys = self._open(entry)
        if fact is None:
            self.skipped += self._bus
            return
        if self._bus:
            if await self.repeated(envelope.id):
                return
            effects.seen.add(envelope.id)
        view, fold = self._projection.name, self._projection.fold
        self._documents |= await self._found(key for key in keys if key not in self._documents)
        folded = {key: fold(key, self._documents[key], fact, envelope) for key in keys}
        self.oldest = min(self.oldest or envelope.time, envelope.time)
        self._documents |= folded
        effects.puts |= {(view, key): document for key, document in folded.items()}

    async def current(self) -> bool:
        """Nothing in our store is for this view that it has not: looked at, not moved there. What
        was looked at stays so, whoever moves its place meanwhile.
        """
        at = await self.positions()
        passed = max(self._passed, at.get(STORE, 0))
        while entries := await self._feed({STORE: passed}):
            if any(entry.envelope.type in self._codec for entry in entries):
                return False
            self._passed = passed = entries[-1].position
        return True

    async def replace(self, key: str, was: Document, now: Document | None) -> None:
        """Out of turn; a document that is not as it was is left alone."""
        at = await self.positions()
        if (await self._found([key]))[key] == was:
            await self._amend(at, STORE, Effects({(self._projection.name, key): now}))

    def _open(self, entry: Entry) -> Opened:
        envelope = entry.envelope
        if envelope.type not in self._codec:
            return Opened(envelope, None)
        fact = self._codec.decode(envelope)
        return Opened(envelope, fact, list(self._projection.keys(fact, envelope)))

    async def _new(self, opened: Sequence[Opened], seen: set[UUID]) -> list[Opened]:
        """What counts; of what comes from the bus each once, and it is `seen` from now on."""
        facts = [one for one in opened if one.fact is not None]
        if not self._bus:
            return facts
        ids = {one.envelope.id: one for one in reversed(facts)}
        seen |= ids.keys() - await self._place.views.seen(self.name, ids.keys())
        return [one for one in facts if one.envelope.id in seen and ids[one.envelope.id] is one]

    async def _found(self, keys: Iterable[str]) -> dict[str, Document | None]:
        wanted, views = [*dict.fromkeys(keys)], self._place.views
        if not wanted:
            return {}
        name, generation = self._projection.name, self._generation
        found = await views.get_many(name, wanted, generation=generation)
        return {key: found.get(key) for key in wanted}
