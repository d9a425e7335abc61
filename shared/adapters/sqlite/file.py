"""One SQLite file: a thread that writes, a thread that reads, and no one blocks the loop."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import apsw

from shared.adapters.sqlite import stamp
from shared.adapters.sqlite.lane import Job, Lane, Work
from shared.adapters.sqlite.stamp import Schema
from shared.kernel.errors import Incompatible, PortFailed

T = TypeVar("T")
Row = tuple[Any, ...]
Synchronous = Literal["FULL", "NORMAL", "OFF"]
PATIENCE = 60_000  # milliseconds that another process may hold the write lock


class File:
    """Several processes may open the same file; each write waits for the lock.

    Writes that wait together are one transaction, each in a savepoint of its own, and are
    answered after COMMIT. A read sees every write that was answered before it was asked. When
    the disk fails, everything that waits fails with `PortFailed` and so does all that comes
    later: what is on the disk is then known only to the next start.
    """

    def __init__(self, path: Path, schema: Schema, synchronous: Synchronous) -> None:
        stamp.check_engine(apsw.sqlite_lib_version())
        self.path, self._failure = path, ""
        self._writer, self._reader = connection(path), connection(path)
        try:
            self.incarnation = self._set_up(schema, synchronous)
        except BaseException:
            self._close()
            raise
        self._writes = Lane(f"{path.name} writes", self._commit)
        self._reads = Lane(f"{path.name} reads", self._look)

    async def read(self, work: Work[T]) -> T:
        try:
            return await self._reads.ask(work)
        except apsw.Error as error:
            raise PortFailed(f"{self.path}: {error}") from error

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        return await self.read(lambda db: rows(db, sql, *values))

    async def write(self, work: Work[T]) -> T:
        """What `work` raises undoes its own doing alone, unless it is SQLite's."""
        return await self._writes.ask(work)

    def close(self) -> None:
        self._writes.close()
        self._reads.close()
        self._close()

    def _set_up(self, schema: Schema, synchronous: Synchronous) -> str:
        try:
            if self._writer.pragma("journal_mode", "wal") != "wal":
                raise PortFailed(f"{self.path}: this file system does not carry a WAL")
            self._writer.pragma("synchronous", synchronous)
            self._writer.pragma("wal_autocheckpoint", 4_000)
            self._writer.pragma("secure_delete", schema.secure_delete)
            self._reader.pragma("query_only", True)
            with transaction(self._writer):
                return stamp.settle(self._writer, schema).incarnation
        except apsw.NotADBError as error:
            raise Incompatible(f"{self.path}: {error}") from error
        except apsw.Error as error:
            raise PortFailed(f"{self.path}: {error}") from error

    def _commit(self, jobs: Sequence[Job[Any]]) -> None:
        db = self._writer
        try:
            self._check()
            db.execute("BEGIN IMMEDIATE")
            for job in jobs:
                _in_savepoint(db, job)
            db.execute("COMMIT")
        except (apsw.Error, PortFailed) as error:
            self._fail(jobs, error)

    def _look(self, jobs: Sequence[Job[Any]]) -> None:
        for job in jobs:
            with job:
                self._check()
                job.result = job.work(self._reader)

    def _check(self) -> None:
        if self._failure:
            raise PortFailed(self._failure)

    def _fail(self, jobs: Sequence[Job[Any]], error: Exception) -> None:
        self._failure = self._failure or f"{self.path}: {error}"
        with suppress(apsw.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        for job in jobs:
            job.error = PortFailed(self._failure)
            job.error.__cause__ = error

    def _close(self) -> None:
        self._reader.close()
        self._writer.close()


def rows(db: apsw.Connection, sql: str, *values: Any) -> list[Row]:
    return db.execute(sql, values).fetchall()


def each(db: apsw.Connection, sql: str, values: Iterable[Sequence[Any]]) -> list[Row]:
    """The rows for one set of values after the other, however many they are."""
    return db.executemany(sql, values).fetchall()


def connection(path: Path) -> apsw.Connection:
    try:
        db = apsw.Connection(str(path))
    except apsw.Error as error:
        raise PortFailed(f"{path}: {error}") from error
    db.set_busy_timeout(PATIENCE)
    db.pragma("cache_size", -16_000)
    db.pragma("temp_store", "memory")
    return db


@contextmanager
def transaction(db: apsw.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(db: apsw.Connection) -> Iterator[None]:
    """Several queries that see one state."""
    with transaction(db, "BEGIN"):
        yield


def _in_savepoint(db: apsw.Connection, job: Job[Any]) -> None:
    db.execute("SAVEPOINT work")
    job.run(db)
    if isinstance(job.error, apsw.Error):
        raise job.error
    if job.error is not None:
        db.execute("ROLLBACK TO work")
    db.execute("RELEASE work")
