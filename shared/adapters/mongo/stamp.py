"""What a database says of itself: whose it is, and in which shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure

from shared.adapters.mongo.faults import meant
from shared.adapters.mongo.server import Database, Mongo
from shared.kernel.errors import Incompatible

STAMP = "stamp"
EXISTS = 48
Fields = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """`collections` by name, each with its one index or none."""

    kind: str
    version: int
    collections: Mapping[str, Fields]


async def settled(mongo: Mongo, name: str, shape: Shape) -> Database:
    """The database, made or checked; transactions find every collection there."""
    await mongo.check()
    db = mongo.database(name)
    with meant(mongo.name):
        await _check(db, shape)
        for collection, index in shape.collections.items():
            await ensure(db, collection, [index] if index else [])
    return db


async def ensure(db: Database, collection: str, indexes: Sequence[Fields]) -> None:
    try:
        await db.create_collection(collection, check_exists=False)
    except OperationFailure as error:
        if error.code != EXISTS:
            raise
    if indexes:
        await db[collection].create_indexes([IndexModel(list(fields)) for fields in indexes])


async def _check(db: Database, shape: Shape) -> None:
    there = await db.list_collection_names()
    if there and STAMP not in there:
        raise Incompatible(f"database {db.name} carries no stamp: it is not one of Qudao's")
    stamped = await db[STAMP].find_one({"_id": shape.kind}) or await _stamp(db, shape)
    if stamped["schema"] != shape.version:
        raise Incompatible(
            f"the {shape.kind} of database {db.name} are of version {stamped['schema']};"
            f" this code reads version {shape.version}"
        )


async def _stamp(db: Database, shape: Shape) -> dict[str, int]:
    stamp = {"_id": shape.kind, "schema": shape.version}
    try:
        await db[STAMP].insert_one(stamp)
    except DuplicateKeyError:  # another process was first
        return await db[STAMP].find_one({"_id": shape.kind}) or {}
    return {"schema": shape.version}
