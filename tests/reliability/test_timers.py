"""Timers over restarts: what became due while nobody was there fires once, whoever is killed.

Settlements of rebate accounts, deadlines of payments that wait, protections that are announced to
end and that end, and the Mondays of forecasts; the clock is turned by hand due by due, or stands
beyond all of them when a process starts again.
"""

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from shared.runtime.worker import Worker
from shared.testing.platform import Bed
from tests.reliability.lives import Lives, documents_of, lives
from tests.reliability.looking import records
from tests.reliability.oracle import Stored, facts_in
from tests.reliability.redelivery import LATER, START, Recorded, alone, asked, recorded
from tests.reliability.tally import Tally
from tests.reliability.test_owners import copied
from tests.reliability.tiers import trials
from tests.reliability.trade import PARTNERS, cny, paid

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
ROUNDS, WAITING = trials(12, 200), 8
POINTS = ("before the append", "after the append", "before the commit", "after the commit")
FIRED: dict[str, tuple[str, ...]] = {
    "RebateSettled": (),
    "PaymentDeclined": ("payment_id",),
    "DealExpiryAnnounced": ("days",),
    "DealProtectionEnded": (),
    "RegionJudged": ("on",),
    "RoundHeld": ("on",),
    "ForecastPublished": ("week", "period"),
    "AttainmentMeasured": ("week",),
}
"""What a timer leaves, and what tells it from the others of its stream."""
LEFT = {"rebates": 0, "orders": 0, "leads": 0, "forecast": 3}
"""How many are set when all is over: forecasts have a Monday to come."""
END = "2026-06-05T09:00:00+08:00"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(set_(tmp_path_factory.mktemp("timers")))


async def set_(base: Path) -> Path:
    """A folder for each context, in which all timers are set and none is due."""
    trade = await recorded(base / "trade", 5)
    async with alone(base / "leads", "leads") as (bed, worker):
        await heard(bed, worker, trade)
        for number in range(WAITING):
            await protected(bed, f"r{number}", PARTNERS[number % len(PARTNERS)])
    async with alone(base / "chances", "leads") as (bed, worker):
        await heard(bed, worker, trade)
        customer = await protected(bed, "r", PARTNERS[0])
        for number, partner in enumerate(PARTNERS):
            await chance(bed, number, partner, customer)
        trade.published += await records(bed.platform.bus, worker.context.published)
    for context in ("rebates", "forecast"):
        async with alone(base / context, context) as (bed, worker):
            for number, one in trade.own[context]:
                await asked(bed, number, one)
            await heard(bed, worker, trade)
    async with alone(base / "orders", "orders") as (bed, _):
        for number in range(WAITING):
            one = paid(f"w{number}", "p1", 100 + number, "2026-01-05", order_id=f"nobody-{number}")
            await asked(bed, number, one)
        await bed.settle()
    return base


async def heard(bed: Bed, worker: Worker, trade: Recorded) -> None:
    topics = frozenset(t for topics in worker.topics.values() for t in topics)
    await bed.platform.bus.publish(trade.of(topics))
    await bed.settle()


async def protected(bed: Bed, name: str, partner: str) -> str:
    """All with one firm, for a product line each; the firm."""
    deal = {"registration_id": name, "partner_id": partner, "region": "east", "product_line": name}
    firm = {"customer": {"name": "上海华东重工设备有限公司"}}
    await bed.post("/v1/registrations", deal | firm, partner=partner)
    await bed.settle()
    await bed.post(f"/v1/registrations/{name}/approval")
    await bed.settle()
    return str((await bed.get(f"/v1/registrations/{name}"))["customer_id"])


async def chance(bed: Bed, number: int, partner: str, customer: str) -> None:
    body = {"opportunity_id": f"c{number}", "partner_id": partner, "region": "east"}
    body |= {"customer_id": customer, "expected_close": f"2026-0{3 + number % 3}-20"}
    await bed.post("/v1/opportunities", body | {"amount": cny(1_000_00 * (1 + number))})
    await bed.settle()


def fired(folder: Path, context: str) -> list[Stored]:
    return [
        one for one in facts_in(folder / f"{context}.store.db") if one.envelope["type"] in FIRED
    ]


def timer(one: Stored) -> str:
    type_, data = one.envelope["type"], one.envelope["data"]
    return "/".join([one.stream, type_, *(str(data[name]) for name in FIRED[type_])])


def due(folder: Path, context: str) -> int:
    return len(documents_of(folder, context, f"{context}.timers"))


def left_by(folder: Path, context: str) -> list[str]:
    """What fired, without when and by whom."""
    return sorted(
        f"{one.stream} { ({**one.envelope['data']} | {'counted': '', 'ledger_version': ''}) }"
        for one in fired(folder, context)
    )


@pytest.mark.parametrize("context", LEFT)
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
                points = ends(random, max(30, len(expected) // 3))
                kills.update(killed(nursery, folder, context, how, points))
            else:
                assert nursery.lived(folder, [context], START, until=LATER) == 0
            assert nursery.lived(folder, [context], END) == 0  # no other one fires again
            expected = expected or left_by(folder, context)
            times = Counter(map(timer, fired(folder, context)))
            wrong += [f"round {number}: {one} fired twice" for one, n in times.items() if n > 1]
            if left_by(folder, context) != expected:
                wrong.append(f"round {number}: {len(fired(folder, context))} of {count}")
            if (left := due(folder, context)) != LEFT[context]:
                wrong.append(f"round {number}: {left} timers are left")
            shutil.rmtree(folder)
    assert len(expected) == count if not LEFT[context] else len(expected) > count
    tally(
        f"T1 timers of {context}",
        {"restarts": ROUNDS + sum(kills.values())},
        seen={"timers fired": len(expected), **kills},
        never={"timers lost, doubled or other": wrong},
    )


def ends(random: Random, reach: int) -> Iterator[tuple[str, int]]:
    """Points, and at which of their passes."""
    while True:
        yield random.choice(POINTS), random.randint(1, reach)


def killed(
    nursery: Lives,
    folder: Path,
    context: str,
    how: dict[str, str],
    points: Iterator[tuple[str, int]],
) -> Counter[str]:
    """At any point of its work, again and again until it lives to the end."""
    kills = Counter[str]()
    for point, number in points:
        status = nursery.lived(folder, [context], **how, point=point, number=number)
        if status != signal.SIGKILL:
            assert status == 0, nursery.words()[-3:]
            break
        kills[f"killed {point}"] += 1
    return kills
