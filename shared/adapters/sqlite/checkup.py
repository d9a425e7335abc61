"""A look at a data folder from outside: which engine, and whether the files are whole."""

from pathlib import Path

import apsw


def engine() -> str:
    return f"SQLite {apsw.sqlite_lib_version()}"


def checked(path: Path) -> str:
    """`ok`, or what SQLite's quick check found."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return ", ".join(str(row[0]) for row in connection.execute("PRAGMA quick_check"))
    finally:
        connection.close()
