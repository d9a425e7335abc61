"""Hosts contexts: all of them in one process, or some of them in one of the production roles."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Literal

from shared.adapters.kafka.membership import Membership
from shared.adapters.sqlite.checkup import engine
from shared.contracts.event import Event
from shared.kernel.consumer import everything
from shared.kernel.errors import Unreachable
from shared.kernel.handler import Watch
from shared.kernel.ports import Bus
from shared.kernel.share import Nothing, Share, Whole
from shared.runtime.adapters import Adapters
from shared.runtime.app import House
from shared.runtime.clocks import clock
from shared.runtime.context import Context, Ports
from shared.runtime.feed.feed import Feed
from shared.runtime.hiring import Hire, hire
from shared.runtime.metrics import Metrics
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer
from shared.runtime.worker import Worker

CONTEXTS = (
    "partners",
    "leads",
    "orders",
    "rebates",
    "mdf",
    "forecast",
    "notifications",
    "gateway",
)
REPORT = 5.0  # seconds between reports of positions to the broker, for lag monitoring
GARBAGE = 2_000, 10, 50
"""After so many new objects the collector looks at them; a look at everything, which takes as long
as there is much, only after a million. Batches make much that is new, and few cycles.
"""
Part = Literal["all", "api", "worker"]


def load(names: Sequence[str] = CONTEXTS) -> list[Context]:
    """Find contexts by name, so that no code imports two of them."""
    return [import_module(f"services.{name}.context").CONTEXT for name in names]


def published() -> dict[str, type[Event]]:
    """Every fact that leaves its context, by its topic."""
    return {
        fact.__name__: fact
        for context in load()
        for fact in context.facts
        if fact.__name__ in context.published
    }


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    contexts: Sequence[str] = CONTEXTS,
    part: Part = "all",
    given: datetime | None = None,
    open_doors: bool = False,
) -> AsyncIterator[House]:
    """These contexts, hosted; nothing runs yet."""
    gc.set_threshold(*GARBAGE)
    settings.data.mkdir(parents=True, exist_ok=True)
    metrics = Metrics(settings.data, engine())
    ticking = clock(settings.data, given)
    async with AsyncExitStack() as stack:
        adapters = Adapters(settings, ticking, stack)
        await adapters.checked(load(), make=part == "all")
        platform = Platform(workers={}, clock=ticking)
        for context in load(contexts):
            hosting = Hosting(adapters, platform, metrics, part)
            platform.add(await hosting.worker(context))
        feed = Feed(await adapters.bus(), published()) if part == "all" else None
        if feed:
            platform.jobs.append(feed.run)
        yield House(
            platform=platform,
            settings=settings,
            issuer=Issuer.of(settings.data, make=part == "all" or settings.test),
            metrics=metrics,
            turn=ticking if isinstance(ticking, HandTurned) else None,
            open_doors=open_doors or settings.test,
            feed=feed,
        )


@dataclass(frozen=True, slots=True)
class Hosting:
    """How this process hosts a context."""

    adapters: Adapters
    platform: Platform
    metrics: Metrics
    part: Part

    async def worker(self, context: Context) -> Worker:
        guard = asyncio.Lock()
        share = await self._share(context, guard)
        bus = await self.adapters.bus(everything if isinstance(share, Whole) else share.holds)
        terms = Hire(
            watch=_watched(self.metrics, self.platform, context.name),
            shown=self.metrics.shown,
            share=share,
            guard=guard,
            alone=self.part == "all" and self.adapters.embedded,
            works=self.part != "api",
            bus=await self.adapters.bus(),
            nudge=partial(self.platform.nudge, context.name),
        )
        worker = await hire(context, await self._ports(context.name, bus), terms)
        self.adapters.stack.callback(worker.close)
        if isinstance(share, Membership):
            self.platform.jobs += [share.run, partial(_reporting, share, worker)]
        return worker

    async def _share(self, context: Context, guard: asyncio.Lock) -> Share:
        if self.part != "worker":
            return Whole() if self.part == "all" else Nothing()
        if not self.adapters.settings.kafka:
            return self.adapters.locked(context.name)
        return await self.adapters.membership(context, guard)

    async def _ports(self, context: str, bus: Bus) -> Ports:
        ports = await self.adapters.ports(context, bus)
        return replace(
            ports,
            store=self.metrics.timed(context, ports.store),
            channels=self.metrics.counted(ports.channels),
            carriers=self.metrics.carried(ports.carriers),
        )


def _watched(metrics: Metrics, platform: Platform, context: str) -> Watch:
    def watch(command: str, outcome: str, seconds: float) -> None:
        metrics.watched(context, command, outcome, seconds)
        if outcome == "done":
            platform.nudge(context)

    return watch


async def _reporting(member: Membership, worker: Worker) -> None:
    """The broker is told how far we are for its lag figures only: nothing starts from there."""
    while True:
        await asyncio.sleep(REPORT)
        with suppress(Unreachable):  # the sweeps say so
            await member.report(await worker.lowest())
