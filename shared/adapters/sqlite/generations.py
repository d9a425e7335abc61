"""The tables behind a view: one for each generation, with a column for each declared index."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import apsw

from shared.adapters.sortable import Kind, reach, sortable
from shared.adapters.sqlite.file import Row, each, rows
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Index, View

Role = Literal["live", "filling"]
CONSUMER = re.compile(r"(?P<view>.+)\.v\d+\.g\d+")

TABLES = """
CREATE TABLE generations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  view TEXT NOT NULL,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  indexes TEXT NOT NULL,
  role TEXT, -- live, filling, or NULL for one that was dropped: its number is never used again
  UNIQUE (view, number),
  UNIQUE (view, role)
) STRICT
"""
STANDING = """
SELECT role, id, view, number, version, indexes FROM generations
WHERE view = ? AND role IS NOT NULL
"""
EVERY = "SELECT id, view, number, version, indexes FROM generations WHERE role IS NOT NULL"
BEGIN = """
INSERT INTO generations (view, number, version, indexes, role)
SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM generations WHERE view = ?1
RETURNING id, view, number, version, indexes
"""
FORGET = """
DELETE FROM positions WHERE consumer = :consumer;
DELETE FROM seen WHERE consumer = :consumer
"""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Generation:
    """A table of documents. Its consumer is the one that may write it."""

    id: int
    view: str
    number: int
    version: int
    indexes: str

    @property
    def table(self) -> str:
        return f"documents_{self.id}"

    @property
    def consumer(self) -> str:
        return f"{self.view}.v{self.version}.g{self.number}"

    @property
    def columns(self) -> Mapping[str, Column]:
        """By the field that is asked for; `_key` is always there."""
        return {"_key": Column("key", "key"), **_columns(self.indexes)}

    def made_for(self, view: View) -> bool:
        return (self.version, self.indexes) == (view.version, _declared(view.indexes))


def standing(db: apsw.Connection, view: str) -> dict[Role, Generation]:
    if found := rows(db, STANDING, view):
        return {role: Generation(*row) for role, *row in found}
    raise ValueError(f"view {view} was not opened")


def described(db: apsw.Connection, view: str) -> Generations:
    found = standing(db, view)
    live, filling = found["live"], found.get("filling")
    return Generations(live.version, live.number, filling.number if filling else None)


def target(db: apsw.Connection, view: str, number: int | None = None) -> Generation:
    """The live generation, or the one asked for as long as it is live or filling."""
    for role, generation in standing(db, view).items():
        if role == "live" if number is None else generation.number == number:
            return generation
    raise StaleOwner(f"{view}: generation {number} is neither live nor filling")


def owned(db: apsw.Connection, consumer: str) -> Generation | None:
    """What this projection's consumer writes, live or filling; another consumer owns nothing."""
    named = CONSUMER.fullmatch(consumer)
    if named is None:
        return None
    for _, *row in rows(db, STANDING, named["view"]):
        if (generation := Generation(*row)).consumer == consumer:
            return generation
    raise StaleOwner(f"{consumer} is neither live nor filling")


def ensure(db: apsw.Connection, view: View) -> None:
    """What the code declares is live, or it is filling."""
    known = db.execute("SELECT 1 FROM generations WHERE view = ?", (view.name,)).get
    if not known:
        _begin(db, view.name, view.version, _declared(view.indexes), "live")
        return
    found = standing(db, view.name)
    live, filling = found["live"], found.get("filling")
    if filling and not filling.made_for(view):
        drop(db, filling)
        filling = None
    if not (filling or live.made_for(view)):
        _begin(db, view.name, view.version, _declared(view.indexes), "filling")


def refill(db: apsw.Connection, view: str) -> None:
    found = standing(db, view)
    if filling := found.get("filling"):
        drop(db, filling)
    like = filling or found["live"]
    _begin(db, view, like.version, like.indexes, "filling")


def swap(db: apsw.Connection, view: str, number: int) -> None:
    """A second one asks in vain and does no harm."""
    found = standing(db, view)
    live, filling = found["live"], found.get("filling")
    if live.number == number:
        return
    if filling is None or filling.number != number:
        raise StaleOwner(f"{view}: generation {number} is not filling")
    drop(db, live)
    db.execute("UPDATE generations SET role = 'live' WHERE id = ?", (filling.id,))


def drop(db: apsw.Connection, generation: Generation) -> None:
    db.execute(f"DROP TABLE {generation.table}")
    db.execute("UPDATE generations SET role = NULL WHERE id = ?", (generation.id,))
    db.execute(FORGET, {"consumer": generation.consumer})


def empty_filled(db: apsw.Connection) -> None:
    """Whatever a consumer of the form `<view>.v<version>.g<generation>` has made is void."""
    consumers = {name for (name,) in db.execute("SELECT DISTINCT consumer FROM positions")}
    for generation in [Generation(*row) for row in rows(db, EVERY)]:
        if generation.consumer in consumers:
            db.execute(f"DELETE FROM {generation.table}")
            db.execute(FORGET, {"consumer": generation.consumer})


def put(
    db: apsw.Connection, into: Generation, texts: Mapping[str, tuple[Document | None, str]]
) -> None:
    columns = _columns(into.indexes)
    lines = [
        (key, text, *(sortable(c.kind, reach(document, field)) for field, c in columns.items()))
        for key, (document, text) in texts.items()
        if document is not None
    ]
    gone = [(key,) for key, (document, _) in texts.items() if document is None]
    names = ["document", *(column.name for column in columns.values())]
    marks = ", ".join("?" * (len(names) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    upsert = f"INSERT INTO {into.table} VALUES ({marks}) ON CONFLICT DO UPDATE SET {changes}"
    db.executemany(upsert, lines)
    db.executemany(f"DELETE FROM {into.table} WHERE key = ?", gone)


def documents(db: apsw.Connection, of: Generation, keys: Collection[str]) -> Sequence[Row]:
    sql = f"SELECT key, document FROM {of.table} WHERE key = ?"
    return each(db, sql, ((key,) for key in keys))


def _begin(db: apsw.Connection, view: str, version: int, indexes: str, role: Role) -> None:
    made = Generation(*rows(db, BEGIN, view, version, indexes, role)[0])
    columns = _columns(indexes).values()
    extra = "".join(f", {column.name} TEXT NOT NULL" for column in columns)
    db.execute(f"CREATE TABLE {made.table} (key TEXT PRIMARY KEY, document TEXT NOT NULL{extra})")
    for column in columns:
        name = f"{made.table}_{column.name}"
        db.execute(f"CREATE INDEX {name} ON {made.table} ({column.name}, key)")


def _declared(indexes: Sequence[Index]) -> str:
    return json.dumps([[index.field, index.kind] for index in indexes])


@lru_cache
def _columns(indexes: str) -> dict[str, Column]:
    declared: list[Any] = json.loads(indexes)
    return {field: Column(f"c{n}", kind) for n, (field, kind) in enumerate(declared)}
