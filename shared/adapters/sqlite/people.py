"""Personal data and raw claims, in a file of their own where deleted means gone."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import apsw

from shared.adapters.sortable import instant
from shared.adapters.sqlite.file import File, Synchronous, each
from shared.adapters.sqlite.stamp import Schema

SCHEMA = Schema(
    kind="people",
    version=1,
    secure_delete=True,
    tables="""
CREATE TABLE people (id BLOB PRIMARY KEY, fields TEXT NOT NULL) STRICT;
CREATE TABLE raws (id BLOB PRIMARY KEY, raw BLOB NOT NULL, until TEXT NOT NULL) STRICT;
CREATE INDEX raws_until ON raws (until)
""",
)
PUT = "INSERT INTO people VALUES (?, ?) ON CONFLICT DO UPDATE SET fields = excluded.fields"
GET = "SELECT id, fields FROM people WHERE id = ?"
FORGET = "DELETE FROM people WHERE id = ?"
KEEP = """
INSERT INTO raws VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET raw = excluded.raw, until = excluded.until
"""
RAW = "SELECT raw FROM raws WHERE id = ?"
EXPIRE = "DELETE FROM raws WHERE until <= ?"


class SqlitePeople:
    """Freed cells are overwritten, and the WAL that still shows them is emptied at once.

    Backups made before keep what was forgotten since, as long as they are kept.
    """

    def __init__(self, path: Path, synchronous: Synchronous = "NORMAL") -> None:
        self._file = File(path, SCHEMA, synchronous)
        self.close = self._file.close

    async def put(self, person_id: UUID, fields: Mapping[str, str]) -> None:
        """Takes the place of all that was known; the same twice changes nothing."""
        await self._do(PUT, (person_id.bytes, json.dumps(dict(fields), ensure_ascii=False)))

    async def get_many(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        keys = [(id_.bytes,) for id_ in ids]
        found = await self._file.read(lambda db: each(db, GET, keys))
        return {UUID(bytes=id_): json.loads(fields) for id_, fields in found}

    async def forget(self, person_id: UUID) -> bool:
        return await self._erase(FORGET, person_id.bytes) > 0

    async def keep(self, raw_id: UUID, raw: bytes, *, until: datetime) -> None:
        await self._do(KEEP, (raw_id.bytes, raw, instant(until)))

    async def raw(self, raw_id: UUID) -> bytes | None:
        rows = await self._file.rows(RAW, raw_id.bytes)
        return rows[0][0] if rows else None

    async def expire(self, now: datetime) -> int:
        return await self._erase(EXPIRE, instant(now))

    async def _do(self, sql: str, values: Sequence[object]) -> int:
        def work(db: apsw.Connection) -> int:
            db.execute(sql, values)
            return db.changes()

        return await self._file.write(work)

    async def _erase(self, sql: str, value: object) -> int:
        if gone := await self._do(sql, (value,)):
            await self._file.read_aside(_empty_wal)
        return gone


def _empty_wal(db: apsw.Connection) -> None:
    db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
