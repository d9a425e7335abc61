"""Runs a projection: a batch is folded in memory and written once per key."""

from asyncio import Lock
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from shared.contracts.event import Envelope, Event
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Effects, Place, unless_overtaken
from shared.kernel.ports import Document, Generations, Views
from shared.kernel.projection import Projection
from shared.kernel.step import Entry, Feed


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
        super().__init__(f"{projection.name}.v{projection.version}.g{generation}", feed, place)
        self._projection, self._codec, self._generation = projection, codec, generation
        self._documents: dict[str, Document | None] = {}
        self._seen: set[UUID] = set()

    async def begin(self, entries: Sequence[Entry]) -> Collection[UUID]:
        self._documents = {}
        self._seen = set()
        return self._seen

    async def apply(self, entry: Entry, effects: Effects) -> None:
        envelope = entry.envelope
        if envelope.type not in self._codec or await self._known(envelope.id):
            return
        fact = self._codec.decode(envelope)
        folded = await self._folded(fact, envelope)
        self._documents |= folded
        self._seen.add(envelope.id)
        effects.puts |= {(self._projection.name, key): doc for key, doc in folded.items()}
        if self._projection.source == "bus":
            effects.seen.add(envelope.id)

    async def _folded(self, fact: Event, envelope: Envelope) -> dict[str, Document | None]:
        keys = list(self._projection.keys(fact, envelope))
        await self._load([key for key in keys if key not in self._documents])
        fold = self._projection.fold
        return {key: fold(key, self._documents[key], fact, envelope) for key in keys}

    async def _load(self, keys: Sequence[str]) -> None:
        if keys:
            view, views = self._projection.name, self._place.views
            found = await views.get_many(view, keys, generation=self._generation)
            self._documents |= {key: found.get(key) for key in keys}

    async def _known(self, id_: UUID) -> bool:
        if self._projection.source == "store":
            return False
        return id_ in self._seen or bool(await self._place.views.seen(self.name, [id_]))


class Projector:
    """Keeps the live generation current and fills the next one beside it, then swaps."""

    def __init__(
        self,
        projection: Projection[Any],
        codec: Codec[Any],
        feed: Feed,
        place: Place,
    ) -> None:
        self.projection, self.name = projection, projection.name
        self._codec, self._feed, self._place = codec, feed, place
        self._fillings: dict[int, Filling] = {}
        self._generations: Generations | None = None
        self._lock = Lock()

    async def step(self) -> int:
        async with self._lock:
            now = await self.generations()
            done = 0
            if now.version == self.projection.version:
                done += await unless_overtaken(self._generation(now.live))
            if now.filling is not None:
                done += await self._fill(now, now.filling)
            return done

    async def catch_up(self) -> None:
        """Everything our store holds is in the live documents when this returns."""
        async with self._lock:
            now = await self.generations()
            if now.version == self.projection.version:
                while await unless_overtaken(self._generation(now.live)):
                    continue

    async def rebuild(self) -> Generations:
        async with self._lock:
            self._generations = await self._views.rebuild(self.name)
            self._fillings.clear()
            return self._generations

    async def generations(self) -> Generations:
        if self._generations is None:
            self._generations = await self._views.generations(self.name)
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
        return dict(await self._generation(now.filling).positions())

    def consumer(self, name: str) -> Consumer | None:
        return next((one for one in self._fillings.values() if one.name == name), None)

    async def _fill(self, now: Generations, generation: int) -> int:
        if done := await unless_overtaken(self._generation(generation)):
            return done
        self._generations = await self._views.swap(self.name, self.projection.version)
        self._fillings.pop(now.live, None)
        return 1

    def _generation(self, number: int) -> Filling:
        if number not in self._fillings:
            self._fillings[number] = Filling(
                self.projection, self._codec, number, self._feed, self._place
            )
        return self._fillings[number]

    @property
    def _views(self) -> Views:
        return self._place.views
