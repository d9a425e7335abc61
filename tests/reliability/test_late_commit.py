"""A3. A writer pauses between its position and its commit; a reader that tails skips nothing.

The pause is in SQLite's commit hook: positions are given, nothing is committed. The same rounds
on a store that gives positions out of memory, before its transaction, must show skipped facts.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Protocol

import apsw
import pytest

from shared.adapters.sqlite import SqliteStore
from shared.contracts.event import Envelope
from shared.kernel.codec import pack
from shared.testing.contracts.store import sealed
from tests.reliability.oracle import facts_in, not_a_beginning
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

ROUNDS, OTHERS, PAUSE = trials(300, 3_000), 3, 0.004
FOUND_WITHIN = 20
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(600, 3_600))]


class Paused(Protocol):
    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int: ...


def pausing(store: SqliteStore) -> SqliteStore:
    """Its commits take long, with the positions of their facts in hand."""

    def pause() -> bool:
        time.sleep(PAUSE)
        return False

    store._file._writer.set_commit_hook(pause)
    return store


class Planted:
    """The bug: a position is known before the transaction that will use it begins."""

    INSERT = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)"

    def __init__(self, store: SqliteStore, numbers: "count[int]", pause: float) -> None:
        self._store, self._numbers, self._pause = store, numbers, pause

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        rows = [
            (next(self._numbers), stream, fact.sequence, fact.id.bytes, "f", pack(fact))
            for fact in facts
        ]
        await asyncio.sleep(self._pause)

        def work(db: apsw.Connection) -> int:
            db.executemany(self.INSERT, rows)
            return rows[-1][0]

        return await self._store._file.write(work)


class Reader:
    """Tails as a relay does: from the last position that it saw."""

    def __init__(self, store: SqliteStore) -> None:
        self.seen: list[tuple[int, str]] = []
        self._store = store
        self._after = 0

    async def run(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.look()
            await asyncio.sleep(0)
        await self.look()

    async def look(self) -> None:
        for position, fact in await self._store.follow(after=self._after, limit=100):
            self._after = position
            self.seen.append((position, str(fact.id)))


async def rounds(many: int, reader: Reader, paused: Paused, others: Sequence[Paused]) -> None:
    over = asyncio.Event()
    reading = asyncio.create_task(reader.run(over))
    for number in range(many):
        late = asyncio.create_task(once(paused, f"late-{number}"))
        await asyncio.sleep(PAUSE / 4)
        await asyncio.gather(late, *(once(o, f"o{n}-{number}") for n, o in enumerate(others)))
    over.set()
    await reading


async def once(store: Paused, stream: str) -> None:
    await store.append(stream, [sealed(stream, 1)], expected=0)


async def test_a_reader_skips_nobody_who_commits_late(tmp_path: Path, tally: Tally) -> None:
    path = tmp_path / "a.store.db"
    with ExitStack() as open_:
        first, *stores = [
            open_.enter_context(closing(SqliteStore(path, "OFF"))) for _ in range(OTHERS + 2)
        ]
        reader = Reader(first)
        await rounds(ROUNDS, reader, pausing(stores[0]), stores[1:])
    final = [(fact.position, fact.envelope["id"]) for fact in facts_in(path)]
    positions = [position for position, _ in final]
    tally(
        "A3 a writer commits late",
        {"rounds": ROUNDS},
        seen={"facts": len(final), "read along": len(reader.seen)},
        never={
            "skipped": set(final) - set(reader.seen),
            "read otherwise": not_a_beginning(reader.seen, final),
            "gaps": set(range(1, len(final) + 1)) - set(positions),
        },
    )


async def test_the_same_rounds_find_a_position_given_before_the_commit(
    tmp_path: Path, tally: Tally
) -> None:
    path, numbers = tmp_path / "a.store.db", count(1)
    with ExitStack() as open_:
        first, *stores = [
            open_.enter_context(closing(SqliteStore(path, "OFF"))) for _ in range(OTHERS + 2)
        ]
        reader = Reader(first)
        late, *others = [Planted(one, numbers, PAUSE * (n == 0)) for n, one in enumerate(stores)]
        await rounds(FOUND_WITHIN, reader, late, others)
    final = {(fact.position, fact.envelope["id"]) for fact in facts_in(path)}
    tally(
        "A3 a writer commits late, with the bug planted, as a test of the test",
        {"rounds": FOUND_WITHIN},
        seen={"skipped": len(final - set(reader.seen))},
        never={"not stored": [] if len(final) == FOUND_WITHIN * (OTHERS + 1) else [len(final)]},
    )
