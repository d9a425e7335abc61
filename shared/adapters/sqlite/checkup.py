"""A look at a data folder from outside: which engine, and whether the files are whole."""

from contextlib import closing
from pathlib import Path

import apsw


def engine() -> str:
    return f"SQLite {apsw.sqlite_lib_version()}"


def checked(path: Path) -> str:
    """`ok`, or what is wrong with it."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            return ", ".join(str(row[0]) for row in connection.execute("PRAGMA quick_check"))
    except apsw.Error as error:
        return str(error)
