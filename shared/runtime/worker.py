"""A context at work: its handler, what it reads, and all its steps."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel import parking
from shared.kernel.admission import Admission, Doorkeeper
from shared.kernel.clockwork import Clockwork, Inputs, timers_view
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Place, Shown, places, unless_overtaken, unshown
from shared.kernel.expiry import Expiry
from shared.kernel.handler import Handler, Watch, unwatched
from shared.kernel.policy import Asked
from shared.kernel.ports import Query, View
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.reactor import Reaction, Reactor
from shared.kernel.reading import Reading
from shared.kernel.relay import Relay
from shared.kernel.retries import Retried, Retries
from shared.kernel.step import STORE, Own, Step, others
from shared.runtime.context import Context, Ports, Service
from shared.runtime.deployment import deployed


@dataclass(slots=True, kw_only=True)
class Worker:
    """One hosted context. A sweep takes every step once, one after another."""

    context: Context
    ports: Ports
    service: Service
    relay: Relay
    projectors: Mapping[str, Projector]
    reactors: Mapping[str, Consumer]
    topics: Mapping[str, tuple[str, ...]]  # what each consumer of the bus reads
    clockwork: Clockwork | None
    retries: Retries
    expiry: Expiry
    moved: int = 0  # how much its sweeps have done so far
    _lock: Lock = field(default_factory=Lock)

    def steps(self) -> Iterator[Step]:
        """What reacts may look at views, so it waits while one is folded anew by newer code."""
        yield Careful(self.relay)
        yield from self.projectors.values()
        yield self.expiry
        if any(one.outdated for one in self.projectors.values()):
            return
        for reactor in self.reactors.values():
            yield Careful(reactor)
        if self.clockwork:
            yield Careful(self.clockwork)
        yield Careful(self.retries)

    async def sweep(self) -> int:
        async with self._lock:
            done = sum([await one.step() for one in self.steps()])
            self.moved += done
            return done

    async def next_due(self, now: datetime) -> datetime | None:
        """The first instant after now at which a timer or a retry is due."""
        timers = await self.clockwork.next_due(now) if self.clockwork else None
        dues = [due for due in (timers, await self.retries.next_due(now)) if due]
        return min(dues, default=None)

    async def waiting(self) -> int:
        """How many claims wait for what they name (200 and more are 200)."""
        if self.context.waiting is None:
            return 0
        view, condition = self.context.waiting
        page = await self.service.read.find(view, Query((condition,), limit=200))
        return len(page.documents)

    async def positions(self) -> dict[str, dict[str, int]]:
        """Every consumer with how far it is in each log."""
        found = {self.relay.name: dict(await self.relay.positions())}
        for projector in self.projectors.values():
            found[projector.name] = await projector.positions()
        for reactor in self.reactors.values():
            found[reactor.name] = dict(await reactor.positions())
        return found

    def skipped(self) -> dict[str, int]:
        """By consumer of the bus: records of a type that nobody here knows."""
        return {name: self.reader(name).skipped for name in self.topics}

    def reader(self, name: str) -> Projector | Consumer:
        return self.projectors.get(name) or self.reactors[name]

    async def past(self, position: int) -> bool:
        """Each of its consumers of the own store is past it."""
        at = await self.positions()
        own = [at[name] for name in at if name not in self.topics]
        return all(one.get(STORE, 0) >= position for one in own)

    async def reached(self, ends: Mapping[str, int]) -> bool:
        """Each of its consumers of the bus is past the ends of those logs that it reads."""
        at = await self.positions()
        return all(
            at[name].get(log, 0) >= end
            for name, topics in self.topics.items()
            for log, end in ends.items()
            if log.rpartition("/")[0] in topics
        )


@dataclass(frozen=True, slots=True)
class Careful:
    """A step whose stale batch is somebody else's work, not an error."""

    one: Step

    @property
    def name(self) -> str:
        return self.one.name

    async def step(self) -> int:
        return await unless_overtaken(self.one)


async def hire(
    context: Context, ports: Ports, watch: Watch = unwatched, shown: Shown = unshown
) -> Worker:
    """Open the context's views and put its parts together."""
    projections = [*context.projections]
    if context.timers:
        projections.append(timers_view(context.name, context.timers))
    kept = [parking.view(context.name), places(context.name)]
    views: list[View] = [*kept, *(one.view for one in projections)]
    same_life = await ports.views.belongs_to(ports.store.incarnation)
    await ports.views.open(views)
    handle = Handler(context.name, context.streams, ports.store, ports.clock, watch)
    place = Place(context=context.name, views=ports.views, clock=ports.clock, shown=shown)
    parts = _Parts(context, ports, handle, place, Own(ports.store))
    worker = await parts.worker(projections)
    if not same_life:
        for projector in worker.projectors.values():
            await projector.begin_anew()
    for name, read in worker.topics.items():
        await worker.reader(name).assigned(await ports.bus.ends(read))
    return worker


