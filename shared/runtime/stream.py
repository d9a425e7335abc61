"""A stream at work: it shows its figures, and has reported what is out of order once it is due.

It moves nothing itself: it asks the context's handler, as the context's own timers do.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.adapters.faust.flow import Flow
from shared.adapters.faust.progress import Places, Progress
from shared.adapters.kafka.names import Names
from shared.adapters.kafka.topics import apply
from shared.contracts.ids import named
from shared.kernel.errors import Incompatible, PortFailed, Unreachable
from shared.kernel.handler import Cause
from shared.kernel.stream import Stream
from shared.runtime.adapters import link
from shared.runtime.context import Service
from shared.runtime.settings import Settings
from shared.runtime.worker import Worker

LOOK = 1.0
"""Seconds between looks at what is due, and at how far the group is."""
STUCK = 60.0
"""Seconds without progress, though there is something to do, after which the process ends, to be
started again: Faust's consumers and recoveries are known to stop and say nothing.
"""


class Live(Collector):
    """One worker of a stream, and what it shows."""

    def __init__(
        self, stream: Stream[Any], service: Service, flow: Flow, progress: Progress
    ) -> None:
        self._stream, self._service, self._clock = stream, service, service.clock
        self._flow, self._progress = flow, progress
        self._inputs = Inputs(flow, progress)
        self._judged: tuple[datetime, int] | None = None
        self._moved_at, self._moved, self.lag = monotonic(), 0, 0
        self._gone = ""

    @property
    def ready(self) -> bool:
        return self._flow.held

    async def run(self) -> None:
        """Until it fails. Servers that are gone for now are asked again."""
        while True:
            self._flow.check()
            try:
                await self._look()
                await self._judge()
                self._reached("")
            except Unreachable as error:
                self._moved_at = monotonic()
                self._reached(str(error))
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        ends = await self._progress.ends([*self._flow.sources, self._flow.grouped])
        left = await self._progress.left(ends)
        self.lag = sum(left.values())
        mine = sum(count for place, count in left.items() if place in self._flow.assigned)
        moved = self._flow.handled + self._flow.epoch
        if moved != self._moved or (self.ready and not mine):
            self._moved_at, self._moved = monotonic(), moved
        if monotonic() - self._moved_at > STUCK:
            waits = f"{mine} records lie before it" if self.ready else "it waits for its groups"
            raise PortFailed(f"Faust stands still: {waits}")

    async def _judge(self) -> None:
        """Once for each instant at which that is due, again where groups came from elsewhere."""
        due = self._stream.due(self._clock())
        now = (due, self._flow.epoch)
        if now == self._judged or not self.ready or not await self._inputs.read(now):
            return
        for group, sums in self._flow.sums().items():
            for stream, command in self._stream.judged(group, sums, due):
                await self._service.handle(stream, command, self._cause(stream))
        self._judged = now

    def _reached(self, gone: str) -> None:
        """Said once when it goes and once when it is back."""
        if bool(gone) != bool(self._gone):
            told = "unreachable" if gone else "reachable again"
            structlog.get_logger().warning(told, stream=self._stream.name, why=gone or self._gone)
        self._gone = gone

    def _cause(self, stream: str) -> Cause:
        commandid = named(self._stream.name, stream)
        return Cause(commandid=commandid, actor=self._flow.name, correlationid=commandid)

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "qudao_stream_events", "Records by group that were kept", value=self._flow.events
        )
        yield CounterMetricFamily(
            "qudao_stream_skipped", "Records that could not be read", value=self._flow.skipped
        )
        yield GaugeMetricFamily(
            "qudao_stream_lag_facts", "Records that the group has before it", value=self.lag
        )
        yield GaugeMetricFamily(
            "qudao_stream_held", "Whether its groups are read to their ends", value=self.ready
        )
        yield from self._figures()

    def _figures(self) -> Iterable[Metric]:
        now, found = self._clock(), dict[str, GaugeMetricFamily]()
        for name, text in self._stream.gauges.items():
            labels = [self._stream.group, *self._stream.labels]
            found[name] = GaugeMetricFamily(f"qudao_stream_{name}", text, labels=labels)
        for group, sums in self._flow.sums().items():
            for one in self._stream.measured(sums, now):
                labels = [group, *(one.labels[label] for label in self._stream.labels)]
                found[one.name].add_metric(labels, one.value)
        return found.values()


class Inputs:
    """Read as far as the topics went when something became due: what was told, then by group."""

    def __init__(self, flow: Flow, progress: Progress) -> None:
        self._progress, self._topics = progress, (flow.sources, [flow.grouped])
        self._of: object = None
        self._left: list[Sequence[str]] = []
        self._noted: Places | None = None

    async def read(self, of: object) -> bool:
        if of != self._of:
            self._of, self._left, self._noted = of, [*self._topics], None
        while self._left:
            self._noted = self._noted or await self._progress.ends(self._left[0])
            if await self._progress.left(self._noted):
                return False
            del self._left[0]
            self._noted = None
        return True


@asynccontextmanager
async def live(host: Worker, settings: Settings) -> AsyncIterator[Live]:
    """A worker of its context's stream that has begun. It makes its own topics, no others."""
    stream = host.context.stream
    if stream is None:
        raise Incompatible(f"{host.context.name} has no stream")
    kafka, names = link(settings), Names(settings.topic_prefix)
    flow = Flow(stream, kafka, names, settings.data / "stream")
    own = flow.topics(settings.partitions)
    await apply(kafka, own, replication=settings.kafka_replication, prefix=names.prefix)
    progress = Progress(kafka, flow.app.conf.id, settings.partitions)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(progress.stop)
        await progress.start()
        stack.push_async_callback(flow.stop)
        await flow.start()
        yield Live(stream, host.service, flow, progress)


def shown(one: Live, registry: CollectorRegistry) -> FastAPI:
    """What the process answers: whether it lives, whether it is ready, its figures."""
    registry.register(one)
    app = FastAPI(title="Qudao stream", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    @app.get("/health/live")
    async def alive() -> Response:
        return JSONResponse({"status": "live"})

    @app.get("/health/ready")
    async def ready() -> Response:
        state, code = ("ready", 200) if one.ready else ("waits for its groups", 503)
        return JSONResponse({"status": state}, code)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return app
