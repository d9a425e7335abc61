"""W1, W2, W3: appends that are on the disk before they are answered."""

import asyncio
from contextlib import closing
from pathlib import Path

from tests.bench.contest import LIMIT, OURS, Asked, Goal, Peer, Workload
from tests.bench.peers.measured import Meter, in_flight, one_by_one
from tests.bench.peers.traffic import zipf
from tests.bench.workloads.stores import Rows, fact, insert, opened, raw

STREAMS = 1_000


def ours(asked: Asked, folder: Path) -> Meter:
    size = asked.get("size", 1)
    with closing(opened(asked, folder)) as store:

        async def call(_: int, number: int) -> None:
            stream = f"bench.account-{number}"
            facts = [fact(stream, n, number) for n in range(1, size + 1)]
            await store.append(stream, facts, expected=0)

        return asyncio.run(in_flight(call, 1, asked["seconds"], size))


def limit(asked: Asked, folder: Path) -> Meter:
    size, row = asked.get("size", 1), Rows()
    with closing(raw(folder)) as db:

        def call(number: int) -> None:
            stream = f"bench.account-{number}"
            insert(db, [row(stream, n, number * size + n) for n in range(1, size + 1)])

        return one_by_one(call, asked["seconds"], size)


def ours_in_flight(asked: Asked, folder: Path) -> Meter:
    """Every client has streams of its own; how contention does is W13."""
    clients = asked["clients"]
    chosen = [zipf(STREAMS, client) for client in range(clients)]
    versions: list[dict[int, int]] = [{} for _ in range(clients)]
    with closing(opened(asked, folder)) as store:

        async def call(client: int, number: int) -> None:
            stream = next(chosen[client])
            known = versions[client].get(stream, 0)
            name = f"bench.account-{client}-{stream}"
            made = fact(name, known + 1, client << 32 | number)
            await store.append(name, [made], expected=known)
            versions[client][stream] = known + 1

        return asyncio.run(in_flight(call, clients, asked["seconds"]))


def limit_in_flight(asked: Asked, folder: Path) -> Meter:
    """As many rows in a transaction as there are clients."""
    clients, row = asked["clients"], Rows()
    versions: dict[str, int] = {}
    chosen = zipf(STREAMS * clients)
    with closing(raw(folder)) as db:

        def call(number: int) -> None:
            rows = []
            for n in range(clients):
                stream = f"bench.account-{next(chosen)}"
                versions[stream] = version = versions.get(stream, 0) + 1
                rows.append(row(stream, version, number * clients + n))
            insert(db, rows)

        return one_by_one(call, asked["seconds"], clients)


ONE = Workload(
    id="W1",
    title="Append: one writer, one fact, durable",
    unit="facts/s",
    ours={OURS: ours, LIMIT: limit},
    peers={
        "eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "append"),
        "UmaDB": Peer("umadb", "umadb_store.py", "append"),
    },
    goals=(
        Goal("of the limit", lambda f: f.ratio("", LIMIT), 0.85, 0.95),
        Goal("of the best peer", lambda f: f.best(""), 1.0),
        Goal("p99 in ms", lambda f: f.ms("", "p99"), 1.0, at_most=True),
    ),
)
MANY = Workload(
    id="W2",
    title="Append: many in flight, streams by Zipf's law, durable",
    unit="facts/s",
    ours={OURS: ours_in_flight, LIMIT: limit_in_flight},
    peers={
        "eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "concurrent"),
        "UmaDB": Peer("umadb", "umadb_store.py", "concurrent"),
    },
    cases={"8": {"clients": 8}, "64": {"clients": 64}, "256": {"clients": 256}},
    goals=(
        Goal("facts/s @64", lambda f: f.rate("64"), 30_000, 40_000),
        Goal("p99 in ms @64", lambda f: f.ms("64", "p99"), 4.0, at_most=True),
        Goal("of the best peer @64", lambda f: f.best("64"), 3.0),
        Goal("of the limit @64", lambda f: f.ratio("64", LIMIT), 0.6, 0.8),
    ),
)
HUNDRED = Workload(
    id="W3",
    title="Append: one writer, 100 facts a call, durable",
    unit="facts/s",
    ours={OURS: ours, LIMIT: limit},
    peers={
        "eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "append"),
        "UmaDB": Peer("umadb", "umadb_store.py", "append"),
    },
    cases={"": {"size": 100}},
    goals=(
        Goal("facts/s", lambda f: f.rate(""), 80_000, 150_000),
        Goal("of eventsourcing", lambda f: f.ratio("", "eventsourcing"), 2.5),
    ),
)
