"""B3, B4: an owner that dies at each point around its effect, and one that freezes and wakes.

Killed: position and effect are one moment, and the next life ends where one without kills does.
Frozen past its ownership: whoever took over did the work, and nothing of the stale owner's is
written.
"""

import asyncio
import os
import shutil
import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.reliability.lives import Lives, ahead, dumped, lives
from tests.reliability.looking import differing
from tests.reliability.redelivery import START, alone, asked, recorded, repeated
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
POINTS = (
    "before the append",
    "after the append",
    "before the commit",
    "before the position",
    "position written, effect not",
    "effect and position written, not committed",
    "after the commit",
)
KILLS, FREEZES = trials(6, 100), trials(16, 200)
FROZEN = ("before the append", "before the commit")
FORECAST = ["forecast"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(waiting(tmp_path_factory.mktemp("owners")))


async def waiting(base: Path) -> Path:
    """A folder in which a trade's payments wait for forecast, each more than once."""
    trade = await recorded(base / "trade", 3)
    async with alone(base / "prepared", "forecast") as (bed, worker):
        for number, one in trade.own["forecast"]:
            await asked(bed, number, one)
        topics = frozenset(t for topics in worker.topics.values() for t in topics)
        await bed.platform.bus.publish(repeated(trade.of(topics), Random(3)))
    return base / "prepared"


def money(folder: Path) -> dict[str, list[str]]:
    """What is left in the end, whoever did it: documents and facts, without places and turns."""
    found = dumped(folder)
    kept = ("documents", "facts")
    return {name: rows for name, rows in found.items() if name.partition("/")[2].startswith(kept)}


def copied(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared, folder)
    return folder


def test_a_position_and_its_effect_are_one_moment_wherever_the_owner_is_killed(
    tmp_path: Path, tally: Tally, prepared: Path
) -> None:
    random, seen = Random(4), Counter[str]()
    torn, unlike = list[str](), list[str]()
    with lives(tmp_path) as nursery:
        clean = copied(prepared, tmp_path / "clean")
        assert nursery.lived(clean, FORECAST, START) == 0
        expected = summary(clean)
        for point in POINTS:
            for number in range(KILLS):
                folder = copied(prepared, tmp_path / f"{point}-{number}")
                wish = {"point": point, "number": random.randint(1, 9 + 3 * number)}
                while nursery.lived(folder, FORECAST, START, **wish) == signal.SIGKILL:
                    seen[point] += 1
                    torn += [f"{point} {wish['number']}: {one}" for one in ahead(folder)]
                    wish["number"] = random.randint(1, 40)
                if summary(folder) != expected:
                    unlike.append(f"{point} {number}")
                shutil.rmtree(folder)
    tally(
        "B4 killed owners",
        {"kills": sum(seen.values())},
        seen=dict(seen),
        never={"positions apart from their effects": torn, "ends that differ": unlike},
    )


def summary(folder: Path) -> dict[str, list[str]]:
    """Documents as they are; of facts, which there are (their order is that of the lives)."""
    found = money(folder)
    facts = found.pop("forecast.store.db/facts")
    return found | {"facts": [str(len(facts))]}


def test_a_frozen_owner_that_wakes_writes_nothing(
    tmp_path: Path, tally: Tally, prepared: Path
) -> None:
    random, written, lost = Random(5), list[str](), list[str]()
    stale = Counter[str]()
    with lives(tmp_path) as nursery:
        clean = copied(prepared, tmp_path / "clean")
        assert nursery.lived(clean, FORECAST, START) == 0
        expected = summary(clean)
        for number in range(FREEZES):
            folder = copied(prepared, tmp_path / f"{number}")
            found = frozen(nursery, folder, FROZEN[number % 2], random.randint(1, 24), stale)
            written += [f"freeze {number}: {one}" for one in found]
            lost += [f"freeze {number}"] if summary(folder) != expected else []
            shutil.rmtree(folder)
    tally(
        "B3 frozen owners",
        {"freezes": FREEZES},
        seen=dict(stale),
        never={"writes of a stale owner": written, "ends that differ": lost},
    )


def frozen(
    nursery: Lives, folder: Path, point: str, number: int, stale: Counter[str]
) -> list[str]:
    """One stops itself with its write in its hand, another does all the work, the one wakes."""
    one = nursery.begin(folder, FORECAST, START, point=point, number=number, how="freeze")
    if not nursery.wait(one)["stopped"]:
        stale["that were done before"] += 1
        return []
    before = nursery.words()
    assert before[-1].startswith("freeze"), before[-3:]
    assert nursery.lived(folder, FORECAST, START) == 0
    nursery.words()
    left = dumped(folder)
    os.kill(one, signal.SIGCONT)
    told = nursery.wait(one)
    words = nursery.words()
    stale[f"stale {point.rpartition(' ')[2]}s"] += any(w.startswith("stale") for w in words)
    after = [w for w in words if w.startswith(("committed", "appended", "raised"))]
    ended = [] if told["status"] == 0 else [f"ended with {told['status']}: {words[-1:]}"]
    return [*after, *ended, *differing(left, dumped(folder))]
