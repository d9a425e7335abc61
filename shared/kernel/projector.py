"""Runs a projection: a batch is folded in memory and written once per key."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.event import Envelope, Event
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Effects, Holds, Place, everything
from shared.kernel.errors import StaleOwner
from shared.kernel.parking import attempt
from shared.kernel.ports import Document, Generations, Views
from shared.kernel.projection import Projection
from shared.kernel.step import STORE, Entry, Feed


def consumer(view: str, version: int, generation: int) -> str:
    """Who may write that generation of the view."""
    return f"{view}.v{version}.g{generation}"


@dataclass(frozen=True, slots=True)
class Opened:
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
        self._documents: dict[str, Document | None] = {}
        self._opened: dict[tuple[str, int], Opened] = {}
        self._known: set[UUID] | None = None  # of the batch's ids, those that were seen before
        self.oldest: datetime | None = None  # when the first fact of the batch was recorded

    async def begin(self, entries: Sequence[Entry]) -> None:
        """Looks once for all of them. A fact that cannot be opened spoils that; then each is
        opened, or parked, by itself.
        """
        await super().begin(entries)
        self._documents, self._opened, self._known = {}, {}, None
        self.oldest = None
        await attempt(self._foresee(entries))

    async def repeated(self, id_: UUID) -> bool:
        if self._known is None:
            return await super().repeated(id_)
        return id_ in self._seen or id_ in self._known

    async def apply(self, entry: Entry, effects: Effects) -> None:
        opened = self._opened.get((entry.log, entry.position)) or self._open(entry)
        envelope, fact = opened.envelope, opened.fact
        if fact is None:
            self.skipped += entry.sealed is None
            return
        if self._projection.source == "bus":
            if await self.repeated(envelope.id):
                return
            effects.seen.add(envelope.id)
        folded = await self._folded(fact, opened)
        self.oldest = min(self.oldest or envelope.time, envelope.time)
        self._documents |= folded
        effects.puts |= {(self._projection.name, key): doc for key, doc in folded.items()}

    async def replace(self, key: str, was: Document, now: Document | None) -> None:
        """Out of turn; a document that is not as it was is left alone."""
        at = await self.positions()
        view, views = self._projection.name, self._place.views
        found = await views.get_many(view, [key], generation=self._generation)
        if found.get(key) == was:
            await self._amend(at, STORE, Effects({(view, key): now}))

    async def _foresee(self, entries: Sequence[Entry]) -> None:
        opened = {(entry.log, entry.position): self._open(entry) for entry in entries}
        if self._projection.source == "bus":
            ids = {one.envelope.id for one in opened.values() if one.fact is not None}
            self._known = await self._place.views.seen(self.name, ids)
        await self._load([*dict.fromkeys(key for one in opened.values() for key in one.keys)])
        self._opened = opened

    def _open(self, entry: Entry) -> Opened:
        envelope = entry.envelope
        if envelope.type not in self._codec:
            return Opened(envelope, None)
        fact = self._codec.decode(envelope)
        return Opened(envelope, fact, list(self._projection.keys(fact, envelope)))

    async def _folded(self, fact: Event, opened: Opened) -> dict[str, Document | None]:
        await self._load([key for key in opened.keys if key not in self._documents])
        fold, documents = self._projection.fold, self._documents
        return {key: fold(key, documents[key], fact, opened.envelope) for key in opened.keys}

    async def _load(self, keys: Sequence[str]) -> None:
        if keys:
            view, views = self._projection.name, self._place.views
            found = await views.get_many(view, keys, generation=self._generation)
            self._documents |= {key: found.get(key) for key in keys}


Ends = Callable[[], Awaitable[Mapping[str, int]]]


async def no_ends() -> Mapping[str, int]:
    """Who reads the own store to its end has read everything."""
    return {}


class Projector:
    """Keeps the live generation current and fills the next one beside it, then swaps.

    `ends` are those of the logs it reads: others may read some of them for it.
    """

    def __init__(
        self,
        projection: Projection[Any],
        codec: Codec[Any],
        feed: Feed,
        place: Place,
        ends: Ends = no_ends,
    ) -> None:
        self.projection, self.name, self.place = projection, projection.name, place
        self._codec, self._feed, self._ends = codec, feed, ends
        self._fillings: dict[int, Filling] = {}
        self._generations: Generations | None = None
        self._current = False  # nobody else may have changed them since
        self._lock = Lock()

    @property
    def outdated(self) -> bool:
        """Readers still see what an older fold has made, for all we know."""
        known = self._generations
        return known is not None and known.version != self.projection.version

    @property
    def skipped(self) -> int:
        return sum(one.skipped for one in self._fillings.values())

    async def step(self) -> int:
        async with self._lock:
            return await self._unless_stale(self._step(await self.generations()))

    async def catch_up(self) -> None:
        """Everything our store holds is in the live documents when this returns."""
        async with self._lock:
            self._feed.look()
            while (now := await self.generations()).version == self.projection.version:
                if not await self._unless_stale(self._live(now)):
                    return

    async def _live(self, now: Generations) -> int:
        """A batch of what readers see, and how long its facts took to be seen."""
        live = self._generation(now.live)
        done = await live.step()
        if done and live.oldest:
            seconds = (self.place.clock() - live.oldest).total_seconds()
            self.place.shown(self.name, max(0.0, seconds))
        return done

    async def rebuild(self) -> Generations:
        """A rebuild that runs already is begun again."""
        async with self._lock:
            self.look_again()
            former = (await self.generations()).filling
            self._generations = await self._views.rebuild(self.name)
            if former is not None:
                await self._forget(self.projection.version, former)
            return self._generations

    async def replace(self, key: str, was: Document, now: Document | None) -> None:
        """Whoever acts on a live document has the last word on it, unless a fact had it."""
        async with self._lock:
            await self._generation((await self.generations()).live).replace(key, was, now)

    async def retry(self, document: Document) -> None:
        async with self._lock:
            await (await self._named(document)).retry(document)

    async def hasten(self, document: Document, due: Document) -> None:
        async with self._lock:
            await (await self._named(document)).hasten(document, due)

    async def drop(self, document: Document) -> None:
        async with self._lock:
            await (await self._named(document)).drop(document)

    async def assigned(self, ends: Mapping[str, int], holds: Holds = everything) -> None:
        for filling in await self._standing():
            await filling.assigned(ends, holds)

    def look_again(self) -> None:
        """Another process may have begun a rebuild, or ended one."""
        self._current = False

    def forget(self) -> None:
        """Another process may have worked here: what stands, and where, is looked up again."""
        self._current = False
        for filling in self._fillings.values():
            filling.forget()

    async def begin_anew(self) -> None:
        """Its documents and positions are gone, so what they had parked is too."""
        for filling in await self._standing():
            await self.place.unpark(filling.name)

    async def generations(self) -> Generations:
        if self._generations is None or not self._current:
            self._generations = await self._views.generations(self.name)
            self._current = True
        return self._generations

    async def positions(self) -> dict[str, int]:
        """Of the generation that readers see."""
        now = await self.generations()
        return dict(await self._generation(now.live).positions())

    async def progress(self) -> dict[str, int] | None:
        """Of the generation that is being filled, if one is."""
        now = await self.generations()
        if now.filling is None:
            return None
        at = await self._generation(now.filling).positions()
        return {log: place for log, place in at.items() if log == STORE or "/" in log}

    async def runs(self, name: str) -> bool:
        """What we do not know may be younger than our last look."""
        if name not in [one.name for one in await self._standing()]:
            self.look_again()
        return name in [one.name for one in await self._standing()]

    async def _step(self, now: Generations) -> int:
        live = 0 if self.outdated else await self._live(now)
        return live if now.filling is None else live + await self._fill(now, now.filling)

    async def _fill(self, now: Generations, generation: int) -> int:
        if done := await self._generation(generation).step():
            return done
        if not await self._complete(generation):
            return 0
        self._generations = await self._views.swap(self.name, generation)
        await self._forget(now.version, now.live)
        return 1

    async def _complete(self, generation: int) -> bool:
        """Nothing is left to read, for whoever reads it."""
        filling = self._generation(generation)
        if ends := await self._ends():
            filling.forget()
        at = await filling.positions()
        return all(at.get(log, 0) >= end for log, end in ends.items())

    async def _unless_stale(self, work: Awaitable[int]) -> int:
        """A stale owner looks again what there is to own."""
        try:
            return await work
        except StaleOwner:
            self.look_again()
            return 1

    async def _forget(self, version: int, generation: int) -> None:
        self._fillings.pop(generation, None)
        await self.place.unpark(consumer(self.name, version, generation))

    async def _standing(self) -> list[Filling]:
        now = await self.generations()
        numbers = [now.live, *([] if now.filling is None else [now.filling])]
        return [self._generation(number) for number in numbers]

    async def _named(self, document: Document) -> Filling:
        return next(f for f in await self._standing() if f.name == document["consumer"])

    def _generation(self, number: int) -> Filling:
        if number not in self._fillings:
            self._fillings[number] = Filling(
                self.projection, self._codec, number, self._feed, self.place
            )
        return self._fillings[number]

    @property
    def _views(self) -> Views:
        return self.place.views
