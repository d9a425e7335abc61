"""The generations of a database's views, read, held and changed.

What is known of a view lies in several copies. A commit writes into the copy that its consumer's
name falls on, a change of generations into all of them: so neither can pass the other unseen, as
it could if the commit only read, and commits hardly ever meet.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar
from zlib import crc32

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from shared.adapters.mongo.faults import meant
from shared.adapters.mongo.generations import (
    CONSUMER,
    TABLE,
    Generation,
    Held,
    Known,
    Plan,
    emptied,
    first,
    opened,
    owned,
)
from shared.adapters.mongo.server import Database, Doc, Mongo, Session, Work
from shared.adapters.mongo.stamp import ensure
from shared.kernel.ports import View

T = TypeVar("T")
GENERATIONS, POSITIONS = "generations", "positions"
SEEN_BY = ("consumer", "ids")
COPIES = 16
TURN = {"turn": 1}  # every write adds it: one that changed nothing would hold nothing
Change = tuple[Known, Known]
Look = Callable[[Generation, Session], Awaitable[T]]


class Registry:
    def __init__(self, mongo: Mongo, db: Database) -> None:
        self._mongo, self._db, self._copies = mongo, db, db[GENERATIONS]
        self._remembered: dict[str, Known] = {}

    async def known(self, view: str, session: Session) -> Known:
        found = await self._find([view], 0, session)
        self._remembered |= found
        return _opened(view, found)

    async def asked(self, view: str) -> Known:
        async with self._mongo.reading() as session:
            return await self.known(view, session)

    async def read(self, view: str, number: int | None, look: Look[T]) -> T:
        """What was found counts if its generation stands afterwards: a dropped one looks empty."""
        async with self._mongo.reading() as session:
            known = self._remembered.get(view) or await self.known(view, session)
            if known.found(number) is None:
                known = await self.known(view, session)
            while True:
                generation = known.target(number)
                result = await _attempted(look(generation, session))
                known = await self.known(view, session)
                if known.target(number) == generation:
                    return result()

    async def held(self, consumer: str, views: Collection[str], session: Session) -> Held:
        """True until this transaction is done, if it writes what `locks` says too."""
        named = _named(consumer, views)
        found = await self._find(named, _copy(consumer), session)
        for view in views:
            _opened(view, found)
        return Held(consumer, owned(consumer, found), found)

    def locks(self, consumer: str, views: Collection[str]) -> list[UpdateOne]:
        copy, namespace = _copy(consumer), self._copies.full_name
        return [
            UpdateOne({"_id": _id(view, copy)}, {"$inc": TURN}, namespace=namespace)
            for view in _named(consumer, views)
        ]

    async def open(self, views: Collection[View]) -> None:
        for view in views:
            await self._begin(view)
            await self.change(view.name, opened(view))
        await self._sweep()

    async def change(self, view: str, plan: Plan) -> Known:
        while True:
            known = await self.asked(view)
            planned = plan(known)
            if planned == known or await self.replaced([(known, planned)]):
                return planned

    async def replaced(self, changes: Sequence[Change], also: Work[bool] | None = None) -> bool:
        """False if what was known no longer holds, or `also` says so, and then nothing is done.

        What is dropped takes its positions along.
        """
        begun = _more((known, planned) for known, planned in changes)
        dropped = _more((planned, known) for known, planned in changes)
        await self._make(begun)

        async def work(session: Session) -> bool:
            was = {known.view: known for known, _ in changes}
            if await self._find(was, 0, session) != was or (also and not await also(session)):
                return False
            for _, planned in changes:
                copies = [_id(planned.view, n) for n in range(COPIES)]
                written = {"$set": _record(planned), "$inc": TURN}
                await self._copies.update_many({"_id": {"$in": copies}}, written, session=session)
            gone = {"_id.consumer": {"$in": [generation.consumer for generation in dropped]}}
            await self._db[POSITIONS].delete_many(gone, session=session)
            return True

        if not await self._mongo.transaction(work):
            return False
        await self._drop(dropped)
        return True

    async def standing(self, session: Session) -> set[str]:
        """Consumers that have a position."""
        found = self._db[POSITIONS].find({}, {"_id.consumer": 1}, session=session)
        return {one["_id"]["consumer"] for one in await found.to_list()}

    async def emptied(self, consumers: Collection[str], session: Session) -> list[Change]:
        """Every view without what these have written, also one where that changes nothing."""
        plan = emptied(consumers)
        return [(known, plan(known)) for known in await self._every(session)]

    async def _begin(self, view: View) -> None:
        known = first(view)
        record = _record(known) | TURN
        copies = [{"_id": _id(view.name, n), "copy": n} | record for n in range(COPIES)]

        async def work(session: Session) -> None:
            if not await self._find([view.name], 0, session):
                await self._copies.insert_many(copies, session=session)

        async with self._mongo.reading() as session:
            there = await self._find([view.name], 0, session)
        if not there:
            await self._make([known.live])
            await self._mongo.transaction(work)

    async def _sweep(self) -> None:
        """Collections whose drop was interrupted."""
        async with self._mongo.reading() as session:
            every = {known.view: known for known in await self._every(session)}
            names = await self._db.list_collection_names(session=session)
            for name in names:
                found = TABLE.fullmatch(name)
                known = every.get(found["view"]) if found else None
                if found and known and known.dropped(int(found["serial"])):
                    await self._db.drop_collection(name)

    async def _make(self, generations: Collection[Generation]) -> None:
        with meant(self._mongo.name):
            for generation in generations:
                columns = [column for column, _ in generation.columns.values()]
                indexes = [(column, "_id") for column in columns if column != "_id"]
                await ensure(self._db, generation.table, indexes)
                await ensure(self._db, generation.seen, [SEEN_BY])

    async def _drop(self, generations: Collection[Generation]) -> None:
        with meant(self._mongo.name):
            for generation in generations:
                await self._db.drop_collection(generation.table)
                await self._db.drop_collection(generation.seen)

    async def _find(self, views: Collection[str], copy: int, session: Session) -> dict[str, Known]:
        asked = {"_id": {"$in": [_id(view, copy) for view in views]}}
        found = await self._copies.find(asked, session=session).to_list()
        return {known.view: known for known in map(_known, found)}

    async def _every(self, session: Session) -> list[Known]:
        return list(map(_known, await self._copies.find({"copy": 0}, session=session).to_list()))


async def _attempted(work: Awaitable[T]) -> Callable[[], T]:
    """What came of it, told when it is asked: what reads a dropped collection is killed."""
    try:
        found = await work
    except OperationFailure as error:
        failure = error

        def fail() -> T:
            raise failure

        return fail
    return lambda: found


def _more(pairs: Iterable[Change]) -> list[Generation]:
    """Generations that the second of each pair has and the first has not."""
    return [one for before, after in pairs for one in after.standing if one not in before.standing]


def _named(consumer: str, views: Collection[str]) -> set[str]:
    """The views of a commit: what its consumer owns is one, whether written or not."""
    own = CONSUMER.fullmatch(consumer)
    return {*views, own["view"]} if own else set(views)


def _copy(consumer: str) -> int:
    return crc32(consumer.encode()) % COPIES


def _id(view: str, copy: int) -> str:
    return f"{view}/{copy}"


def _opened(view: str, found: Mapping[str, Known]) -> Known:
    if known := found.get(view):
        return known
    raise ValueError(f"view {view} was not opened")


def _record(known: Known) -> Doc:
    return asdict(known)


def _known(record: Doc) -> Known:
    live, filling = _generation(record["live"]), record["filling"]
    return Known(
        record["view"],
        live,
        _generation(filling) if filling else None,
        record["numbers"],
        record["serials"],
    )


def _generation(record: Doc) -> Generation:
    return Generation(**record | {"indexes": tuple(map(tuple, record["indexes"]))})