@dataclass(frozen=True, slots=True)
class _Parts:
    context: Context
    ports: Ports
    handle: Handler
    place: Place
    own: Own

    async def worker(self, projections: Iterable[Projection[Any]]) -> Worker:
        context, ports = self.context, self.ports
        projectors = {one.name: self._projector(one) for one in projections}
        fresh = {n: p for n, p in projectors.items() if p.projection.source == "store"}
        read = Reading(self.handle, ports.views, fresh)
        reactors = {one.name: one for one in self._reactors(read)}
        topics = self._topics()
        await deployed(context, ports, topics)
        clockwork = None
        if context.timers:
            readers = {name: topics[name] for name in reactors if name in topics}
            inputs = Inputs(ports.bus, readers, self.place)
            view = projectors[f"{context.name}.timers"]
            clockwork = Clockwork(context.timers, self.handle, read, inputs, view)
        return Worker(
            context=context,
            ports=ports,
            service=Service(handle=self.handle, read=read, clock=ports.clock, people=ports.people),
            relay=self._relay(),
            projectors=projectors,
            reactors=reactors,
            topics=topics,
            clockwork=clockwork,
            retries=Retries(_found(projectors, reactors, clockwork), self.place),
            expiry=self._expiry(),
        )

    def _expiry(self) -> Expiry:
        context, ports = self.context, self.ports
        return Expiry(
            name=f"{context.name}.expiry",
            people=ports.people,
            bus=ports.bus,
            inbound=Inputs(
                ports.bus,
                {f"{context.name}.{claim.topic}": (claim.topic,) for claim in context.claims},
                self.place,
            ),
            clock=ports.clock,
        )

    def _projector(self, projection: Projection[Any]) -> Projector:
        names = [fact.__name__ for fact in projection.facts]
        feed = self.own if projection.source == "store" else others(self.ports.bus, names)
        codec: Codec[Any] = Codec(projection.facts)
        if projection.source == "store":
            codec = self.handle.codec.only(projection.facts)
        return Projector(projection, codec, feed, self.place)

    def _reactors(self, read: Reading) -> Iterator[Consumer]:
        context, ports = self.context, self.ports
        for process in context.processes:
            yield self._reactor(process.name, process.facts, _with(read, process.react), self.own)
        for courier in context.couriers:
            deliver = _with(ports.channels, courier.deliver)
            yield self._reactor(courier.name, courier.facts, deliver, self.own)
        for policy in context.policies:
            feed = others(ports.bus, [fact.__name__ for fact in policy.facts])
            yield self._reactor(policy.name, policy.facts, _with(read, policy.react), feed)
        for claim in context.claims:
            admission = Admission(claim=claim, read=read, people=ports.people)
            yield Doorkeeper(admission, self.handle, others(ports.bus, [claim.topic]), self.place)

    def _reactor(self, name: str, facts: Any, react: Any, feed: Any) -> Reactor:
        return Reactor(Reaction(name, facts, react), self.handle, feed, self.place)

    def _relay(self) -> Relay:
        context, ports = self.context, self.ports
        return Relay(
            name=f"{context.name}.relay",
            published=context.published,
            feed=self.own,
            bus=ports.bus,
            views=ports.views,
            people=ports.people,
        )

    def _topics(self) -> dict[str, tuple[str, ...]]:
        """By consumer: the topics it reads from the bus."""
        read = {p.name: tuple(f.__name__ for f in p.facts) for p in self.context.policies}
        for projection in self.context.projections:
            if projection.source == "bus":
                read[projection.name] = tuple(f.__name__ for f in projection.facts)
        for claim in self.context.claims:
            read[f"{self.context.name}.{claim.topic}"] = (claim.topic,)
        return read


def _with(use: Any, react: Callable[..., Awaitable[Iterable[Asked]]]) -> Any:
    async def bound(fact: Any, envelope: Envelope) -> Iterable[Asked]:
        return await react(fact, envelope, use)

    return bound


def _found(
    projectors: Mapping[str, Projector],
    reactors: Mapping[str, Consumer],
    clockwork: Clockwork | None,
) -> Callable[[str], Awaitable[Retried | None]]:
    async def found(name: str) -> Retried | None:
        if clockwork and name == clockwork.name:
            return clockwork
        if name in reactors:
            return reactors[name]
        running = [one for one in projectors.values() if await one.runs(name)]
        return next(iter(running), None)

    return found
