"""A2. Sixteen writers in two processes race for one stream and fifty: no update is lost."""

import asyncio
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteStore
from tests.reliability import journal
from tests.reliability.oracle import damage, facts_in, holes, not_a_beginning, unfaithful
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

PROCESSES, THREADS = 2, 8
APPENDS = trials(20_000, 200_000)
EACH = APPENDS // (PROCESSES * THREADS)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(1_200, 12_000)),
]


async def test_of_all_who_race_for_a_version_one_wins_and_nothing_is_lost(
    tmp_path: Path, tally: Tally
) -> None:
    path, seen, over = tmp_path / "a.store.db", list[str](), asyncio.Event()
    with closing(SqliteStore(path, "OFF")) as store:
        reading = asyncio.create_task(read_along(store, seen, over))
        codes = await asyncio.gather(*(raced(tmp_path, path, n) for n in range(PROCESSES)))
        over.set()
        await reading
    assert codes == [0] * PROCESSES
    asked = journal.read(*(tmp_path / f"journal{n}" for n in range(PROCESSES)))
    facts = facts_in(path)
    places = {fact.envelope["data"]["op"]: (fact.stream, fact.version) for fact in facts}
    winners = Counter((fact.stream, fact.version) for fact in facts)
    retries = sorted(one.answer.get("retries", 0) for one in asked.values())
    tally(
        "A2 writers race",
        {"appends": len(asked)},
        seen={
            "retries": sum(retries),
            "to the hot stream": sum(fact.stream == "hot" for fact in facts),
            "read along": len(seen),
        },
        never=unfaithful(asked, [fact.envelope["data"]["op"] for fact in facts])
        | holes(facts)
        | {
            "versions won twice": [place for place, count in winners.items() if count > 1],
            "answers that lie": [
                number
                for number, one in asked.items()
                if places.get(number) != (one.asked["stream"], one.answer.get("version"))
            ],
            "told that it is busy": [n for n, one in asked.items() if one.outcome != "ok"],
            "read otherwise": not_a_beginning(seen, [fact.envelope["id"] for fact in facts]),
            "damaged": damage(path),
        },
        told={"retries, 99 of 100": retries[len(retries) * 99 // 100], "most": retries[-1]},
    )


async def read_along(store: SqliteStore, seen: list[str], over: asyncio.Event) -> None:
    """Follows as a relay does, to the end."""
    after = 0
    while not over.is_set() or after < await store.end():
        for position, fact in await store.follow(after=after, limit=500):
            after = position
            seen.append(str(fact.id))
        await asyncio.sleep(0.01)


async def raced(folder: Path, path: Path, number: int) -> int:
    first = 1 + number * 10_000_000
    numbers = map(str, (first, THREADS, EACH, 100 * number))
    command = ("-m", "tests.reliability.racing", str(path), str(folder / f"journal{number}"))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, *numbers)
    return await process.wait()
