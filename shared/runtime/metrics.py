"""What operations see. Labels are bounded: types, slugs, consumers; never a partner."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.contracts.event import Envelope
from shared.kernel.codec import unpack
from shared.kernel.dispatch import Carrier, Parcel, Receipt
from shared.kernel.errors import Unreachable
from shared.kernel.ports import Channel, EventStore, Query
from shared.kernel.step import BATCH, STORE
from shared.runtime.platform import Platform
from shared.runtime.worker import Worker

GAUGES = {
    "lag_facts": ("Facts still to read", ["consumer"]),
    "behind_seconds": ("Age of the first fact still to read", ["consumer"]),
    "parked_facts": ("Facts that could not be digested", ["context", "state"]),
    "skipped_facts": ("Facts of a type that this code does not know", ["consumer"]),
    "waiting_claims": ("Claims that name something unknown", ["context"]),
    "timers_late": ("Timers that are due and have not fired", ["context"]),
    "unreachable": ("1 while a server that the context needs is gone", ["context"]),
    "leads": ("1 where this process leads the context", ["context"]),
    "held_logs": ("Logs of the bus that this process reads", ["context"]),
    "longest_stream_facts": ("Of the streams that this process wrote to", ["context"]),
    "disk_bytes": ("Of the file system that the data folder is on", []),
    "disk_free_bytes": ("Of them, what this process may still fill", []),
    "engine_info": ("1, by the version of the engine that reads the files", ["sqlite"]),
}


@dataclass(slots=True)
class Metrics:
    """`data` is the folder whose disk is watched, `engine` what reads its files."""

    data: Path | None = None
    engine: str = ""
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    commands: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    appends: Histogram = field(init=False)
    appended: Counter = field(init=False)
    freshness: Histogram = field(init=False)
    deliveries: Counter = field(init=False)
    gauges: Mapping[str, Gauge] = field(init=False)

    def __post_init__(self) -> None:
        use = self.registry
        self.commands = Counter(
            "qudao_commands", "Commands by outcome slug", ["type", "outcome"], registry=use
        )
        self.seconds = Histogram(
            "qudao_command_seconds", "Decide and append", ["context"], registry=use
        )
        self.appends = Histogram(
            "qudao_append_seconds", "Until the facts are on disk", ["context"], registry=use
        )
        self.appended = Counter(
            "qudao_appended_facts", "Facts that this process stored", ["context"], registry=use
        )
        self.freshness = Histogram(
            "qudao_freshness_seconds", "Recorded to visible", ["view"], registry=use
        )
        self.deliveries = Counter(
            "qudao_deliveries", "Deliveries that left the house", ["channel"], registry=use
        )
        self.gauges = {
            name: Gauge(f"qudao_{name}", text, labels, registry=use)
            for name, (text, labels) in GAUGES.items()
        }
        if self.engine:
            self.gauges["engine_info"].labels(self.engine).set(1)

    def watched(self, context: str, command: str, outcome: str, seconds: float) -> None:
        self.commands.labels(command, outcome).inc()
        self.seconds.labels(context).observe(seconds)

    def shown(self, view: str, seconds: float) -> None:
        self.freshness.labels(view).observe(seconds)

    def carried(self, carriers: Mapping[str, Carrier]) -> dict[str, Carrier]:
        return {name: Carried(one, self.deliveries, name) for name, one in carriers.items()}

    def timed(self, context: str, store: EventStore) -> EventStore:
        length = self.gauges["longest_stream_facts"].labels(context)
        return Timed(store, self.appends.labels(context), self.appended.labels(context), length)

    def counted(self, channels: Mapping[str, Channel]) -> dict[str, Channel]:
        return {name: Counted(one, self.deliveries, name) for name, one in channels.items()}

    async def scrape(self, platform: Platform) -> bytes:
        """While a server is gone its context shows that, and what it showed last."""
        for name, worker in platform.workers.items():
            try:
                await self._look(name, worker)
            except Unreachable:
                self.gauges["unreachable"].labels(name).set(1)
        if self.data:
            disk = disk_usage(self.data)
            self.gauges["disk_bytes"].set(disk.total)
            self.gauges["disk_free_bytes"].set(disk.free)
        return generate_latest(self.registry)

    async def _look(self, name: str, worker: Worker) -> None:
        self.gauges["leads"].labels(name).set(worker.share.leads)
        end = await worker.ports.store.end()
        self.gauges["unreachable"].labels(name).set(bool(worker.unreachable))
        logs = await worker.ports.bus.ends(worker.read)
        self.gauges["held_logs"].labels(name).set(sum(map(worker.share.holds, logs)))
        self.gauges["waiting_claims"].labels(name).set(await worker.waiting())
        for consumer, at in (await worker.positions()).items():
            await self._lag(worker, consumer, at, end)
        for consumer, skipped in worker.skipped().items():
            self.gauges["skipped_facts"].labels(consumer).set(skipped)
        await self._parked(name, worker)
        await self._gauges(worker)

    async def _lag(self, worker: Worker, consumer: str, at: Mapping[str, int], end: int) -> None:
        since = None
        if lag := await self._unread(worker, consumer, at, end):
            since = await self._first_unread(worker, consumer, at)
        age = (worker.ports.clock() - since).total_seconds() if since else 0.0
        self.gauges["lag_facts"].labels(consumer).set(lag)
        self.gauges["behind_seconds"].labels(consumer).set(max(0.0, age))

    async def _unread(self, worker: Worker, consumer: str, at: Mapping[str, int], end: int) -> int:
        """How many facts; of the own store 500 and more are 500, as its positions have gaps."""
        if topics := worker.topics.get(consumer):
            ends = await worker.ports.bus.ends(topics)
            return sum(max(0, last - at.get(log, 0)) for log, last in ends.items())
        if end <= (place := at.get(STORE, 0)):
            return 0
        return len(await worker.ports.store.follow(after=place, limit=BATCH))

    async def _first_unread(
        self, worker: Worker, consumer: str, at: Mapping[str, int]
    ) -> datetime | None:
        """When it was recorded; None where it does not say, as a claim."""
        if topics := worker.topics.get(consumer):
            found = await worker.ports.bus.fetch(topics, after=at, limit=1)
            with suppress(ValueError):
                return unpack(found[0].record.value).time if found else None
            return None
        own = await worker.ports.store.follow(after=at.get(STORE, 0), limit=1)
        return own[0][1].time if own else None

    async def _parked(self, name: str, worker: Worker) -> None:
        for state in ("retrying", "behind", "waiting"):
            query = Query((("state", "eq", state),), limit=200)
            page = await worker.ports.views.find(f"{name}.parked", query)
            self.gauges["parked_facts"].labels(name, state).set(len(page.documents))
        if worker.clockwork:
            due = Query((("due", "lt", worker.ports.clock().isoformat()),), limit=200)
            page = await worker.ports.views.find(worker.clockwork.name, due)
            self.gauges["timers_late"].labels(name).set(len(page.documents))

    async def _gauges(self, worker: Worker) -> None:
        """What the context itself measures, by name."""
        for name, measure in worker.context.gauges.items():
            if name not in self.gauges:
                text = (measure.__doc__ or name).strip().splitlines()[0]
                gauge = Gauge(f"qudao_{name}", text, registry=self.registry)
                self.gauges = {**self.gauges, name: gauge}
            self.gauges[name].set(await measure(worker.service))


@dataclass(frozen=True, slots=True)
class Counted:
    channel: Channel
    counter: Counter
    name: str

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None:
        await self.channel.send(delivery_id, recipient, title, body)
        self.counter.labels(self.name).inc()


@dataclass(frozen=True, slots=True)
class Carried:
    carrier: Carrier
    counter: Counter
    name: str

    async def vet(self, address: Mapping[str, str]) -> None:
        await self.carrier.vet(address)

    async def carry(self, parcel: Parcel) -> Receipt:
        receipt = await self.carrier.carry(parcel)
        if receipt.outcome == "delivered":
            self.counter.labels(self.name).inc()
        return receipt


@dataclass(slots=True)
class Timed:
    """A store whose appends are measured, and the longest of the streams that they are for."""

    store: EventStore
    seconds: Histogram
    stored: Counter
    length: Gauge
    _longest: int = 0

    @property
    def incarnation(self) -> str:
        return self.store.incarnation

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        return await self.store.read(stream, after=after)

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        with self.seconds.time():
            position = await self.store.append(stream, facts, expected=expected)
        self.stored.inc(len(facts))
        if (length := facts[-1].sequence) > self._longest:
            self._longest = length
            self.length.set(length)
        return position

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        return await self.store.follow(after=after, limit=limit)

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        return await self.store.last(limit, until=until)

    async def count(self) -> int:
        return await self.store.count()

    async def position(self, stream: str, sequence: int) -> int:
        return await self.store.position(stream, sequence)

    async def end(self) -> int:
        return await self.store.end()
