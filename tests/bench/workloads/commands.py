"""W4, W13: a command is loaded, decided and appended; many of them for one stream."""

import asyncio
from contextlib import closing
from pathlib import Path

from services.partners.domain.commands import (
    ChangeLevel,
    EnrolPartner,
    ReinstatePartner,
    SuspendPartner,
)
from services.partners.domain.partner import AGGREGATE
from shared.contracts.ids import named
from shared.kernel.errors import StaleVersion
from shared.kernel.handler import Cause, Handler
from shared.testing.clock import HandClock
from tests.bench.contest import LIMIT, OURS, Asked, Goal, Peer, Workload
from tests.bench.peers.measured import Meter, in_flight
from tests.bench.workloads.append import limit, limit_in_flight
from tests.bench.workloads.stores import NOW, opened

LONGEST = 20


def cause(number: int) -> Cause:
    commandid = named("bench", number)
    return Cause(commandid=commandid, actor="bench", correlationid=commandid)


def command(age: int) -> EnrolPartner | SuspendPartner | ReinstatePartner:
    """Each decides one fact."""
    if age == 0:
        return EnrolPartner(
            partner_id="acme",
            type="distributor",
            level="gold",
            regions=("East",),
            industries=(),
            product_lines=("A",),
            at=NOW,
        )
    return SuspendPartner(reason="bench", at=NOW) if age % 2 else ReinstatePartner(at=NOW)


def ours(asked: Asked, folder: Path) -> Meter:
    """Streams of up to 20 facts: the next one begins when the last one is that long."""
    with closing(opened(asked, folder)) as store:
        handle = Handler("partners", (AGGREGATE,), store, HandClock())

        async def call(client: int, number: int) -> None:
            stream = f"partners.partner-{client}-{number // LONGEST}"
            await handle(stream, command(number % LONGEST), cause(client << 32 | number))

        return asyncio.run(in_flight(call, asked["clients"], asked["seconds"]))


def bound(asked: Asked, folder: Path) -> Meter:
    """What W1 and W2 are bound by."""
    if asked["clients"] == 1:
        return limit(asked, folder)
    return limit_in_flight(asked, folder)


def one_process(asked: Asked, folder: Path) -> Meter:
    """Commands of one process wait for each other in front of the stream."""
    return contended(asked, folder, 1)


def two_processes(asked: Asked, folder: Path) -> Meter:
    """As if two processes had the stream: the expected version decides, who loses asks again."""
    return contended(asked, folder, 2)


def contended(asked: Asked, folder: Path, processes: int) -> Meter:
    stream, acknowledged, stale = "partners.partner-acme", 0, 0
    with closing(opened(asked, folder)) as store:
        handlers = [
            Handler("partners", (AGGREGATE,), store, HandClock()) for _ in range(processes)
        ]

        async def call(client: int, number: int) -> None:
            nonlocal acknowledged, stale
            asking = ChangeLevel(level=f"{client}-{number}", at=NOW)
            while True:
                try:
                    await handlers[client % processes](
                        stream, asking, cause(client << 32 | number)
                    )
                except StaleVersion:
                    stale += 1
                else:
                    acknowledged += 1
                    return

        async def contend() -> Meter:
            await handlers[0](stream, command(0), cause(-1))
            meter = await in_flight(call, asked["clients"], asked["seconds"])
            stored = len(await store.read(stream)) - 1
            meter.figures |= {"lost": float(acknowledged - stored), "retries": float(stale)}
            return meter

        return asyncio.run(contend())


ONE_AND_MANY = Workload(
    id="W4",
    title="A command in process: loaded, decided, appended, durable",
    unit="commands/s",
    ours={OURS: ours, LIMIT: bound},
    peers={"eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "command")},
    cases={"1": {"clients": 1}, "64": {"clients": 64}},
    goals=(
        Goal("of the limit @1", lambda f: f.ratio("1", LIMIT), 0.8),
        Goal("commands/s @64", lambda f: f.rate("64"), 20_000, 28_000),
        Goal("p99 in ms @64", lambda f: f.ms("64", "p99"), 6.0, at_most=True),
        Goal("of eventsourcing @64", lambda f: f.ratio("64", "eventsourcing"), 10.0),
    ),
)
ONE_STREAM = Workload(
    id="W13",
    title="Contention: 64 clients, one stream, durable",
    unit="commands/s",
    ours={OURS: one_process, "Qudao, two processes": two_processes, LIMIT: limit},
    peers={"eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "contention")},
    cases={"": {"clients": 64}},
    goals=(
        Goal("of the limit", lambda f: f.ratio("", LIMIT), 0.5),
        Goal(
            "of the limit, two processes",
            lambda f: f.ratio("", LIMIT, who="Qudao, two processes"),
            0.5,
        ),
        Goal("lost", lambda f: f.figure("", "lost"), 0.0, at_most=True),
    ),
)
