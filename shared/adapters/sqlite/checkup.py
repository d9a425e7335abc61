"""A look at a data folder from outside: which engine, and whether the files are whole and ours."""

from contextlib import closing
from pathlib import Path

import apsw

from shared.adapters.sqlite import bus, people, store, views
from shared.adapters.sqlite.stamp import Schema, checked, read
from shared.kernel.errors import PortFailed

SCHEMAS: dict[str, Schema] = {
    ".store": store.SCHEMA,
    ".views": views.SCHEMA,
    ".people": people.SCHEMA,
}


def engine() -> str:
    return f"SQLite {apsw.sqlite_lib_version()}"


def looked_at(path: Path, partitions: int) -> str:
    """`ok`; `Incompatible` for a file of newer code, `PortFailed` for one that is not whole."""
    schema = SCHEMAS.get(Path(path.stem).suffix) or bus.schema(partitions)
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            told = ", ".join(str(row[0]) for row in connection.execute("PRAGMA quick_check"))
            if told != "ok":
                raise PortFailed(f"{path}: {told}")
            checked(read(connection), schema, connection.filename)
    except apsw.Error as error:
        raise PortFailed(f"{path}: {error}") from error
    return told
