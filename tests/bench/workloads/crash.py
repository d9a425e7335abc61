"""W14: killed at a random moment under load, again and again; what was answered is looked for."""

import asyncio
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, sleep

from services.partners.context import CONTEXT
from services.partners.domain.commands import ChangeLevel
from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.contracts.event import Envelope, Event
from shared.contracts.partners import PartnerEnrolled, PartnerTierChanged
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.runtime.context import Context, Ports
from shared.runtime.hiring import hire
from shared.runtime.platform import Platform
from shared.testing.clock import HandClock
from tests.bench.contest import OURS, Asked, Goal, Workload
from tests.bench.peers.measured import Meter
from tests.bench.peers.traffic import SEED
from tests.bench.workloads import log
from tests.bench.workloads.commands import cause, command
from tests.bench.workloads.replay import count, prepare
from tests.bench.workloads.stores import NOW

CLIENTS, KILLS, LONGEST, READY = 64, 50, 0.6, 1.0
PATIENCE = 60


def counted(key: str, row: Document | None, fact: Event, envelope: Envelope) -> Document:
    """A sum: whatever is applied twice is seen."""
    return {"facts": (row or {"facts": 0})["facts"] + 1}


READER = Context(
    name="reader",
    projections=(
        Projection(
            name="reader.counted",
            source="bus",
            facts=(PartnerEnrolled, PartnerTierChanged),
            keys=lambda fact, _: [fact.partner_id],
            fold=counted,
        ),
    ),
)


@asynccontextmanager
async def platform(folder: Path) -> AsyncIterator[Platform]:
    """Partners with their relay and views, and a reader of the bus; everything durable."""
    bus, clock = SqliteBus(folder / "bus.db"), HandClock()
    closing, workers = [bus.close], {}
    for context in (CONTEXT, READER):
        file = folder / context.name
        store = SqliteStore(Path(f"{file}.store.db"))
        views = SqliteViews(Path(f"{file}.views.db"))
        people = SqlitePeople(Path(f"{file}.people.db"))
        closing += [store.close, views.close, people.close]
        ports = Ports(store=store, views=views, people=people, bus=bus, clock=clock)
        workers[context.name] = await hire(context, ports)
    try:
        yield Platform(workers=workers, clock=clock)
    finally:
        for close in closing:
            close()


async def victim(folder: Path, life: int) -> None:
    """Says each command that was answered; lives until it is killed."""
    async with platform(folder) as one:
        handle = one.workers["partners"].service.handle

        async def client(which: int) -> None:
            number, stream = 0, f"partners.partner-P{life}-{which}"
            enrol = command(0)
            while True:
                asked = enrol if number == 0 else ChangeLevel(level=f"L{number}", at=NOW)
                done = await handle(stream, asked, cause(life << 40 | which << 24 | number))
                sys.stdout.write(f"{stream} {done.version}\n")
                number += 1

        async def told() -> None:
            while True:
                sys.stdout.flush()
                await asyncio.sleep(0.005)

        sys.stdout.write("ready\n")
        await asyncio.gather(one.run(), told(), *(client(n) for n in range(CLIENTS)))


def crashes(asked: Asked, folder: Path) -> Meter:
    kills = max(3, int(KILLS * asked["scale"]))
    meter, chance, acknowledged = Meter(), random.Random(SEED), Counter[str]()
    with meter.running():
        for life in range(kills):
            _killed(folder, life, chance.uniform(0.05, LONGEST), acknowledged)
    meter.done = acknowledged.total()
    meter.figures = {"kills": float(kills), **asyncio.run(_found(folder, acknowledged))}
    meter.figures["ready in s, a million facts"] = _ready(count(asked))
    return meter


def _killed(folder: Path, life: int, after: float, acknowledged: Counter[str]) -> None:
    module = "tests.bench.workloads.crash"
    victim_ = [sys.executable, "-m", module, str(folder), str(life)]
    with (folder / "victim.log").open("wb") as log_:
        running = subprocess.Popen(victim_, stdout=subprocess.PIPE, stderr=log_, text=True)
    assert running.stdout
    if running.stdout.readline() != "ready\n":
        raise RuntimeError((folder / "victim.log").read_text()[-2_000:])
    sleep(after)
    running.send_signal(signal.SIGKILL)
    for line in running.stdout.read().splitlines(keepends=True):
        if line.endswith("\n"):  # the last one may be cut
            stream, version = line.split()
            acknowledged[stream] = max(acknowledged[stream], int(version))
    running.wait()


async def _found(folder: Path, acknowledged: Counter[str]) -> dict[str, float]:
    """Against the store what was answered, against the store what the reader counted."""
    async with platform(folder) as one:
        await one.settle(PATIENCE)
        store = one.workers["partners"].ports.store
        views = one.workers["reader"].ports.views
        stored, applied = Counter[str](), Counter[str]()
        after = 0
        while facts := await store.follow(after=after, limit=5_000):
            stored.update(fact.subject for _, fact in facts)
            applied.update(fact.partitionkey for _, fact in facts)
            after = facts[-1][0]
        lost = sum(max(0, n - stored[stream]) for stream, n in acknowledged.items())
        rows = await views.get_many("reader.counted", list(applied))
        wrong = sum(rows.get(key, {"facts": 0})["facts"] != n for key, n in applied.items())
        return {"stored": float(stored.total()), "lost": float(lost), "wrong rows": float(wrong)}


def _ready(facts: int) -> float:
    """Opens a store of a million facts and loads a stream of the usual length."""
    file, usual = log.path(facts), max(0, facts // log.EVERY - 1)
    began = perf_counter()
    store = SqliteStore(file)
    asyncio.run(store.read(f"partners.partner-P{usual:07}"))
    store.close()
    return perf_counter() - began


CRASH = Workload(
    id="W14",
    title="Killed under load: 64 clients, relay, views and a reader of the bus in one process",
    unit="answered/s",
    ours={OURS: crashes},
    once=True,
    prepare=prepare,
    goals=(
        Goal("acknowledged and lost", lambda f: f.figure("", "lost"), 0.0, at_most=True),
        Goal(
            "rows with a fact lost or doubled",
            lambda f: f.figure("", "wrong rows"),
            0.0,
            at_most=True,
        ),
        Goal(
            "ready in s, a million facts",
            lambda f: f.figure("", "ready in s, a million facts"),
            READY,
            at_most=True,
        ),
    ),
)

if __name__ == "__main__":
    asyncio.run(victim(Path(sys.argv[1]), int(sys.argv[2])))
