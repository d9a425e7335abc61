"""Documents, seen ids and positions in one file, so that one commit moves them together."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw

from shared.adapters.sqlite import generations as tables
from shared.adapters.sqlite.file import File, Row, Synchronous, each, snapshot
from shared.adapters.sqlite.find import find
from shared.adapters.sqlite.stamp import Schema
from shared.kernel.codec import parsed
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Key, Move, Page, Query, View

SCHEMA = Schema(
    kind="views",
    version=1,
    tables=f"""
{tables.TABLES};
CREATE TABLE seen (
  consumer TEXT NOT NULL, id BLOB NOT NULL, PRIMARY KEY (consumer, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE positions (
  consumer TEXT NOT NULL, log TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (consumer, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE origin (incarnation TEXT NOT NULL) STRICT
""",
)
POSITIONS = "SELECT log, position FROM positions WHERE consumer = ?"
MOVE = "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)"
SEEN = "SELECT id FROM seen WHERE consumer = ? AND id = ?"
SEE = "INSERT OR IGNORE INTO seen VALUES (?, ?)"


class SqliteViews:
    """Several processes may open one file: a commit by who no longer owns its place is stale.

    The same commit twice is stale the second time, as its moves start where nobody stands; one
    without moves is written again, which changes nothing.
    """

    def __init__(self, path: Path, synchronous: Synchronous = "NORMAL") -> None:
        self._file = File(path, SCHEMA, synchronous)
        self.close = self._file.close

    @property
    def incarnation(self) -> str:
        return self._file.incarnation

    async def belongs_to(self, store_incarnation: str) -> bool:
        """False when it was filled from another life of the store, and is empty from now on.

        Documents, positions and seen ids of projections go; policies and the relay keep theirs.
        """

        def work(db: apsw.Connection) -> bool:
            origin = db.execute("SELECT incarnation FROM origin").get
            if origin == store_incarnation:
                return True
            if origin is not None:
                tables.empty_filled(db)
            db.execute("DELETE FROM origin")
            db.execute("INSERT INTO origin VALUES (?)", (store_incarnation,))
            return origin is None

        return await self._file.write(work)

    async def open(self, views: Collection[View]) -> None:
        def work(db: apsw.Connection) -> None:
            for view in views:
                tables.ensure(db, view)

        await self._file.write(work)

    async def generations(self, view: str) -> Generations:
        """Its version is the live one's."""
        return await self._file.read(lambda db: tables.described(db, view))

    async def rebuild(self, view: str) -> Generations:
        def work(db: apsw.Connection) -> Generations:
            tables.refill(db, view)
            return tables.described(db, view)

        return await self._file.write(work)

    async def swap(self, view: str, generation: int) -> Generations:
        def work(db: apsw.Connection) -> Generations:
            tables.swap(db, view, generation)
            return tables.described(db, view)

        return await self._file.write(work)

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]:
        """`StaleOwner` for a generation that is neither live nor filling."""

        def work(db: apsw.Connection) -> Sequence[Row]:
            with snapshot(db):
                return tables.documents(db, tables.target(db, view, generation), keys)

        return {key: parsed(text) for key, text in await self._file.read(work)}

    async def find(self, view: str, query: Query) -> Page:
        def work(db: apsw.Connection) -> Page:
            with snapshot(db):
                return find(db, tables.target(db, view), query)

        return await self._file.read(work)

    async def positions(self, consumer: str) -> Mapping[str, int]:
        return dict(await self._file.rows(POSITIONS, consumer))

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]:
        asked = [(consumer, id_.bytes) for id_ in ids]
        found = await self._file.read(lambda db: each(db, SEEN, asked))
        return {UUID(bytes=id_) for (id_,) in found}

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        by_view: dict[str, dict[str, tuple[Document | None, str]]] = defaultdict(dict)
        for (view, key), document in puts.items():
            by_view[view][key] = document, _text(document)

        def work(db: apsw.Connection) -> None:
            own = tables.owned(db, consumer)
            _move(db, consumer, moves)
            db.executemany(SEE, [(consumer, id_.bytes) for id_ in seen])
            for view, texts in by_view.items():
                into = own if own and own.view == view else tables.target(db, view)
                tables.put(db, into, texts)

        await self._file.write(work)


def _text(document: Document | None) -> str:
    if document is None:
        return ""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _move(db: apsw.Connection, consumer: str, moves: Sequence[Move]) -> None:
    at: dict[str, Any] = dict(db.execute(POSITIONS, (consumer,)))
    for move in moves:
        if at.get(move.log, 0) != move.old:
            raise StaleOwner(f"{consumer} stands at {at.get(move.log, 0)} of {move.log}")
    db.executemany(MOVE, [(consumer, move.log, move.new) for move in moves])
