"""Runs a projection: the generation that readers see, and the next one beside it."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.kernel.codec import Codec
from shared.kernel.consumer import Holds, Place, everything
from shared.kernel.errors import StaleOwner
from shared.kernel.filling import Filling, consumer
from shared.kernel.ports import Document, Generations, Views
from shared.kernel.projection import Projection
from shared.kernel.step import STORE, Feed

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
        """Everything our store holds is in the live documents when this returns. Where nothing of
        it is for this view, nothing is written: that is left to the next step.
        """
        async with self._lock:
            self._feed.look()
            while (now := await self.generations()).version == self.projection.version:
                if await self._generation(now.live).current():
                    return
                await self._unless_stale(self._live(now))

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
