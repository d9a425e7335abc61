"""Timers over restarts: what became due while nobody was there fires once, whoever is killed.

Settlements of rebate accounts and deadlines of payments that wait; the clock is turned by hand
due by due, or stands beyond all of them when a process starts again.
"""

import asyncio
import shutil
import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.reliability.lives import Lives, documents_of, lives
from tests.reliability.oracle import Stored, facts_in
from tests.reliability.redelivery import LATER, START, alone, asked, recorded
from tests.reliability.tally import Tally
from tests.reliability.test_owners import copied
from tests.reliability.tiers import trials
from tests.reliability.trade import paid

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
ROUNDS, WAITING = trials(12, 200), 8
POINTS = ("before the append", "after the append", "before the commit", "after the commit")
FIRED = {"rebates": "RebateSettled", "orders": "PaymentDeclined"}
END = "2026-06-05T09:00:00+08:00"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(set_(tmp_path_factory.mktemp("timers")))


async def set_(base: Path) -> Path:
    """Two folders in which all timers are set and none is due."""
    trade = await recorded(base / "trade", 5)
    async with alone(base / "rebates", "rebates") as (bed, worker):
        for number, one in trade.own["rebates"]:
            await asked(bed, number, one)
        topics = frozenset(t for topics in worker.topics.values() for t in topics)
        await bed.platform.bus.publish(trade.of(topics))
        await bed.settle()
    async with alone(base / "orders", "orders") as (bed, _):
        for number in range(WAITING):
            one = paid(f"w{number}", "p1", 100 + number, "2026-01-05", order_id=f"nobody-{number}")
            await asked(bed, number, one)
        await bed.settle()
    return base


def fired(folder: Path, context: str) -> list[Stored]:
    return [
        one
        for one in facts_in(folder / f"{context}.store.db")
        if one.envelope["type"] == FIRED[context]
    ]


def timer(one: Stored) -> str:
    """An account settles once; in one account each payment has its own deadline."""
    return f"{one.stream}/{one.envelope['data'].get('payment_id', '')}"


def due(folder: Path, context: str) -> int:
    return len(documents_of(folder, context, f"{context}.timers"))


def money(folder: Path, context: str) -> list[str]:
    """What fired, without when and by whom."""
    return sorted(
        f"{one.stream} { ({**one.envelope['data']} | {'counted': '', 'ledger_version': ''}) }"
        for one in fired(folder, context)
    )


@pytest.mark.parametrize("context", ["rebates", "orders"])
def test_what_became_due_in_the_downtime_fires_once_however_often_it_is_killed(
    tmp_path: Path, tally: Tally, prepared: Path, context: str
) -> None:
    random, kills = Random(6), Counter[str]()
    wrong, expected, count = list[str](), list[str](), due(prepared / context, context)
    with lives(tmp_path) as nursery:
        for number in range(ROUNDS):
            folder = copied(prepared / context, tmp_path / f"{number}")
            if number:
                how = {"at": LATER} if number % 2 else {"at": START, "until": LATER}
                kills.update(killed(nursery, folder, context, how, random))
            else:
                assert nursery.lived(folder, [context], START, until=LATER) == 0
                expected = money(folder, context)
            assert nursery.lived(folder, [context], END) == 0  # and never again
            times = Counter(map(timer, fired(folder, context)))
            wrong += [f"round {number}: {one} fired twice" for one, n in times.items() if n > 1]
            if money(folder, context) != expected:
                wrong.append(f"round {number}: {len(fired(folder, context))} of {count}")
            if left := due(folder, context):
                wrong.append(f"round {number}: {left} timers are left")
            shutil.rmtree(folder)
    assert len(expected) == count
    tally(
        f"T1 timers of {context}",
        {"restarts": ROUNDS + sum(kills.values())},
        seen={"timers due": count, **kills},
        never={"timers lost, doubled or other": wrong},
    )


def killed(
    nursery: Lives, folder: Path, context: str, how: dict[str, str], random: Random
) -> Counter[str]:
    """At any point of its work, again and again until it lives to the end."""
    kills = Counter[str]()
    while True:
        point, number = random.choice(POINTS), random.randint(1, 30)
        status = nursery.lived(folder, [context], **how, point=point, number=number)
        if status != signal.SIGKILL:
            assert status == 0, nursery.words()[-3:]
            return kills
        kills[f"killed {point}"] += 1
