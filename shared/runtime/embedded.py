"""The composition root of an installation without servers: SQLite files in one folder."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from shared.adapters.logfile import LogFileChannel
from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.kernel.handler import Watch
from shared.kernel.ports import Clock
from shared.runtime.app import House
from shared.runtime.context import Context, Ports
from shared.runtime.metrics import Metrics
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer
from shared.runtime.worker import Worker, hire

CONTEXTS = ("partners", "leads", "orders", "rebates", "forecast", "notifications", "gateway")


def load(names: Sequence[str] = CONTEXTS) -> list[Context]:
    """Find contexts by name, so that no code imports two of them."""
    return [import_module(f"services.{name}.context").CONTEXT for name in names]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class KeptClock(HandTurned):
    """Hand-turned, and kept in the data folder, so that a restart goes on where it stood."""

    path: Path

    def set(self, instant: datetime) -> None:
        self.now = instant.astimezone(UTC)
        beside = self.path.with_suffix(".new")
        beside.write_text(self.now.isoformat())
        beside.replace(self.path)  # whole, or as it was


def clock(folder: Path, given: datetime | None) -> Clock:
    """`given` sets the clock of an empty folder only; a folder with data keeps its own."""
    path = folder / "clock"
    if path.exists():
        return KeptClock(datetime.fromisoformat(path.read_text()), path)
    if given is None or any(folder.glob("*.store.db")):
        return now
    kept = KeptClock(given.astimezone(UTC), path)
    kept.set(given.astimezone(UTC))
    return kept


@asynccontextmanager
async def opened(
    settings: Settings, *, given: datetime | None = None, open_doors: bool = False
) -> AsyncIterator[House]:
    """Every context of this folder, hosted; nothing runs yet."""
    folder = settings.data
    folder.mkdir(parents=True, exist_ok=True)
    metrics, ticking = Metrics(), clock(folder, given)
    async with AsyncExitStack() as stack:
        bus = SqliteBus(folder / "bus.db", partitions=settings.partitions)
        stack.callback(bus.close)
        workers: dict[str, Worker] = {}
        platform = Platform(workers=workers, bus=bus, clock=ticking)
        for context in load():
            ports = _ports(context.name, folder, bus, ticking, stack)
            ports = replace(
                ports,
                store=metrics.timed(context.name, ports.store),
                channels=metrics.counted(ports.channels),
            )
            watch = _watched(metrics, platform, context.name)
            workers[context.name] = await hire(context, ports, watch, metrics.shown)
        yield House(
            platform=platform,
            settings=settings,
            issuer=Issuer.of(folder),
            metrics=metrics,
            turn=ticking if isinstance(ticking, HandTurned) else None,
            open_doors=open_doors or settings.test,
        )


def _watched(metrics: Metrics, platform: Platform, context: str) -> Watch:
    def watch(command: str, outcome: str, seconds: float) -> None:
        metrics.watched(context, command, outcome, seconds)
        if outcome == "done":
            platform.nudge()

    return watch


def _ports(
    name: str, folder: Path, bus: SqliteBus, ticking: Clock, stack: AsyncExitStack
) -> Ports:
    store = SqliteStore(folder / f"{name}.store.db")
    views = SqliteViews(folder / f"{name}.views.db")
    people = SqlitePeople(folder / f"{name}.people.db")
    for one in (store, views, people):
        stack.callback(one.close)
    return Ports(
        store=store,
        views=views,
        people=people,
        bus=bus,
        clock=ticking,
        channels={"log": LogFileChannel(folder / "notifications.log")},
    )
