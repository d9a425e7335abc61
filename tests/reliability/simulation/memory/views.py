"""Documents, seen ids and positions in memory, moved in one commit."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Key, Move, Page, Query, View
from tests.reliability.simulation.memory.generation import Generation, Row

CONSUMER = re.compile(r"(?P<view>.+)\.v\d+\.g\d+")


@dataclass(slots=True)
class Standing:
    """Of one view: what readers see, what is being filled, and the last number given."""

    live: Generation
    filling: Generation | None = None
    last: int = 1

    def all(self) -> list[Generation]:
        return [self.live, *([self.filling] if self.filling else [])]


@dataclass(slots=True)
class MemoryViews:
    _views: dict[str, Standing] = field(default_factory=dict)
    _positions: dict[str, dict[str, int]] = field(default_factory=dict)
    _seen: dict[str, set[UUID]] = field(default_factory=dict)
    _origin: str | None = None

    async def belongs_to(self, store_incarnation: str) -> bool:
        known, self._origin = self._origin, store_incarnation
        if known in {None, store_incarnation}:
            return True
        for one in [g for standing in self._views.values() for g in standing.all()]:
            if one.consumer in self._positions:
                one.rows.clear()
                self._forget(one)
        return False

    async def open(self, views: Collection[View]) -> None:
        for view in views:
            standing = self._views.setdefault(view.name, Standing(Generation(view, 1)))
            if standing.filling and not standing.filling.made_for(view):
                self._forget(standing.filling)
                standing.filling = None
            if not (standing.filling or standing.live.made_for(view)):
                self._fill(standing, view)

    async def generations(self, view: str) -> Generations:
        return self._described(view)

    async def rebuild(self, view: str) -> Generations:
        standing = self._standing(view)
        like = standing.filling or standing.live
        if standing.filling:
            self._forget(standing.filling)
        self._fill(standing, like.view)
        return self._described(view)

    async def swap(self, view: str, generation: int) -> Generations:
        standing = self._standing(view)
        filling = standing.filling
        if standing.live.number == generation:
            return self._described(view)
        if filling is None or filling.number != generation:
            raise StaleOwner(f"{view}: generation {generation} is not filling")
        self._forget(standing.live)
        standing.live, standing.filling = filling, None
        return self._described(view)

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]:
        return self._target(view, generation).documents(keys)

    async def find(self, view: str, query: Query) -> Page:
        return self._target(view).find(query)

    async def positions(self, consumer: str) -> Mapping[str, int]:
        return dict(self._positions.get(consumer, {}))

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]:
        return self._seen.get(consumer, set()) & set(ids)

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        """Everything is looked at before anything is changed."""
        own = self._owned(consumer)
        at = self._positions.get(consumer, {})
        for move in moves:
            if at.get(move.log, 0) != move.old:
                raise StaleOwner(f"{consumer} stands at {at.get(move.log, 0)} of {move.log}")
        rows: list[tuple[Generation, str, Row | None]] = []
        for (view, key), document in puts.items():
            into = own if own and own.view.name == view else self._target(view)
            rows.append((into, key, None if document is None else into.row(key, document)))
        for into, key, row in rows:
            if row is None:
                into.rows.pop(key, None)
            else:
                into.rows[key] = row
        if moves:
            self._positions[consumer] = at | {move.log: move.new for move in moves}
        if seen:
            self._seen.setdefault(consumer, set()).update(seen)

    def live(self, view: str) -> Generation:
        return self._standing(view).live

    def _owned(self, consumer: str) -> Generation | None:
        named = CONSUMER.fullmatch(consumer)
        if named is None:
            return None
        standing = self._views.get(named["view"])
        for one in standing.all() if standing else ():
            if one.consumer == consumer:
                return one
        raise StaleOwner(f"{consumer} is neither live nor filling")

    def _target(self, view: str, number: int | None = None) -> Generation:
        standing = self._standing(view)
        if number is None:
            return standing.live
        for one in standing.all():
            if one.number == number:
                return one
        raise StaleOwner(f"{view}: generation {number} is neither live nor filling")

    def _standing(self, view: str) -> Standing:
        if view not in self._views:
            raise ValueError(f"view {view} was not opened")
        return self._views[view]

    def _described(self, view: str) -> Generations:
        standing = self._standing(view)
        live, filling = standing.live, standing.filling
        return Generations(live.view.version, live.number, filling.number if filling else None)

    def _fill(self, standing: Standing, view: View) -> None:
        standing.last += 1
        standing.filling = Generation(view, standing.last)

    def _forget(self, generation: Generation) -> None:
        self._positions.pop(generation.consumer, None)
        self._seen.pop(generation.consumer, None)
