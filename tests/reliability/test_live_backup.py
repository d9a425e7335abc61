"""A14. A backup is taken while another process writes: it is a beginning of the log, and opens.

What was answered before it began is in it, nothing is in it that was not asked, and between
there is no hole.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from threading import Thread
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteStore, backup, restore
from shared.testing.contracts.store import run
from tests.reliability import journal
from tests.reliability.journal import Journal
from tests.reliability.oracle import Stored, damage, facts_in, holes
from tests.reliability.serving import LIVENESS
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

LIVES, BACKUPS, STORE = trials(1, 5), 10, "a.store.db"
STREAMS = ("a", "b", "c", "d")
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(600, 3_600))]


@contextmanager
def writing(path: Path, kept: Journal) -> Iterator[None]:
    """A process that appends without an end; what it asks and is answered goes to the journal."""
    endless = ("FULL", "1000", "100000000")
    command = [sys.executable, "-m", "tests.reliability.appending", str(path), *endless, *STREAMS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        listening = Thread(target=listened, args=(process.stdout, kept))
        listening.start()
        try:
            yield
        finally:
            process.kill()
            listening.join(LIVENESS)


def listened(lines: Any, kept: Journal) -> None:
    for line in lines:
        word, *numbers = line.split()
        if word == "asked":
            assert kept.asked() == int(numbers[0])
        if word == "ok":
            kept.told(int(numbers[0]), "ok")


def answered(kept: Journal) -> set[int]:
    return {n for n, one in journal.read(kept.path).items() if one.outcome == "ok"}


@pytest.mark.parametrize("life", range(LIVES))
async def test_a_backup_of_a_live_file_is_a_beginning_of_its_log(
    life: int, tmp_path: Path, tally: Tally
) -> None:
    data, never, sizes = tmp_path / "data", dict[str, list[Any]](), list[int]()
    data.mkdir()
    found: list[tuple[set[int], list[Stored]]] = []
    path = tmp_path / "kept"
    with closing(Journal(path, durable=False)) as kept, writing(data / STORE, kept):
        for number in range(BACKUPS):
            await asyncio.sleep(0.1)
            before = answered(kept)
            backup(data, tmp_path / "backup")
            facts, wrong = await restored(tmp_path, number)
            never.setdefault("not whole", []).extend(wrong)
            found.append((before, facts))
            sizes.append(len(facts))
    asked = journal.read(path).keys()
    final = [fact.envelope["id"] for fact in facts_in(data / STORE)]
    for number, (before, facts) in enumerate(found):
        there = {fact.envelope["data"]["op"] for fact in facts}
        ids = [fact.envelope["id"] for fact in facts]
        never.setdefault("missing", []).extend((number, one) for one in before - there)
        never.setdefault("never asked", []).extend((number, one) for one in there - asked)
        never.setdefault("no beginning", []).extend([number] * (ids != final[: len(ids)]))
    tally(
        "A14 a backup of a live file",
        {"backups": BACKUPS},
        seen={
            "facts in the last": sizes[-1],
            "grew": sum(a < b for a, b in pairwise(sizes)),
            "facts in the end": len(final),
        },
        never=never,
    )


async def restored(folder: Path, number: int) -> tuple[list[Stored], list[Any]]:
    """The facts of the backup, and what is wrong with the life that begins with it."""
    new = folder / "new"
    restore(folder / "backup", new)
    facts = facts_in(new / STORE)
    wrong: list[Any] = [one for those in holes(facts).values() for one in those]
    with closing(SqliteStore(new / STORE, "OFF")) as store:
        position = await store.append("after", run("after", 0, 1), expected=0)
        wrong += [(number, position)] * (position != len(facts) + 1)
    wrong += damage(new / STORE)
    for gone in (folder / "backup", new):
        rmtree(gone)
    return facts, wrong
