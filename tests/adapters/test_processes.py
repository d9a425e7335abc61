"""Several processes on one file, and processes that die."""

import sys
from asyncio import create_subprocess_exec, gather, sleep, subprocess
from asyncio.subprocess import Process
from contextlib import closing
from pathlib import Path
from random import Random

import apsw
import pytest

from shared.adapters.sqlite import SqliteStore
from shared.testing.contracts.store import run

APPENDER = str(Path(__file__).with_name("appender.py"))


async def appender(path: Path, stream: str, who: str, count: int, sync: str) -> Process:
    arguments = (str(path), stream, who, str(count), sync)
    return await create_subprocess_exec(
        sys.executable, APPENDER, *arguments, stdout=subprocess.PIPE
    )


async def told(process: Process) -> list[tuple[str, int]]:
    out, _ = await process.communicate()
    lines = [line.split() for line in out.decode().splitlines(keepends=True) if line[-1] == "\n"]
    return [(stream, int(version)) for stream, version in lines]


async def streams(store: SqliteStore) -> dict[str, list[int]]:
    """The versions of every stream; positions have no gaps."""
    found: dict[str, list[int]] = {}
    end = await store.end()
    followed = await store.follow(after=0, limit=end + 1)
    assert [at for at, _ in followed] == list(range(1, end + 1))
    for _, fact in followed:
        found.setdefault(fact.subject, []).append(fact.sequence)
    return found


@pytest.mark.slow
async def test_two_processes_that_race_for_one_stream_both_get_in(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    racers = await gather(*(appender(path, "hot", who, 200, "OFF") for who in ("one", "two")))
    versions = [version for one in await gather(*map(told, racers)) for _, version in one]
    assert sorted(versions) == list(range(1, 401))
    with closing(SqliteStore(path, "OFF")) as store:
        assert await streams(store) == {"hot": list(range(1, 401))}


@pytest.mark.slow
async def test_what_was_answered_survives_sigkill(tmp_path: Path) -> None:
    path, random, known = tmp_path / "a.db", Random(7), 0
    for round_ in range(8):
        process = await appender(path, "a,b,c", f"round {round_}", 100_000, "FULL")
        assert process.stdout is not None
        first = await process.stdout.readline()
        await sleep(random.uniform(0.0, 0.2))
        process.kill()
        answered = [first.decode().split()[0], *(stream for stream, _ in await told(process))]
        with closing(SqliteStore(path)) as store:
            found = await streams(store)
        stored = sum(map(len, found.values()))
        assert all(versions == list(range(1, len(versions) + 1)) for versions in found.values())
        assert known + len(answered) <= stored <= known + len(answered) + 3  # one open per stream
        known = stored
    with closing(apsw.Connection(str(path))) as db:
        assert db.pragma("integrity_check") == "ok"
    with closing(SqliteStore(path)) as store:
        assert await store.append("z", run("z", 0, 1), expected=0) == known + 1
