"""The event store of one context: positions are assigned inside the transaction."""

from collections.abc import Sequence
from pathlib import Path

import apsw

from shared.adapters.sqlite.file import File, Synchronous
from shared.adapters.sqlite.stamp import Schema
from shared.contracts.event import Envelope
from shared.kernel.codec import pack, unpack
from shared.kernel.errors import StaleVersion

SCHEMA = Schema(
    kind="store",
    version=1,
    tables="""
CREATE TABLE facts (
  position INTEGER PRIMARY KEY, -- the last one + 1: nothing is ever deleted, so without gaps
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  id BLOB NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  envelope BLOB NOT NULL,
  UNIQUE (stream, version)
) STRICT
""",
)
VERSION = "SELECT coalesce(max(version), 0) FROM facts WHERE stream = ?"
INSERT = "INSERT INTO facts (stream, version, id, fingerprint, envelope) VALUES (?, ?, ?, ?, ?)"
READ = """
SELECT envelope, fingerprint FROM facts WHERE stream = ? AND version > ? ORDER BY version LIMIT ?
"""
LAST = """
SELECT position, envelope, fingerprint FROM facts WHERE position <= ?
ORDER BY position DESC LIMIT ?
"""
POSITION = "SELECT position FROM facts WHERE stream = ? AND version = ?"
FOLLOW = """
SELECT position, envelope, fingerprint FROM facts WHERE position > ? ORDER BY position LIMIT ?
"""
PAGE = 500  # of a long stream at a time, so that others get their turn
END = "SELECT coalesce(max(position), 0) FROM facts"


class SqliteStore:
    """Several processes may append to one file: the expected version decides."""

    def __init__(self, path: Path, synchronous: Synchronous = "FULL") -> None:
        self._file = File(path, SCHEMA, synchronous)
        self.close = self._file.close

    @property
    def incarnation(self) -> str:
        return self._file.incarnation

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        facts: list[Envelope] = []
        while True:
            page = await self._file.rows(READ, stream, after + len(facts), PAGE)
            facts += [unpack(raw, fingerprint) for raw, fingerprint in page]
            if len(page) < PAGE:
                return facts

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        if not facts or [f.sequence - expected for f in facts] != [*range(1, len(facts) + 1)]:
            raise ValueError(f"{stream}: facts must follow version {expected}, one by one")
        rows = [(stream, f.sequence, f.id.bytes, f.fingerprint, pack(f)) for f in facts]

        def work(db: apsw.Connection) -> int:
            if db.execute(VERSION, (stream,)).get != expected:
                raise StaleVersion(stream)
            try:
                db.executemany(INSERT, rows)
            except apsw.ConstraintError as error:
                raise StaleVersion(stream) from error
            return db.last_insert_rowid()

        return await self._file.write(work)

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        rows = await self._file.rows(FOLLOW, after, limit)
        return [(position, unpack(raw, fingerprint)) for position, raw, fingerprint in rows]

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        rows = await self._file.rows(LAST, 2**63 - 1 if until is None else until, limit)
        return [(position, unpack(raw, fingerprint)) for position, raw, fingerprint in rows[::-1]]

    async def count(self) -> int:
        return await self.end()

    async def position(self, stream: str, sequence: int) -> int:
        for (position,) in await self._file.rows(POSITION, stream, sequence):
            return int(position)
        raise KeyError(f"{stream} has no fact {sequence}")

    async def end(self) -> int:
        return (await self._file.rows(END))[0][0]  # type: ignore[no-any-return]
