"""One SQLite file: a thread that writes, and reads that never wait for the disk's sync."""

from asyncio import sleep
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
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
STEPS, SHORT = 10_000, 3  # a look has 3 × 10,000 steps of SQLite's machine, about 1 ms
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
        self.path, self._failure, self._spent = path, "", 0
        with ExitStack() as open_:
            self._writer = open_.enter_context(closing(connection(path)))
            self._reader = open_.enter_context(closing(connection(path)))
            self.incarnation = self._set_up(schema, synchronous)
            self._reader.set_progress_handler(self._too_long, STEPS)
            self._writes = open_.enter_context(closing(Lane(f"{path.name} writes", self._commit)))
            self._open = open_.pop_all()
        self.close = self._open.close

    async def read(self, work: Work[T]) -> T:
        """In a turn of the loop, as changing threads costs more than most reads; a long one is
        broken off and begun again aside. So `work` only looks."""
        await sleep(0)
        self._spent = 0
        try:
            return self._look(self._reader, work)
        except apsw.InterruptError:
            return await self.read_aside(work)

    async def read_aside(self, work: Work[T]) -> T:
        return await self._aside.ask(work)

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        return await self.read(lambda db: rows(db, sql, *values))

    async def write(self, work: Work[T]) -> T:
        """What `work` raises undoes its own doing alone, unless it is SQLite's."""
        return await self._writes.ask(work)

    @cached_property
    def _aside(self) -> Lane:
        db = self._open.enter_context(closing(connection(self.path)))
        stamp.read(db)  # whoever has never looked cannot empty the WAL either

        def perform(jobs: Sequence[Job[Any]]) -> None:
            for job in jobs:
                with job:
                    job.result = self._look(db, job.work)

        return self._open.enter_context(closing(Lane(f"{self.path.name} reads", perform)))

    def _too_long(self) -> bool:
        """SQLite counts on from one use of a statement to the next: one call means nothing."""
        self._spent += 1
        return self._spent > SHORT

    def _look(self, db: apsw.Connection, work: Work[T]) -> T:
        self._check()
        try:
            return work(db)
        except apsw.InterruptError:
            raise
        except apsw.Error as error:
            raise PortFailed(f"{self.path}: {error}") from error

    def _set_up(self, schema: Schema, synchronous: Synchronous) -> str:
        try:
            if self._writer.pragma("journal_mode", "wal") != "wal":
                raise PortFailed(f"{self.path}: this file system does not carry a WAL")
            self._writer.pragma("synchronous", synchronous)
            self._writer.pragma("wal_autocheckpoint", 4_000)
            self._writer.pragma("secure_delete", schema.secure_delete)
            with transaction(self._writer):
                stamp.settle(self._writer, schema)
            return stamp.read(self._reader).incarnation
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
    return db


@contextmanager
def transaction(db: apsw.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
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
