"""Threads that race for the streams of one store, each on connections of its own.

Run as `python -m tests.reliability.racing PATH JOURNAL FIRST THREADS COUNT SEED`: each thread
appends COUNT facts, a third of them to one stream that all want. FIRST is the number of the
first operation; how often each had to read again is in its answer.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

from shared.adapters.sqlite import SqliteStore
from shared.kernel.errors import PortFailed, StaleVersion
from shared.testing.contracts.store import sealed
from tests.reliability.journal import Journal

HOT, COLD = "hot", 50


async def race(path: Path, kept: Journal, random: Random, count: int) -> None:
    with closing(SqliteStore(path, "OFF")) as store:
        versions: dict[str, int] = {}
        for _ in range(count):
            stream = HOT if random.random() < 1 / 3 else f"cold-{random.randrange(COLD)}"
            number = kept.asked(stream=stream)
            try:
                retries = await append(store, stream, versions, number)
            except PortFailed as failed:
                kept.told(number, "unknown", failed=str(failed))
            else:
                kept.told(number, "ok", version=versions[stream], retries=retries)


async def append(store: SqliteStore, stream: str, versions: dict[str, int], number: int) -> int:
    """Whoever was first wins; the others read again and follow it."""
    retries = 0
    while True:
        known = versions.get(stream, 0)
        known += len(await store.read(stream, after=known))
        fact = sealed(stream, known + 1, b'{"op":%d}' % number, by=f"{number}")
        try:
            await store.append(stream, [fact], expected=known)
        except StaleVersion:
            versions[stream] = known
            retries += 1
            continue
        versions[stream] = known + 1
        return retries


def main(path: str, journal: str, *numbers: str) -> None:
    first, threads, count, seed = map(int, numbers)
    with (
        closing(Journal(Path(journal), first=first, durable=False)) as kept,
        ThreadPoolExecutor(threads) as pool,
    ):
        for _ in pool.map(
            lambda n: asyncio.run(race(Path(path), kept, Random(seed + n), count)), range(threads)
        ):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
