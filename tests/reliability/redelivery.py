"""The facts of one trade, recorded as they were published, and delivered again to one context.

Every delivery is a real one: records on an embedded bus, read by all consumers of the context.
The order is another one between topics, within a topic and within a key; each record comes up to
six times.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from shared.kernel.ports import Record
from shared.runtime.worker import Worker
from shared.testing.platform import Bed, platform
from tests.reliability.looking import records
from tests.reliability.trade import Asked, Trade

START, LATER = "2026-01-05T09:00:00+08:00", "2026-05-05T09:00:00+08:00"
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Recorded:
    """What was published, by whom asked for; `own` is what a context was asked itself."""

    published: list[Record] = field(default_factory=list)
    own: dict[str, list[tuple[int, Asked]]] = field(default_factory=dict)
    refused: int = 0

    def of(self, topics: frozenset[str]) -> list[Record]:
        return [one for one in self.published if one.topic in topics]


async def asked(bed: Bed, number: int, one: Asked) -> int:
    headers = {"Authorization": f"Bearer {bed.token(one.role)}"}  # type: ignore[arg-type]
    headers["Idempotency-Key"] = f"trade-{number}"
    answer = await bed.http.post(one.path, json=one.body, headers=headers)
    assert answer.status_code in {200, 201, 409}, answer.text
    return answer.status_code


async def recorded(folder: Path, seed: int) -> Recorded:
    """One trade in its own order, on a platform that has time for each step."""
    found = Recorded()
    folder.mkdir()
    async with platform(folder, START) as bed:
        for number, one in enumerate(Trade(Random(seed)).requests()):
            found.refused += await asked(bed, number, one) == 409
            what = one.path.split("/")[2]
            context = next(name for name, paths in OWNERS.items() if what in paths)
            found.own.setdefault(context, []).append((number, one))
            if number % 6 == 5:
                await bed.platform.settle(60)
            turn(bed)
        await bed.settle()
        await bed.advance(LATER)
        await bed.settle()
        topics = {t for w in bed.platform.workers.values() for t in w.context.published}
        found.published = await records(bed.platform.bus, topics)
    return found


OWNERS = {
    "partners": ("partners",),
    "leads": ("leads", "lead-rules"),
    "orders": ("orders", "payments"),
    "rebates": ("rebates",),
    "forecast": ("forecast",),
    "notifications": ("notification-rules",),
}


def turn(bed: Bed) -> None:
    assert bed.house.turn is not None
    bed.house.turn.set(bed.platform.clock() + MINUTE)


@asynccontextmanager
async def alone(folder: Path, context: str) -> AsyncIterator[tuple[Bed, Worker]]:
    folder.mkdir()
    async with platform(folder, START, contexts=[context]) as bed:
        yield bed, bed.platform.workers[context]


def repeated(facts: Sequence[Record], random: Random) -> list[Record]:
    """Each at least once, some up to six times, in no order at all."""
    again = [one for one in facts for _ in range(random.choice((1, 1, 2, 3, 6)))]
    random.shuffle(again)
    return again


async def delivered(
    bed: Bed, worker: Worker, deliveries: Sequence[Record], random: Random
) -> None:
    """In batches of any size, with any number of sweeps between; then the rest of the year."""
    at = 0
    while at < len(deliveries):
        size = random.choice((1, 7, 40, 200))
        await bed.platform.bus.publish(deliveries[at : at + size])
        at += size
        if random.random() < 0.5:
            await worker.sweep()
    await bed.settle()
    await bed.advance(LATER)
    await bed.settle()
