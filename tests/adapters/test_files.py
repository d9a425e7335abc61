"""What holds for every file: stamps, group commit, and what happens when the disk fails."""

import asyncio
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID

import apsw
import pytest

from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.adapters.sqlite.file import File
from shared.adapters.sqlite.stamp import Schema, check_engine
from shared.kernel.errors import (
    DiskFailed,
    DiskFull,
    Incompatible,
    Malformed,
    PortFailed,
    StaleVersion,
    Unreachable,
)
from shared.kernel.ports import Query, Record, View
from shared.testing.contracts.store import run, sealed

PAGE = 4_096
THINGS = Schema(kind="things", version=1, tables="CREATE TABLE things (a TEXT)")


def migrated(version: int, **scripts: str) -> Schema:
    migrations = {int(name[1:]): script for name, script in scripts.items()}
    return Schema(kind="things", version=version, tables="SELECT 1", migrations=migrations)


def closed(path: Path, schema: Schema) -> str:
    with closing(File(path, schema, "OFF")) as file:
        return file.incarnation


@contextmanager
def full_disk(*files: Path) -> Iterator[None]:
    """No file of this process grows beyond what these have now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(f.stat().st_size for f in files), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("version", ["3.40.1", "3.44.6", "3.51.2"])
def test_an_engine_that_can_lose_writes_is_refused(version: str) -> None:
    with pytest.raises(Incompatible, match=version):
        check_engine(version)


def test_this_engine_is_good() -> None:
    for version in ("3.51.3", "3.54.1", "4.0", apsw.sqlite_lib_version()):
        check_engine(version)


def test_a_file_keeps_its_incarnation_and_another_has_another(tmp_path: Path) -> None:
    first = [closed(tmp_path / "a.db", THINGS) for _ in range(2)]
    assert first[0] == first[1] == str(UUID(first[0]))
    assert closed(tmp_path / "b.db", THINGS) != first[0]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    closed(tmp_path / "a.db", THINGS)
    with pytest.raises(Incompatible, match="things"):
        SqliteStore(tmp_path / "a.db", "OFF")


def test_a_file_of_newer_code_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    closed(path, THINGS)
    closed(path, migrated(2, _1="ALTER TABLE things ADD b TEXT"))
    with pytest.raises(Incompatible, match="version 2"):
        closed(path, THINGS)


async def test_an_older_file_is_migrated_step_by_step(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    incarnation = closed(path, THINGS)
    steps = {"_1": "ALTER TABLE things ADD b TEXT", "_2": "INSERT INTO things VALUES ('x', 'y')"}
    for _ in range(2):
        with closing(File(path, migrated(3, **steps), "OFF")) as file:
            assert await file.rows("SELECT a, b FROM things") == [("x", "y")]
            assert file.incarnation == incarnation


def test_an_older_file_that_nothing_migrates_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    closed(path, THINGS)
    with pytest.raises(Incompatible, match="from version 2 to 3"):
        closed(path, migrated(3, _1="ALTER TABLE things ADD b TEXT"))
    closed(path, THINGS)


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, " * 99)
    with closing(apsw.Connection(str(tmp_path / "foreign.db"))) as db:
        db.execute("CREATE TABLE theirs (a)")
    for name in ("text.db", "foreign.db"):
        with pytest.raises(Incompatible):
            closed(tmp_path / name, THINGS)
    with pytest.raises(PortFailed):
        closed(tmp_path / "no" / "folder.db", THINGS)


def test_a_bus_with_another_number_of_partitions_is_refused(tmp_path: Path) -> None:
    SqliteBus(tmp_path / "bus.db", "OFF", partitions=6).close()
    with pytest.raises(Incompatible, match="bus/6"):
        SqliteBus(tmp_path / "bus.db", "OFF", partitions=12)


async def test_what_waits_together_is_one_commit(tmp_path: Path) -> None:
    log = tmp_path / "a.db-wal"
    with closing(SqliteStore(tmp_path / "a.db", "FULL")) as store:
        before = log.stat().st_size
        asked = [store.append(f"s{n}", run(f"s{n}", 0, 2), expected=0) for n in range(200)]
        await asyncio.gather(*asked)
        grown = log.stat().st_size - before
    assert grown < 200 * PAGE  # each commit alone would have written three pages or more


async def test_all_that_waited_fails_with_the_disk_and_nothing_is_half(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path, "FULL")) as store:
        await store.append("a", run("a", 0, 1), expected=0)
        with full_disk(path, Path(f"{path}-wal")):
            big = [sealed("b", 1, b'"' + b"x" * 99_999 + b'"')]
            asked = [store.append(f"c{n}", run(f"c{n}", 0, 1), expected=0) for n in range(9)]
            done = await asyncio.gather(
                store.append("b", big, expected=0), *asked, return_exceptions=True
            )
            assert {type(d) for d in done} == {DiskFailed}
        for late in (store.append("d", run("d", 0, 1), expected=0), store.read("a"), store.end()):
            with pytest.raises(PortFailed):
                await late
    with closing(SqliteStore(path, "FULL")) as store:
        assert [fact for _, fact in await store.follow(after=0, limit=9)] == run("a", 0, 1)
        assert await store.append("b", big, expected=0) == 2


async def test_a_closed_file_answers_what_was_asked_before(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db", "OFF")
    task = asyncio.gather(
        *(store.append(f"s{n}", run(f"s{n}", 0, 1), expected=0) for n in range(9))
    )
    await asyncio.sleep(0)
    store.close()
    assert sorted(await task) == list(range(1, 10))
    with pytest.raises(PortFailed):
        await store.end()


async def test_who_no_longer_waits_hurts_nobody(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db", "OFF")) as store:
        tasks = [
            asyncio.create_task(store.append(f"s{n}", run(f"s{n}", 0, 1), expected=0))
            for n in range(20)
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(d, asyncio.CancelledError) for d in done) == 10
        assert await store.end() == 20  # their outcome was unknown: it happened


async def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path, "OFF")) as one, closing(SqliteStore(path, "OFF")) as other:
        await one.append("a", run("a", 0, 1), expected=0)
        with pytest.raises(StaleVersion):
            await other.append("a", [sealed("a", 1, by="other")], expected=0)
        assert await other.append("a", run("a", 1, 1), expected=1) == 2
        assert await one.read("a") == run("a", 0, 2)


async def test_a_write_waits_for_another_process_before_it_looks(tmp_path: Path) -> None:
    """What it decides on is what is there when its turn has come."""
    path = tmp_path / "a.db"
    with closing(SqliteStore(path, "OFF")) as store, closing(apsw.Connection(str(path))) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = asyncio.create_task(store.append("a", run("a", 0, 1), expected=0))
        await asyncio.sleep(0.2)
        other.execute("INSERT INTO facts VALUES (1, 'b', 1, x'00', '', x'00')")
        other.execute("COMMIT")
        assert await asked == 2


async def test_a_lock_that_another_process_keeps_ends_nothing(tmp_path: Path) -> None:
    """As when it is frozen in its transaction: what waits is not done, and the next one is."""
    path = tmp_path / "a.db"
    with (
        closing(File(path, THINGS, "OFF", patience=50)) as file,
        closing(apsw.Connection(str(path))) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unreachable) as refused:
            await file.write(lambda db: db.execute("INSERT INTO things VALUES ('lost')"))
        assert refused.type is not DiskFull
        assert await file.rows("SELECT a FROM things") == []
        other.execute("ROLLBACK")
        await file.write(lambda db: db.execute("INSERT INTO things VALUES ('kept')"))
        assert await file.rows("SELECT a FROM things") == [("kept",)]


async def test_two_buses_on_one_file_hear_each_other(tmp_path: Path) -> None:
    path = tmp_path / "bus.db"
    with closing(SqliteBus(path, "OFF")) as one, closing(SqliteBus(path, "OFF")) as other:
        for n in range(1, 4):
            await one.publish([Record("T", "k", b"%d" % n)])
            fetched = await other.fetch(["T"], after={}, limit=9)
            assert [d.position for d in fetched] == list(range(1, n + 1))
        assert await one.ends(["T"]) == await other.ends(["T"])


async def test_a_look_that_takes_long_misses_nothing_that_comes_later(tmp_path: Path) -> None:
    with closing(SqliteBus(tmp_path / "bus.db", "OFF")) as bus:
        for n in range(1, 5):
            await bus.publish([Record("T", "k", b"")] * 5_000)
            assert len(await bus.fetch(["T"], after={}, limit=99_999)) == n * 5_000
            assert [*(await bus.ends(["T"])).values()] == [n * 5_000]
            assert len(await bus.fetch(["T"], after={}, limit=9)) == 9


async def test_ten_thousand_looks_are_as_good_as_one(tmp_path: Path) -> None:
    """SQLite's count of steps goes on from look to look; no look may be broken off for it."""
    with closing(SqliteViews(tmp_path / "views.db", "OFF")) as views:
        await views.open([View(name="x.leads")])
        for _ in range(11_000):
            assert await views.get_many("x.leads", ["k"]) == {}
        for _ in range(11_000):
            with pytest.raises(Malformed):
                await views.find("x.leads", Query(cursor="x"))


