"""A backup is one instant of the whole folder; what is restored from it lives anew."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import sleep

import apsw
import pytest

from shared.adapters.sqlite import SqliteStore, SqliteViews, backup, restore
from shared.kernel.errors import Incompatible
from shared.kernel.ports import Move, Record, View
from shared.testing.contracts.store import run
from shared.testing.embedded import embedded

PLAIN = ("clock", "keys/issuer.json", "none")


async def folder(path: Path) -> Path:
    """A folder at work: one fact, stored, published, seen."""
    _plain(path)
    with embedded(path, "leads") as contexts:
        leads = contexts["leads"]
        await leads.store.append("leads.lead-1", run("leads.lead-1", 0, 1), expected=0)
        await leads.bus.publish([Record("LeadRegistered", "acme", b"{}")])
        await leads.views.open([View(name="leads.list")])
        await leads.views.commit(
            "leads.list.v1.g1", [Move("store", 0, 1)], {("leads.list", "1"): {}}
        )
        await leads.views.commit("leads.relay", [Move("store", 0, 1)], {})
    return path


def _plain(path: Path) -> None:
    (path / "keys").mkdir(parents=True)
    (path / "clock").write_text("2026-01-01")
    (path / "keys" / "issuer.json").write_text("{}")
    (path / "keys" / "issuer.json").chmod(0o600)


async def test_brings_everything_back(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    backup(data, tmp_path / "backup", PLAIN)
    restore(tmp_path / "backup", tmp_path / "new")
    assert (tmp_path / "new" / "clock").read_text() == "2026-01-01"
    assert (tmp_path / "new" / "keys" / "issuer.json").stat().st_mode & 0o777 == 0o600
    names = {path.name for path in data.iterdir()}
    assert {path.name for path in (tmp_path / "new").iterdir()} == names
    with embedded(tmp_path / "new", "leads") as contexts:
        leads = contexts["leads"]
        assert await leads.store.read("leads.lead-1") == run("leads.lead-1", 0, 1)
        assert len(await leads.bus.fetch(["LeadRegistered"], after={}, limit=9)) == 1
        assert await leads.views.get_many("leads.list", ["1"]) == {"1": {}}
        assert await leads.views.positions("leads.relay") == {"store": 1}


async def test_what_is_restored_leads_another_life(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    with embedded(data, "leads") as contexts:
        lives = {contexts["leads"].store.incarnation}
    with closing(SqliteViews(data / "leads.views.db", "OFF")) as views:
        assert await views.belongs_to(*lives)
    backup(data, tmp_path / "backup")
    for name in ("new", "newer"):
        restore(tmp_path / "backup", tmp_path / name)
        with closing(SqliteStore(tmp_path / name / "leads.store.db", "OFF")) as store:
            lives.add(after := store.incarnation)
        with closing(SqliteViews(tmp_path / name / "leads.views.db", "OFF")) as views:
            assert not await views.belongs_to(after)
            assert await views.get_many("leads.list", ["1"]) == {}
            assert await views.positions("leads.list.v1.g1") == {}
            assert await views.positions("leads.relay") == {"store": 1}
    assert len(lives) == 3


async def test_the_manifest_says_what_is_there(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    backup(data, tmp_path / "backup", PLAIN)
    files = json.loads((tmp_path / "backup" / "manifest.json").read_text())["files"]
    assert {one["name"]: one.get("kind") for one in files} == {
        "bus.db": "bus/6",
        "leads.people.db": "people",
        "leads.store.db": "store",
        "leads.views.db": "views",
        "clock": None,
        "keys/issuer.json": None,
    }
    with closing(SqliteStore(data / "leads.store.db", "OFF")) as store:
        (kept,) = [one for one in files if one["name"] == "leads.store.db"]
        assert (kept["incarnation"], kept["schema"]) == (store.incarnation, 1)


async def test_a_backup_while_others_write_is_one_instant(tmp_path: Path) -> None:
    """Each fact is stored, then published, then counted: no later file may be ahead."""
    path, stop = tmp_path / "data", asyncio.Event()
    path.mkdir()

    async def write(stream: str) -> None:
        store, bus, views = contexts["x"].store, contexts["x"].bus, contexts["x"].views
        done = 0
        while not stop.is_set():
            await store.append(stream, run(stream, done, 1), expected=done)
            await bus.publish([Record("T", stream, b"%d" % done)])
            await views.commit(stream, [Move("store", done, done + 1)], {})
            done += 1

    with embedded(path, "x") as contexts:
        streams = [f"s{n}" for n in range(8)]
        writers = [asyncio.create_task(write(stream)) for stream in streams]
        for n in range(3):
            await asyncio.sleep(0.05)
            await asyncio.to_thread(backup, path, tmp_path / f"backup{n}")
        stop.set()
        await asyncio.gather(*writers)
        last = await contexts["x"].store.follow(after=0, limit=99_999)
    for n in range(3):
        restore(tmp_path / f"backup{n}", tmp_path / f"new{n}")
        with embedded(tmp_path / f"new{n}", "x") as restored:
            facts = await restored["x"].store.follow(after=0, limit=99_999)
            assert 0 < len(facts) < len(last)
            assert facts == last[: len(facts)]
            fetched = await restored["x"].bus.fetch(["T"], after={}, limit=99_999)
            for stream in streams:
                stored = sum(fact.subject == stream for _, fact in facts)
                sent = sum(delivery.record.key == stream for delivery in fetched)
                counted = (await restored["x"].views.positions(stream)).get("store", 0)
                assert counted <= sent <= stored <= counted + 1


async def test_a_backup_waits_for_who_writes_and_all_others_wait_for_it(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    with embedded(data, "leads") as contexts:
        store = contexts["leads"].store
        with locked(data / "leads.views.db"):
            copying = asyncio.create_task(asyncio.to_thread(backup, data, tmp_path / "backup"))
            await asyncio.to_thread(until_busy, data / "leads.store.db")
            late = asyncio.create_task(store.append("b", run("b", 0, 1), expected=0))
            await asyncio.sleep(0.05)
            assert not (late.done() or copying.done())
        assert await late == 2
        await copying
    restore(tmp_path / "backup", tmp_path / "new")
    with closing(SqliteStore(tmp_path / "new" / "leads.store.db", "OFF")) as store:
        assert await store.end() == 1


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(apsw.Connection(str(path))) as db:
        db.execute("BEGIN IMMEDIATE")
        yield


def until_busy(path: Path) -> None:
    with suppress(apsw.BusyError):
        while True:
            with locked(path):
                sleep(0.001)


async def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    backup(data, tmp_path / "backup")
    with pytest.raises(Incompatible, match="not empty"):
        backup(data, tmp_path / "backup")
    with pytest.raises(Incompatible, match="not empty"):
        restore(tmp_path / "backup", data)


async def test_a_changed_file_is_not_restored(tmp_path: Path) -> None:
    data = await folder(tmp_path / "data")
    backup(data, tmp_path / "backup", PLAIN)
    with closing(apsw.Connection(str(tmp_path / "backup" / "leads.store.db"))) as db:
        db.execute("DELETE FROM facts")
    with pytest.raises(Incompatible, match=r"leads\.store\.db"):
        restore(tmp_path / "backup", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "",
        "[]",
        '{"format": 2, "files": []}',
        '{"format": 1, "files": [{"name": "../evil", "sha256": ""}]}',
        '{"format": 1, "files": [{"name": "/evil", "sha256": ""}]}',
        '{"format": 1, "files": [{"name": "missing.db", "sha256": ""}]}',
        '{"format": 1, "files": 7}',
    ],
)
def test_a_folder_without_a_finished_backup_is_not_restored(
    tmp_path: Path, manifest: str | None
) -> None:
    (tmp_path / "backup").mkdir()
    if manifest is not None:
        (tmp_path / "backup" / "manifest.json").write_text(manifest)
    with pytest.raises(Incompatible):
        restore(tmp_path / "backup", tmp_path / "new")


def test_a_folder_with_a_foreign_file_is_not_backed_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with closing(apsw.Connection(str(data / "foreign.db"))) as db:
        db.execute("CREATE TABLE theirs (a)")
    with pytest.raises(Incompatible, match="stamp"):
        backup(data, tmp_path / "backup")
