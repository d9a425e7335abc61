"""C1, C2: every view, built anew from the facts, is what it was, and nothing is sent again (X-03),
nor when the platform starts again after it.

Beside the live documents stands an oracle that adds up the raw records and the raw requests.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from shared.testing.platform import Bed, platform
from tests.reliability.looking import Documents, differing, every, everything, records, stored
from tests.reliability.reckoning import collected_wrong, published, rebates_wrong
from tests.reliability.redelivery import LATER, START, asked, turn
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials
from tests.reliability.trade import Asked, Trade, paid

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
ORDERS, TIMES = trials(110, 1_000), trials(2, 3)
LEADS = 8


async def traded(bed: Bed) -> int:
    """A long trade, and leads that are accepted, declined and left alone."""
    requests = [*Trade(Random(11), orders=ORDERS).requests(), *leads()]
    for number, one in enumerate(requests):
        await asked(bed, number, one)
        if number % 20 == 19:
            await bed.settle()
        turn(bed)
    await bed.settle()
    for number in range(LEADS):
        lead = await bed.get(f"/v1/leads/lead-{number}", role="sales")
        if number % 3 < 2 and lead["partner_id"]:
            what = ("acceptance", "decline")[number % 3]
            body = {"offer": 1} | ({"reason": "busy"} if what == "decline" else {})
            await bed.post(f"/v1/leads/lead-{number}/{what}", body, partner=lead["partner_id"])
    await bed.settle()
    await bed.advance(LATER)
    for number in range(4):  # and what came after the settlement
        await asked(bed, 10_000 + number, paid(f"late-{number}", f"p{number + 1}", 77_700, DAY))
    await bed.settle()
    return len(requests)


DAY = "2026-03-28"


def leads() -> list[Asked]:
    weights = {f"p{number}": number for number in range(1, 5)}
    rule = {"rule_id": "east", "regions": ["east"], "weights": weights}
    lead = {"source": "web", "region": "east", "industry": "pumps"}
    return [
        Asked("/v1/lead-rules", rule, "manager"),
        *(
            Asked("/v1/leads", lead | {"lead_id": f"lead-{n}", "company": f"示例客户{n}"}, "sales")
            for n in range(LEADS)
        ),
    ]


async def rebuilt(bed: Bed, random: Random) -> int:
    """All views of all contexts, begun together; others' steps come between."""
    begun = 0
    for worker in random.sample([*bed.platform.workers.values()], len(bed.platform.workers)):
        for projector in worker.projectors.values():
            await projector.rebuild()
            begun += 1
            if random.random() < 0.2:
                await worker.sweep()
    await bed.settle()
    return begun


async def sent(bed: Bed, folder: Path) -> dict[str, object]:
    """All that ever left: facts, records, and what went through a channel."""
    topics = {t for w in bed.platform.workers.values() for t in w.context.published}
    found = Counter(one.topic for one in await records(bed.platform.bus, topics))
    log = folder / "notifications.log"
    return {
        "facts": await stored(bed),
        "records": dict(found),
        "deliveries": log.read_bytes().count(b"\n") if log.exists() else 0,
    }


def more(before: dict[str, object], after: dict[str, object]) -> list[str]:
    return [
        f"{name}: {before[name]}, then {after[name]}"
        for name in before
        if before[name] != after[name]
    ]


async def judged(bed: Bed) -> list[str]:
    """What was collected and earned, by an oracle that knows the records on the topics alone."""
    volumes = published(await records(bed.platform.bus, ["PaymentReceived", "PaymentAllocated"]))
    workers = bed.platform.workers
    rebates = await every(workers["rebates"], "rebates.accounts")
    collected = await every(workers["forecast"], "forecast.collected")
    partners = await every(workers["partners"], "partners.register")
    return [
        *rebates_wrong(rebates, volumes),
        *collected_wrong(collected, volumes),
        *([] if len(partners) == 4 else [f"{len(partners)} partners"]),
    ]


def compared(before: dict[str, Documents], after: dict[str, Documents]) -> list[str]:
    return [one for name, mine in before.items() for one in differing(mine, after[name])]


async def test_every_view_rebuilt_is_what_it_was_and_nothing_is_sent_again(
    tmp_path: Path, tally: Tally
) -> None:
    random, different, again, wrong, begun = Random(12), list[str](), list[str](), list[str](), 0
    async with platform(tmp_path, START) as bed:
        requests = await traded(bed)
        live, left = await everything(bed), await sent(bed, tmp_path)
        wrong += await judged(bed)
        for _ in range(TIMES):
            begun += await rebuilt(bed, random)
            different += compared(live, await everything(bed))
            again += more(left, await sent(bed, tmp_path))
        wrong += await judged(bed)
        facts = sum((await stored(bed)).values())
    async with platform(tmp_path, LATER) as bed:  # nothing is remembered but what was committed
        await bed.settle()
        different += compared(live, await everything(bed))
        del left["records"]  # a relay that starts sends the last of them again (design, 2.4)
        again += more(left, await sent(bed, tmp_path))
    views = {view: len(rows) for one in live.values() for view, rows in one.items()}
    tally(
        "C1 rebuilds",
        {"rebuilds of a view": begun},
        seen={
            "views": len(views),
            "of them with documents": sum(map(bool, views.values())),
            "documents": sum(views.values()),
            "facts": facts,
            "requests": requests,
            "deliveries before": int(str(left["deliveries"])),
        },
        never={
            "documents that differ": different,
            "sums that differ from the oracle's": wrong,
            "facts, records or messages sent again (C2)": again,
        },
    )
    assert sum(map(bool, views.values())) >= 15, views
