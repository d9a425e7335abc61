"""B1, B2: every real consumer, its deliveries repeated and in any order, also between topics.

Final read models and money are equal, byte for byte, to those of one delivery each in the order of
publication; and they are what an oracle makes of the raw records, and of what was asked.
"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.testing.platform import Bed, platform
from tests.reliability.leaving import MONEY, left, money_wrong
from tests.reliability.looking import Documents, differing, every
from tests.reliability.reckoning import asked_for
from tests.reliability.redelivery import (
    LATER,
    START,
    Recorded,
    alone,
    asked,
    delivered,
    recorded,
    repeated,
)
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials
from tests.reliability.trade import Asked, Trade
from tests.reliability.wild import WildBus

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
TRADES, SEEDS, PLATFORMS = trials(2, 20), trials(12, 400), trials(4, 200)


@pytest.fixture(scope="module")
def trades(tmp_path_factory: pytest.TempPathFactory) -> "Trades":
    return Trades(tmp_path_factory.mktemp("trades"))


@dataclass
class Trades:
    """Recorded when first asked for; `clean` is what each delivery once, in order, comes to."""

    folder: Path
    known: dict[int, Recorded] = field(default_factory=dict)
    clean: dict[tuple[str, int], Documents] = field(default_factory=dict)

    async def of(self, seed: int) -> Recorded:
        if seed not in self.known:
            self.known[seed] = await recorded(self.folder / f"{seed}", seed)
        return self.known[seed]


async def played(folder: Path, context: str, seed: int, trade: Recorded) -> tuple[int, Any]:
    """Seed 0 is the clean run. What the context is asked itself comes before, or after."""
    random = Random(seed)
    async with alone(folder, context) as (bed, worker):
        facts = trade.of(frozenset(t for topics in worker.topics.values() for t in topics))
        deliveries = repeated(facts, random) if seed else facts
        own = [one for one in trade.own.get(context, []) if context in {"rebates", "forecast"}]
        late = seed % 2 == 1
        for number, one in own if not late else []:
            await asked(bed, number, one)
        half = random.randrange(len(deliveries)) if late else 0
        await bed.platform.bus.publish(deliveries[:half])
        for number, one in own if late else []:
            await worker.sweep()
            await asked(bed, number, one)
        await delivered(bed, worker, deliveries[half:], random)
        return len(deliveries), (await left(worker), await money_wrong(worker, facts))


@pytest.mark.parametrize("context", ["leads", "orders", "rebates", "forecast", "notifications"])
async def test_any_order_and_any_number_of_deliveries_come_to_the_same(
    tmp_path: Path, tally: Tally, trades: Trades, context: str
) -> None:
    different, wrong, deliveries, facts, size = list[str](), list[str](), 0, 0, 0
    for seed in range(1, SEEDS + 1):
        trade = await trades.of(seed % TRADES)
        if (context, seed % TRADES) not in trades.clean:
            folder = tmp_path / f"clean-{seed}"
            once, (clean, amiss) = await played(folder, context, 0, trade)
            trades.clean[context, seed % TRADES] = clean
            facts, wrong = facts + once, [*wrong, *amiss]
        count, (found, amiss) = await played(tmp_path / f"{seed}", context, seed, trade)
        deliveries, wrong = deliveries + count, [*wrong, *amiss]
        clean = trades.clean[context, seed % TRADES]
        size += sum(map(len, found.values()))
        different += [f"seed {seed}: {one}" for one in differing(clean, found)]
    tally(
        f"B2 deliveries to {context}",
        {"seeds": SEEDS},
        seen={"facts": facts, "deliveries": deliveries, "documents compared": size},
        never={"documents that differ": different, "sums of money that differ": wrong},
    )


async def test_the_whole_platform_on_a_wild_bus_comes_to_what_was_asked_for(
    tmp_path: Path, tally: Tally
) -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(1, PLATFORMS + 1):
        random = Random(seed)
        requests = [*Trade(random, orders=16, plain=True).requests()]
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        with closing(SqliteBus(folder / "wild.db", "OFF")) as inner:
            bus = WildBus(inner, random)
            async with platform(folder, START, bus=bus) as bed:
                await asked_wildly(bed, requests, random)
                await rested(bed, bus)
                found = await judged_whole(bed, requests)
        wrong += [f"seed {seed}: {one}" for one in found]
        counts.update(facts=bus.published, deliveries=bus.delivered, requests=len(requests))
    tally(
        "B1 platform on a wild bus",
        {"seeds": PLATFORMS},
        seen=dict(counts),
        never={"sums of money that differ": wrong},
    )


async def asked_wildly(bed: Bed, requests: list[Asked], random: Random) -> None:
    """Some ask twice; sweeps of any context come when they come."""
    for number, one in enumerate(requests):
        for _ in range(random.choice((1, 1, 2))):
            await asked(bed, number, one)
        for worker in random.sample([*bed.platform.workers.values()], random.randint(0, 3)):
            await worker.sweep()


async def rested(bed: Bed, bus: WildBus) -> None:
    async def still() -> None:
        await bed.settle()
        while await bus.rest():
            await bed.settle()

    await still()
    await bed.advance(LATER)
    await still()


async def judged_whole(bed: Bed, requests: list[Asked]) -> list[str]:
    """Independent of the platform's own facts: from what was asked alone."""
    volumes, workers = asked_for(requests), bed.platform.workers
    wrong = [
        one
        for v, judge in MONEY.items()
        for one in judge(await every(workers[v.split(".")[0]], v), volumes)
    ]
    orders = await every(workers["orders"], "orders.orders")
    payments = await every(workers["orders"], "orders.payments")
    wrong += [
        f"{one['order_id']} is {one['status']}" for one in orders if one["status"] != "approved"
    ]
    wrong += [
        f"{one['document_no']} has free money"
        for one in payments
        if float(one["unallocated"]["amount"])
    ]
    asked_of = Counter(one.path for one in requests)
    told = len(orders), len(payments)
    expected = asked_of["/v1/orders"], asked_of["/v1/payments"]
    return [*wrong, *([f"{told} orders and payments, not {expected}"] if told != expected else [])]