async def test_a_long_stream_is_read_whole(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db", "OFF")) as store:
        await store.append("a", run("a", 0, 1_500), expected=0)
        await store.append("b", run("b", 0, 1), expected=0)
        assert await store.read("a") == run("a", 0, 1_500)
        assert await store.read("a", after=500) == run("a", 500, 1_000)
        assert len(await store.follow(after=0, limit=9_999)) == 1_501


async def test_what_is_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    pat, now = UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC)
    with closing(SqlitePeople(tmp_path / "people.db")) as people:
        for n in range(50):
            await people.put(UUID(int=n), {"name": f"Somebody {n}", "phone": "+86 138"})
        await people.put(pat, {"name": "Wang Xiaoming"})
        await people.keep(pat, b"the raw claim of Wang Xiaoming" * 500, until=now)
        assert b"Xiaoming" in _everything(tmp_path)
        await people.forget(pat)
        await people.expire(now)
        assert b"Xiaoming" not in _everything(tmp_path)
        assert b"Somebody 49" in _everything(tmp_path)


def _everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_many_that_open_a_new_file_at_once_find_one_life(tmp_path: Path) -> None:
    """SQLite's own patience ends where two make a WAL of one file at once."""
    together = Barrier(8)

    def begin(path: Path) -> str:
        together.wait()
        return closed(path, THINGS)

    with ThreadPoolExecutor(8) as pool:
        for life in range(150):
            assert len(set(pool.map(begin, [tmp_path / f"{life}.db"] * 8))) == 1
