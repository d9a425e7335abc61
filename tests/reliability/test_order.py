"""B1, B2 in numbers: ten thousand facts, each several times; two thousand orders of deliveries.

The same as test_deliveries, which has every adapter's files in it, on adapters that remember.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.orders import (
    AllocatedLine,
    Allocation,
    PaymentAllocated,
    PaymentReceived,
)
from shared.kernel.codec import encode
from shared.kernel.outbox import published
from shared.kernel.ports import Record
from tests.reliability.leaving import left, money_wrong
from tests.reliability.looking import Documents, differing
from tests.reliability.redelivery import Recorded, recorded, repeated
from tests.reliability.remembering import Remembering, remembering
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(3_600, 36_000)),
]
CONTEXTS = ("leads", "orders", "rebates", "forecast", "notifications")
TRADES, SEEDS = trials(2, 20), trials(2_000, 20_000) // len(CONTEXTS)
FACTS, TIMES = 10_000, 5
NOW, FIRST_DAY = datetime(2026, 1, 5, 1, tzinfo=UTC), date(2026, 1, 1)
PARTNERS = [f"p{number}" for number in range(60)]


async def played(context: str, seed: int, trade: Recorded) -> tuple[Documents, list[str], int]:
    """Seed 0: each once, in the order of publication, after what the context is asked itself."""
    random, bench = Random(seed), await remembering(context)
    facts = trade.of(bench.topics)
    deliveries = repeated(facts, random) if seed else facts
    own = trade.own.get(context, []) if context in {"rebates", "forecast"} else []
    early = random.randrange(len(deliveries)) if seed % 2 else 0
    await bench.platform.bus.publish(deliveries[:early])
    for number, one in own:
        if seed % 2:
            await bench.worker.sweep()
        await bench.asked(number, one)
    await bench.delivered(deliveries[early:], random)
    wrong = await money_wrong(bench.worker, facts) + await parked(bench)
    return await left(bench.worker), wrong, len(deliveries)


async def parked(bench: Remembering) -> list[str]:
    return [str(one["error"]) for one in await bench.platform.parked()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trades")


@pytest.mark.parametrize("context", CONTEXTS)
async def test_two_thousand_orders_of_deliveries_come_to_the_same(
    folder: Path, tally: Tally, context: str
) -> None:
    different, wrong, counts = list[str](), list[str](), Counter[str]()
    for number in range(TRADES):
        trade = await recorded(folder / f"{context}-{number}", 40 + number)
        clean, amiss, facts = await played(context, 0, trade)
        wrong, counts = [*wrong, *amiss], counts + Counter(facts=facts)
        for seed in range(1 + number, 1 + SEEDS, TRADES):
            found, amiss, deliveries = await played(context, seed, trade)
            wrong += [f"seed {seed}: {one}" for one in amiss]
            different += [f"seed {seed}: {one}" for one in differing(clean, found)]
            counts.update(deliveries=deliveries, documents=sum(map(len, found.values())))
    tally(
        f"B2 orders of deliveries to {context}",
        {"seeds": SEEDS},
        seen=dict(counts),
        never={"documents that differ": different, "sums of money that differ": wrong},
    )


def payments(random: Random) -> Iterator[Record]:
    """Some are allocated anew, to another product line, once or twice."""
    for number in range(FACTS * 3 // 4):
        partner = random.choice(PARTNERS)
        told: dict[str, Any] = {
            "payment_id": named("b1", number),
            "source_system": "bank",
            "document_no": f"b1-{number}",
            "partner_id": partner,
            "paid_on": FIRST_DAY + timedelta(days=random.randrange(89)),
        }
        fen = random.randint(1, 10_000_000)
        again = random.choice((0, 0, 0, 1)) + random.choice((0, 0, 0, 1))
        for revision in range(1, again + 2):
            amount = Money(Decimal(fen) / 100, "CNY").rounded()
            share = AllocatedLine(product_line=random.choice("ABC"), amount=amount, net=amount)
            one = Allocation(order_id=f"o{number}", region="east", amount=amount, lines=(share,))
            kind = PaymentReceived if revision == 1 else PaymentAllocated
            fact = kind(
                **told,
                amount=amount,
                revision=revision,
                allocations=(one,),
                unallocated=Money.zero("CNY"),
            )
            yield record(fact, partner, number * 10 + revision)


def record(fact: PaymentReceived | PaymentAllocated, partner: str, number: int) -> Record:
    return published(
        Envelope(
            id=named("b1 fact", number),
            source="/orders",
            type=type(fact).__name__,
            subject=f"orders.account-{partner}",
            time=NOW,
            dataschema=f"qudao:/schemas/{fact.schema_name()}",
            sequence=number,
            partitionkey=partner,
            correlationid=named("b1", number),
            causationid=None,
            commandid=named("b1", number),
            actor="b1",
            occurredat=NOW,
            data=encode(fact),
        )
    )


async def test_ten_thousand_facts_delivered_fifty_thousand_times_count_once(tally: Tally) -> None:
    random = Random(1)
    facts = list(payments(random))[:FACTS]
    assert len(facts) == FACTS
    once, again = await remembering("forecast"), await remembering("forecast")
    await once.delivered(facts, Random(0))
    deliveries = facts * TIMES
    random.shuffle(deliveries)
    await again.delivered(deliveries, random)
    clean, found = await left(once.worker), await left(again.worker)
    tally(
        "B1 deliveries of ten thousand facts",
        {"deliveries": len(deliveries)},
        seen={"facts": len(facts), "documents": sum(map(len, found.values()))},
        never={
            "documents that differ": differing(clean, found),
            "sums of money that differ": await money_wrong(again.worker, facts),
            "parked": await parked(again),
        },
    )
