"""Documents, seen ids and positions of a context in one database, moved in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Self
from uuid import UUID

from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne

from shared.adapters.mongo.documents import loaded, sealed
from shared.adapters.mongo.faults import meant
from shared.adapters.mongo.find import find
from shared.adapters.mongo.generations import Generation, Held, refilled, swapped
from shared.adapters.mongo.registry import GENERATIONS, POSITIONS, SEEN_BY, TURN, Registry
from shared.adapters.mongo.server import Database, Doc, Mongo, Session, Write, chunks
from shared.adapters.mongo.stamp import STAMP, Shape, settled
from shared.adapters.sortable import reach, sortable
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Key, Move, Page, Query, View

SEEN = "seen"  # by consumers that own no generation
COLLECTIONS = {GENERATIONS: ("copy",), POSITIONS: ("_id.consumer",), SEEN: SEEN_BY}
SHAPE = Shape("views", 1, COLLECTIONS)
TOGETHER = 500  # ids in one document, one write instead of as many
ASKED = 200  # keys in one question


class MongoViews:
    """Several processes may share one database: a commit by who no longer owns its place is stale.

    The same commit twice is stale the second time, as its moves start where nobody stands; one
    without moves is written again, which changes nothing.
    """

    def __init__(self, mongo: Mongo, db: Database) -> None:
        self._mongo, self._db, self._registry = mongo, db, Registry(mongo, db)

    @classmethod
    async def of(cls, mongo: Mongo, database: str) -> Self:
        """`Incompatible` when the database is newer than the code, or no one's of ours."""
        return cls(mongo, await settled(mongo, database, SHAPE))

    async def belongs_to(self, store_incarnation: str) -> bool:
        """False when it was filled from another life of the store, and is empty from now on.

        Documents, positions and seen ids of projections go; policies and the relay keep theirs.
        """
        with meant(self._mongo.name):
            stamp = await self._db[STAMP].find_one({"_id": SHAPE.kind}) or {}
        origin = stamp.get("origin")
        if origin == store_incarnation:
            return True

        while not await self._adopted(store_incarnation, empty=origin is not None):
            continue
        return origin is None

    async def open(self, views: Collection[View]) -> None:
        await self._registry.open(views)

    async def generations(self, view: str) -> Generations:
        """Its version is the live one's."""
        return (await self._registry.asked(view)).described

    async def rebuild(self, view: str) -> Generations:
        return (await self._registry.change(view, refilled)).described

    async def swap(self, view: str, generation: int) -> Generations:
        return (await self._registry.change(view, swapped(generation))).described

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]:
        """`StaleOwner` for a generation that is neither live nor filling."""

        async def look(at: Generation, session: Session) -> dict[str, Document]:
            found = await self._all(at.table, {}, "_id", list(keys), session)
            return {one["_id"]: loaded(one) for one in found}

        found = await self._registry.read(view, generation, look)
        return {key: found[key] for key in keys if key in found}

    async def find(self, view: str, query: Query) -> Page:
        async def look(at: Generation, session: Session) -> Page:
            return await find(self._db, at, query, session)

        return await self._registry.read(view, None, look)

    async def positions(self, consumer: str) -> Mapping[str, int]:
        async with self._mongo.reading() as session:
            return await self._positions(consumer, session)

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]:
        """None, for who owned what was dropped."""
        async with self._mongo.reading() as session:
            try:
                held = await self._registry.held(consumer, [], session)
            except StaleOwner:
                return set()
            by = {"consumer": consumer}
            found = await self._all(_seen(held), by, "ids", list(ids), session)
        return {id_ for one in found for id_ in one["ids"]} & set(ids)

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        """What is read here is also written, so that of two who stand on it one begins again."""
        views = {view for view, _ in puts}

        async def work(session: Session) -> None:
            held = await self._registry.held(consumer, views, session)
            at = await self._positions(consumer, session)
            writes = [*self._moved(consumer, at, moves), *self._registry.locks(consumer, views)]
            writes += self._marked(held, seen)
            for (view, key), document in puts.items():
                writes.append(self._put(held.into(view), key, document))
            await self._mongo.write(writes, session)

        await self._mongo.transaction(work)

    async def _adopted(self, store_incarnation: str, *, empty: bool) -> bool:
        """False if a consumer has begun since we looked: it might be of the other life."""
        async with self._mongo.reading() as session:
            standing = await self._registry.standing(session)
            changes = await self._registry.emptied(standing, session) if empty else []

        async def adopt(session: Session) -> bool:
            if empty and await self._registry.standing(session) != standing:
                return False
            origin = {"$set": {"origin": store_incarnation}}
            await self._db[STAMP].update_one({"_id": SHAPE.kind}, origin, session=session)
            return True

        return await self._registry.replaced(changes, adopt)

    async def _positions(self, consumer: str, session: Session) -> dict[str, int]:
        found = self._db[POSITIONS].find({"_id.consumer": consumer}, session=session)
        return {one["_id"]["log"]: one["position"] for one in await found.to_list()}

    async def _all(
        self, collection: str, by: Doc, field: str, values: Sequence[object], session: Session
    ) -> list[Doc]:
        found: list[Doc] = []
        for some in chunks(values, ASKED):
            where = by | {field: {"$in": some}}
            asked = self._db[collection].find(where, session=session)
            found += await asked.batch_size(ASKED).to_list()
        return found

    def _moved(
        self, consumer: str, at: Mapping[str, int], moves: Sequence[Move]
    ) -> Iterator[Write]:
        namespace = self._db[POSITIONS].full_name
        for move in moves:
            if at.get(move.log, 0) != move.old:
                raise StaleOwner(f"{consumer} stands at {at.get(move.log, 0)} of {move.log}")
            place = {"_id": {"consumer": consumer, "log": move.log}}
            change = {"$set": {"position": move.new}, "$inc": TURN}
            yield UpdateOne(place, change, upsert=True, namespace=namespace)

    def _marked(self, held: Held, ids: Collection[UUID]) -> Iterator[Write]:
        namespace = self._db[_seen(held)].full_name
        for some in chunks(list(ids), TOGETHER):
            yield InsertOne({"consumer": held.consumer, "ids": some}, namespace=namespace)

    def _put(self, into: Generation, key: str, document: Document | None) -> Write:
        namespace = self._db[into.table].full_name
        if document is None:
            return DeleteOne({"_id": key}, namespace=namespace)
        columns = {
            column: sortable(kind, reach(document, field))
            for field, (column, kind) in into.columns.items()
            if column != "_id"
        }
        whole = sealed({"_id": key, **columns}, document)
        return ReplaceOne({"_id": key}, whole, upsert=True, namespace=namespace)


def _seen(held: Held) -> str:
    return held.own.seen if held.own else SEEN
