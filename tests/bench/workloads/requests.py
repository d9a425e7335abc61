"""W5, W10: a command over HTTP, and how long until its row is there to be read."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

from shared.runtime.http import Caller
from shared.runtime.tokens import LOCAL, Issuer
from tests.bench.contest import LIMIT, OURS, Asked, Figures, Goal, Peer, Workload
from tests.bench.peers import http_client
from tests.bench.peers.measured import Histogram, Meter

LOOK = 0.0005  # seconds between looks at the view
PATIENCE = 30.0
WARM_UP = 50.0, 2.0  # commands/s and seconds: until a producer has met its broker


def token(folder: Path) -> str:
    return Issuer.of(folder).token(Caller(issuer=LOCAL, subject="bench", role="manager"))


def command(kind: str, folder: Path, port: int, *more: str) -> list[str]:
    module = "tests.bench.workloads.server"
    return [sys.executable, "-m", module, kind, str(folder), str(port), *more]


def ours(asked: Asked, folder: Path) -> Meter:
    return _asked(asked, folder, "api")


def limit(asked: Asked, folder: Path) -> Meter:
    return _asked(asked, folder, "null")


def _asked(asked: Asked, folder: Path, kind: str) -> Meter:
    mine, port = token(folder), http_client.free_port()
    with http_client.server(command(kind, folder, port), folder, port):
        if "per_second" in asked:
            ask = http_client.opened(port, mine, asked["per_second"], asked["seconds"])
        else:
            ask = http_client.closed(port, mine, asked["clients"], asked["seconds"])
        meter: Meter = asyncio.run(ask)
        return meter


COMMAND = Workload(
    id="W5",
    title="A command over HTTP: one server process, keep-alive, durable",
    unit="requests/s",
    ours={OURS: ours, LIMIT: limit},
    peers={"FastAPI + eventsourcing": Peer("eventsourcing", "eventsourcing_http.py", "")},
    cases={"64": {"clients": 64}, "500/s": {"per_second": 500.0}},
    goals=(
        Goal("of the null handler @64", lambda f: f.ratio("64", LIMIT), 0.75, 0.85),
        Goal("requests/s @64", lambda f: f.rate("64"), 4_000, 6_000),
        Goal("p50 in ms at 500/s", lambda f: f.ms("500/s", "p50"), 3.0, at_most=True),
        Goal("p99 in ms at 500/s", lambda f: f.ms("500/s", "p99"), 12.0, at_most=True),
    ),
)


class Watch:
    """Looks at a view's own file from outside, as any reader would see it."""

    def __init__(self, file: Path, view: str) -> None:
        self._file, self._view = file, view
        self._over = Event()
        self.visible: dict[str, float] = {}
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def wait(self, wanted: Collection[str]) -> None:
        until = perf_counter() + PATIENCE
        while not {*wanted} <= self.visible.keys() and perf_counter() < until:
            if not self._thread.is_alive():
                raise RuntimeError(f"nobody looks at {self._file} any more")
            sleep(0.01)
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as db:
            live = "SELECT id FROM generations WHERE view = ? AND role = 'live'"
            number = db.execute(live, (self._view,)).fetchone()[0]
            fresh, last = f"SELECT rowid, key FROM documents_{number} WHERE rowid > ?", 0
            while not self._over.is_set():
                for number, key in db.execute(fresh, (last,)).fetchall():
                    self.visible[key], last = perf_counter(), number
                sleep(LOOK)


def own_view(asked: Asked, folder: Path) -> Meter:
    return _visible(asked, folder, folder / "partners.views.db", "partners.register")


def over_the_bus(asked: Asked, folder: Path) -> Meter:
    return _visible(asked, folder, folder / "reader.views.db", "reader.seen")


def _visible(asked: Asked, folder: Path, file: Path, view: str) -> Meter:
    """Latencies are from the answer to the visible row."""
    mine, port, answered = token(folder), http_client.free_port(), dict[str, float]()

    def acknowledged(partner: str) -> None:
        answered[partner] = perf_counter()

    kafka = [asked["servers"]] if asked.get("kafka") else []
    with http_client.server(command("whole", folder, port, *kafka), folder, port):
        asyncio.run(http_client.opened(port, mine, *WARM_UP))
        watch = Watch(file, view)
        per_second, seconds = asked["per_second"], asked["seconds"]
        ask = http_client.opened(port, mine, per_second, seconds, acknowledged)
        meter: Meter = asyncio.run(ask)
        watch.wait(answered)
    found = Histogram()
    for partner in answered.keys() & watch.visible.keys():
        found.add(max(0.0, watch.visible[partner] - answered[partner]))
    answer = meter.latencies.milliseconds()
    meter.figures |= {f"answer {name} ms": answer[name] for name in ("p50", "p99")}
    meter.figures["never visible"] = float(len(answered.keys() - watch.visible.keys()))
    meter.latencies = found
    return meter


def _at(who: str, percentile: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.ms("200/s", percentile, who)


VISIBLE = Workload(
    id="W10",
    title="From the answer to the visible row, open loop",
    unit="commands/s",
    ours={OURS: own_view, "Qudao, over the bus": over_the_bus},
    cases={
        "200/s": {"per_second": 200.0, "kafka": True},
        "500/s": {"per_second": 500.0, "kafka": True},
        "1000/s": {"per_second": 1_000.0, "kafka": True},
        "200/s embedded": {"per_second": 200.0},
    },
    kafka=True,
    goals=tuple(
        Goal(f"{name} {percentile} in ms at 200/s", _at(who, percentile), bound, at_most=True)
        for who, name, percentile, bound in (
            (OURS, "own view", "p50", 2.0),
            (OURS, "own view", "p99", 8.0),
            ("Qudao, over the bus", "over Kafka", "p50", 10.0),
            ("Qudao, over the bus", "over Kafka", "p99", 40.0),
        )
    ),
)
