"""What every file says of itself: what it is, which shape, and which life it leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from uuid import UUID

import apsw

from shared.kernel.errors import Incompatible

OLDEST = (3, 51, 3)  # before it, a WAL reset can lose committed writes
STAMP = """
CREATE TABLE IF NOT EXISTS stamp (
  kind TEXT NOT NULL,
  schema INTEGER NOT NULL,
  incarnation TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """`migrations[n]` is the script that makes version n + 1 of version n."""

    kind: str
    version: int
    tables: str
    migrations: Mapping[int, str] = field(default_factory=dict)
    secure_delete: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    kind: str
    schema: int
    incarnation: str


def check_engine(version: str) -> None:
    if tuple(map(int, version.split("."))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise Incompatible(f"SQLite {version} can lose committed writes: {oldest} is needed")


def read(db: apsw.Connection) -> Stamp:
    """The stamp of a file that must have one."""
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'stamp'").get:
        raise Incompatible(f"{db.filename} carries no stamp: it is not one of Qudao's files")
    return Stamp(*db.execute("SELECT kind, schema, incarnation FROM stamp").get)


def settle(db: apsw.Connection, schema: Schema) -> None:
    """Make, check or migrate the file, inside the caller's transaction."""
    if not db.execute("SELECT count(*) FROM sqlite_schema").get:
        db.execute(STAMP)
        db.execute(schema.tables)
        stamp = (schema.kind, schema.version, new_incarnation())
        db.execute("INSERT INTO stamp (kind, schema, incarnation) VALUES (?, ?, ?)", stamp)
    stamped = read(db)
    checked(stamped, schema, db.filename)
    _migrate(db, stamped.schema, schema)


def checked(stamped: Stamp, schema: Schema, file: str) -> None:
    if stamped.kind != schema.kind or stamped.schema > schema.version:
        raise Incompatible(
            f"{file} is a {stamped.kind} of version {stamped.schema};"
            f" this code reads a {schema.kind} of version {schema.version}"
        )


def renew(db: apsw.Connection) -> str:
    """Another life, after a restore: what was remembered of the former one is void."""
    db.execute("UPDATE stamp SET incarnation = ?", (incarnation := new_incarnation(),))
    return incarnation


def new_incarnation() -> str:
    """The one thing here that is named by chance: two restores of one backup must differ."""
    return str(UUID(bytes=token_bytes(16), version=4))


def _migrate(db: apsw.Connection, version: int, schema: Schema) -> None:
    for old in range(version, schema.version):
        if old not in schema.migrations:
            raise Incompatible(f"{db.filename}: nothing leads from version {old} to {old + 1}")
        db.execute(schema.migrations[old])
        db.execute("UPDATE stamp SET schema = ?", (old + 1,))
