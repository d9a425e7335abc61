"""One SQLite file: a thread that writes, and reads that never wait for the disk's sync."""

import os
from asyncio import sleep
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from time import monotonic
from time import sleep as pause
from typing import Any, Literal, TypeVar

import apsw

from shared.adapters.sqlite import stamp
from shared.adapters.sqlite.lane import Job, Lane, Work
from shared.adapters.sqlite.stamp import Schema
from shared.kernel.errors import DiskFailed, DiskFull, Incompatible, PortFailed, Unreachable

T = TypeVar("T")
Row = tuple[Any, ...]
Synchronous = Literal["FULL", "NORMAL", "OFF"]
STEPS, SHORT = 10_000, 3  # a look has 3 × 10,000 steps of SQLite's machine, about 1 ms
CHECKPOINT = 4_000  # pages of the WAL from which on they are copied into the file
PATIENCE = 60_000  # milliseconds that another process may hold the write lock
PAUSE = 0.005  # seconds until a lock is tried again for which SQLite does not wait


class File:
    """Several processes may open the same file; each write waits for the lock.

    Writes that wait together are one transaction, each in a savepoint of its own, and are
    answered after COMMIT. A read sees every write that was answered before it was asked. While
    the disk is full, writes are `DiskFull` and undone; while another process keeps the lock for
    longer than `patience` (milliseconds), they are `Unreachable` and were not begun. When the
    disk fails, everything that waits is `DiskFailed` and so is all that comes later: what is on
    it is known only to the next start.
    """

    def __init__(
        self, path: Path, schema: Schema, synchronous: Synchronous, patience: int = PATIENCE
    ) -> None:
        self.path, self._failure, self._spent, self._pages = path, "", 0, 0
        with ExitStack() as open_:
            self._writer = open_.enter_context(closing(connection(path, patience)))
            self._reader = open_.enter_context(closing(connection(path, patience)))
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
        except apsw.BusyError as error:
            raise Unreachable(f"{self.path}: {error}") from error
        except apsw.Error as error:
            raise DiskFailed(f"{self.path}: {error}") from error

    def _set_up(self, schema: Schema, synchronous: Synchronous) -> str:
        try:
            if _to_wal(self._writer) != "wal":
                raise PortFailed(f"{self.path}: this file system does not carry a WAL")
            self._writer.pragma("synchronous", synchronous)
            self._writer.set_wal_hook(self._grown)
            self._writer.pragma("secure_delete", schema.secure_delete)
            with transaction(self._writer):
                stamp.settle(self._writer, schema)
            found = stamp.read(self._reader).incarnation
            if synchronous != "OFF":
                _names_saved(self.path.parent)
            return found
        except apsw.NotADBError as error:
            raise Incompatible(f"{self.path}: {error}") from error
        except (apsw.Error, OSError) as error:
            raise PortFailed(f"{self.path}: {error}") from error

    def _commit(self, jobs: Sequence[Job[Any]]) -> None:
        db = self._writer
        try:
            self._check()
            db.execute("BEGIN IMMEDIATE")
            for job in jobs:
                _in_savepoint(db, job)
            db.execute("COMMIT")
            self._checkpoint()
        except (apsw.Error, DiskFailed) as error:
            self._fail(jobs, error)

    def _grown(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def _checkpoint(self) -> None:
        """By hand, as SQLite's own says nothing when it fails. What is in the WAL is safe, so
        it was committed and is answered; after a failure nothing that comes later is."""
        if self._pages >= CHECKPOINT:
            try:
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except (apsw.BusyError, apsw.FullError):
                return  # another process is at it, or there is no room: the next commit tries
            except apsw.Error as error:
                self._failure = f"{self.path}: {error}"

    def _check(self) -> None:
        if self._failure:
            raise DiskFailed(self._failure)

    def _fail(self, jobs: Sequence[Job[Any]], error: Exception) -> None:
        told, passing = f"{self.path}: {error}", _passing(error)
        if not (self._rolled_back() and passing):
            self._failure = self._failure or told
        for job in jobs:
            job.error = (
                DiskFailed(self._failure) if self._failure or not passing else passing(told)
            )
            job.error.__cause__ = error

    def _rolled_back(self) -> bool:
        with suppress(apsw.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        return not self._writer.in_transaction


def _to_wal(db: apsw.Connection) -> str:
    """SQLite itself does not wait here for another process that does the same just now."""
    until = monotonic() + PATIENCE / 1000
    while monotonic() < until:
        with suppress(apsw.BusyError):
            return str(db.pragma("journal_mode", "wal"))
        pause(PAUSE)
    return str(db.pragma("journal_mode", "wal"))


def _passing(error: Exception) -> type[Unreachable] | None:
    """No room for a page, or for the WAL's index; a sync that found none is a failure. A lock is
    asked for before anything is written.
    """
    no_index = getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE
    if isinstance(error, apsw.FullError) or no_index:
        return DiskFull
    return Unreachable if isinstance(error, apsw.BusyError) else None


def rows(db: apsw.Connection, sql: str, *values: Any) -> list[Row]:
    return db.execute(sql, values).fetchall()


def each(db: apsw.Connection, sql: str, values: Iterable[Sequence[Any]]) -> list[Row]:
    """The rows for one set of values after the other, however many they are."""
    return db.executemany(sql, values).fetchall()


def connection(path: Path, patience: int = PATIENCE) -> apsw.Connection:
    """Every one that writes, a backup's too; an engine that can lose commits gets none."""
    stamp.check_engine(apsw.sqlite_lib_version())
    try:
        db = apsw.Connection(str(path))
    except apsw.Error as error:
        raise PortFailed(f"{path}: {error}") from error
    db.set_busy_timeout(patience)
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


def _names_saved(folder: Path) -> None:
    """The file and its WAL are there by now; SQLite does this too, but ignores a failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _in_savepoint(db: apsw.Connection, job: Job[Any]) -> None:
    db.execute("SAVEPOINT work")
    job.run(db)
    if isinstance(job.error, apsw.Error):
        raise job.error
    if job.error is not None:
        db.execute("ROLLBACK TO work")
    db.execute("RELEASE work")
