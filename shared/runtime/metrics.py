"""What operations see. Labels are bounded: types, slugs, consumers; never a partner."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.kernel.ports import Query
from shared.kernel.step import STORE
from shared.runtime.platform import Platform
from shared.runtime.worker import Worker


@dataclass(slots=True)
class Metrics:
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    commands: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    lag: Gauge = field(init=False)
    parked: Gauge = field(init=False)
    late: Gauge = field(init=False)
    waiting: Gauge = field(init=False)
    facts: Gauge = field(init=False)

    def __post_init__(self) -> None:
        use = self.registry
        self.commands = Counter(
            "qudao_commands", "Commands by outcome slug", ["type", "outcome"], registry=use
        )
        self.seconds = Histogram(
            "qudao_command_seconds", "Decide and append", ["context"], registry=use
        )
        self.lag = Gauge("qudao_lag_facts", "Facts still to read", ["consumer"], registry=use)
        self.parked = Gauge("qudao_parked_facts", "By state", ["context", "state"], registry=use)
        self.late = Gauge(
            "qudao_timers_late", "Timers due and not fired", ["context"], registry=use
        )
        self.waiting = Gauge(
            "qudao_waiting_claims", "Claims that name something unknown", ["context"], registry=use
        )
        self.facts = Gauge("qudao_facts", "Facts in the store", ["context"], registry=use)

    def watched(self, context: str, command: str, outcome: str, seconds: float) -> None:
        self.commands.labels(command, outcome).inc()
        self.seconds.labels(context).observe(seconds)

    async def scrape(self, platform: Platform) -> bytes:
        for name, worker in platform.workers.items():
            end = await worker.ports.store.end()
            self.facts.labels(name).set(end)
            self.waiting.labels(name).set(await worker.waiting())
            await self._lags(worker, end)
            await self._parked(name, worker)
        return generate_latest(self.registry)

    async def _lags(self, worker: Worker, end: int) -> None:
        for consumer, at in (await worker.positions()).items():
            if topics := worker.topics.get(consumer):
                ends = await worker.ports.bus.ends(topics)
                lag = sum(last - at.get(log, 0) for log, last in ends.items())
            else:
                lag = end - at.get(STORE, 0)
            self.lag.labels(consumer).set(max(0, lag))

    async def _parked(self, name: str, worker: Worker) -> None:
        for state in ("retrying", "behind", "waiting"):
            query = Query((("state", "eq", state),), limit=200)
            page = await worker.ports.views.find(f"{name}.parked", query)
            self.parked.labels(name, state).set(len(page.documents))
        if worker.clockwork:
            now = worker.ports.clock().isoformat()
            due = Query((("due", "lt", now),), limit=200)
            page = await worker.ports.views.find(worker.clockwork.name, due)
            self.late.labels(name).set(len(page.documents))
