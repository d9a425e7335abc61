"""A9. An engine that can lose committed writes is refused by every role, and nothing is made.

The engine is told to be another one: what runs here is compiled into its wheel. The files that
this process does open are asked themselves what they promise.
"""

import os
import re
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials
from tests.runtime.running import LIVENESS, QUDAO, environment

BAD = ("3.7.0", "3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.2")
ROLES = (("up",), ("api", "orders"), ("worker", "orders"), ("backup", "copy"))
PLANTED = """
import apsw
apsw.sqlite_lib_version = lambda: {version!r}
"""
FULL, NORMAL, STORE = 2, 1, "orders.store.db"
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(900, 3_600))]


def refused(folder: Path, version: str, role: tuple[str, ...]) -> tuple[int, str, list[str]]:
    """How it ended, its last words, and what it made of a folder that has a file."""
    planted = folder / "planted"
    planted.mkdir(parents=True)
    (planted / "sitecustomize.py").write_text(PLANTED.format(version=version))
    data = folder / "data"
    data.mkdir()
    SqliteStore(data / STORE, "OFF").close()
    path = os.pathsep.join([str(planted), *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(
        [QUDAO, *role],
        env=environment(data, PYTHONPATH=path),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.communicate(timeout=LIVENESS)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return 0, "it serves", made(data)
    return process.returncode, said, [*made(data), *made(folder / "copy")]


def made(folder: Path) -> list[str]:
    return [found.name for found in folder.glob("*.db*") if found.name != STORE]


def test_every_role_refuses_an_engine_that_can_lose_writes(tmp_path: Path, tally: Tally) -> None:
    tried = [(version, role) for version in trials(BAD[1:2], BAD) for role in ROLES]
    accepted, unclear, files = list[str](), list[str](), list[str]()
    for number, (version, role) in enumerate(tried):
        status, said, more = refused(tmp_path / str(number), version, role)
        accepted += [f"{role} on {version}: {said[-200:]}"] * (status == 0)
        unclear += [said] * (f"SQLite {version} can lose committed writes" not in said)
        files += more
    tally(
        "A9 a known-bad engine",
        {"starts": len(tried)},
        never={"accepted": accepted, "refused without its name": unclear, "files made": files},
    )


def test_every_file_promises_what_it_should(tmp_path: Path, tally: Tally) -> None:
    """WAL; store and bus synced at each commit, as they are the truth; what is folded, lazily."""
    kinds = {SqliteStore: FULL, SqliteBus: FULL, SqliteViews: NORMAL, SqlitePeople: NORMAL}
    wrong = []
    for kind, wanted in kinds.items():
        with closing(kind(tmp_path / f"{kind.__name__}.db")) as port:
            writer = port._file._writer
            found = (writer.pragma("journal_mode"), writer.pragma("synchronous"))
            wrong += [(kind.__name__, found)] * (found != ("wal", wanted))
    tally("A9 what the files promise", {"kinds of file": len(kinds)}, never={"wrong": wrong})


def test_no_file_is_opened_past_the_guard(tally: Tally) -> None:
    """Only the adapters know an engine, and it is always the one whose version is checked."""
    root = Path(__file__).parents[2]
    sources = [path for name in ("shared", "services") for path in (root / name).rglob("*.py")]
    other = re.compile(r"^\s*(import|from) (sqlite3|pysqlite3)\b", re.MULTILINE)
    found = [str(path) for path in sources if other.search(path.read_text())]
    tally("A9 no other engine", {"modules": len(sources)}, never={"that know another": found})
