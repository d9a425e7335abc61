"""Personal data and raw claims: collections of their own in the context's database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from shared.adapters.mongo.documents import loaded, sealed
from shared.adapters.mongo.faults import meant
from shared.adapters.mongo.server import Database, Mongo
from shared.adapters.mongo.stamp import Shape, settled
from shared.adapters.sortable import instant

PEOPLE, RAWS = "people", "raws"
SHAPE = Shape("people", 1, {PEOPLE: (), RAWS: ("until",)})


class MongoPeople:
    """Deleted is deleted for whoever asks; MongoDB's oplog, its free blocks and backups show it
    until they are overwritten.
    """

    def __init__(self, mongo: Mongo, db: Database) -> None:
        self._mongo, self._people, self._raws = mongo, db[PEOPLE], db[RAWS]

    @classmethod
    async def of(cls, mongo: Mongo, database: str) -> Self:
        """`Incompatible` when the database is newer than the code, or no one's of ours."""
        return cls(mongo, await settled(mongo, database, SHAPE))

    async def put(self, person_id: UUID, fields: Mapping[str, str]) -> None:
        """Takes the place of all that was known; the same twice changes nothing."""
        whole = sealed({"_id": person_id}, dict(fields))
        with meant(self._mongo.name):
            await self._people.replace_one({"_id": person_id}, whole, upsert=True)

    async def get_many(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        with meant(self._mongo.name):
            found = await self._people.find({"_id": {"$in": list(ids)}}).to_list()
        return {one["_id"]: loaded(one) for one in found}

    async def forget(self, person_id: UUID) -> bool:
        with meant(self._mongo.name):
            gone = await self._people.delete_one({"_id": person_id})
        return gone.deleted_count > 0

    async def keep(self, raw_id: UUID, raw: bytes, *, until: datetime) -> None:
        kept = {"_id": raw_id, "raw": raw, "until": instant(until)}
        with meant(self._mongo.name):
            await self._raws.replace_one({"_id": raw_id}, kept, upsert=True)

    async def raw(self, raw_id: UUID) -> bytes | None:
        with meant(self._mongo.name):
            found = await self._raws.find_one({"_id": raw_id})
        return found["raw"] if found else None

    async def expire(self, now: datetime) -> int:
        with meant(self._mongo.name):
            gone = await self._raws.delete_many({"until": {"$lte": instant(now)}})
        return gone.deleted_count
