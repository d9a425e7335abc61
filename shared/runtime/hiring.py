"""Puts the parts of a context together, on the terms on which this process hosts it."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel import parking
from shared.kernel.admission import Admission, Doorkeeper
from shared.kernel.clockwork import Clockwork, Inputs, timers_view
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Place, Shown, places, unshown
from shared.kernel.dispatch import Depot
from shared.kernel.dispatcher import Dispatcher, unheard
from shared.kernel.errors import StaleOwner
from shared.kernel.expiry import Expiry
from shared.kernel.handler import Handler, Watch, unwatched
from shared.kernel.policy import Asked
from shared.kernel.ports import Bus, Move, View
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.reactor import Reaction, Reactor
from shared.kernel.reading import Reading
from shared.kernel.relay import Relay
from shared.kernel.retries import Retried, Retries
from shared.kernel.share import Share, Whole
from shared.kernel.step import STORE, Others, Own
from shared.kernel.trace import Trace
from shared.runtime.context import Context, Ports, Service
from shared.runtime.deployment import deployed
from shared.runtime.telemetry import continued
from shared.runtime.topics import read_by
from shared.runtime.worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Hire:
    """On what terms a context is hosted. Without `works` it only answers: others do its steps.

    `bus` is the one from which everything is fetched, whatever part of it is this process's.
    """

    watch: Watch = unwatched
    shown: Shown = unshown
    trace: Trace = continued
    share: Share = field(default_factory=Whole)
    guard: Lock = field(default_factory=Lock)
    alone: bool = True
    works: bool = True
    bus: Bus | None = None
    nudge: Callable[[], None] = unheard


async def hire(context: Context, ports: Ports, terms: Hire | None = None) -> Worker:
    """Open the context's views and put its parts together."""
    terms = terms or Hire()
    projections = [*context.projections]
    if context.timers:
        projections.append(timers_view(context.name, context.timers))
    kept = [parking.view(context.name), places(context.name)]
    views: list[View] = [*kept, *(one.view for one in projections)]
    same_life = await ports.views.belongs_to(ports.store.incarnation)
    await ports.views.open(views)
    handle = Handler(context.name, context.streams, ports.store, ports.clock, terms.watch)
    handle.trace = terms.trace
    place = Place(
        context=context.name,
        views=ports.views,
        clock=ports.clock,
        shown=terms.shown,
        trace=terms.trace,
    )
    parts = _Parts(context, ports, handle, place, Own(ports.store), terms)
    worker = parts.worker(projections)
    if not same_life:
        await _begun_anew(worker)
    if terms.works:
        await deployed(context, replace(ports, bus=terms.bus or ports.bus), worker.topics)
        await worker.take_over()
    return worker


async def _begun_anew(worker: Worker) -> None:
    """The store may end before where its readers stood: what it stores from now on is new."""
    for projector in worker.projectors.values():
        await projector.begin_anew()
    own = [name for name in worker.reactors if name not in worker.topics]
    for name in (worker.relay.name, *own):
        at = (await worker.ports.views.positions(name)).get(STORE, 0)
        if at > (end := await worker.ports.store.end()):
            with suppress(StaleOwner):  # another process has done it just now
                await worker.ports.views.commit(name, [Move(STORE, at, end)], {})


@dataclass(frozen=True, slots=True)
class _Parts:
    context: Context
    ports: Ports
    handle: Handler
    place: Place
    own: Own
    terms: Hire

    def worker(self, projections: Iterable[Projection[Any]]) -> Worker:
        context, ports = self.context, self.ports
        projectors = {one.name: self._projector(one) for one in projections}
        fresh = {n: p for n, p in projectors.items() if p.projection.source == "store"}
        read = Reading(self.handle, ports.views, fresh, alone=self.terms.alone)
        reactors = {one.name: one for one in self._reactors(read)}
        topics = read_by(context)
        clockwork = None
        if context.timers:
            readers = {name: topics[name] for name in reactors if name in topics}
            inputs = Inputs(ports.bus, readers, self.place)
            view = projectors[f"{context.name}.timers"]
            clockwork = Clockwork(context.timers, self.handle, read, inputs, view)
        return Worker(
            context=context,
            ports=ports,
            service=Service(
                handle=self.handle,
                read=read,
                clock=ports.clock,
                people=ports.people,
                blobs=ports.blobs,
                carriers=ports.carriers,
            ),
            relay=self._relay(),
            projectors=projectors,
            reactors=reactors,
            dispatchers=[*self._dispatchers(read)],
            topics=topics,
            clockwork=clockwork,
            retries=Retries(_found(projectors, reactors, clockwork), self.place, self.terms.share),
            expiry=self._expiry(),
            share=self.terms.share,
            guard=self.terms.guard,
            alone=self.terms.alone,
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
        if projection.source == "store":
            codec = self.handle.codec.only(projection.facts)
            return Projector(projection, codec, self.own, self.place)
        feed, ends = Others(self.ports.bus, names), partial(self.ports.bus.ends, names)
        return Projector(projection, Codec(projection.facts), feed, self.place, ends)

    def _reactors(self, read: Reading) -> Iterator[Consumer]:
        context, ports = self.context, self.ports
        for process in context.processes:
            yield self._reactor(process.name, process.facts, _with(read, process.react), self.own)
        for courier in context.couriers:
            deliver = _with(ports.channels, courier.deliver)
            yield self._reactor(courier.name, courier.facts, deliver, self.own)
        for policy in context.policies:
            feed = Others(ports.bus, [fact.__name__ for fact in policy.facts])
            yield self._reactor(policy.name, policy.facts, _with(read, policy.react), feed)
        for claim in context.claims:
            admission = Admission(claim=claim, read=read, people=ports.people)
            yield Doorkeeper(admission, self.handle, Others(ports.bus, [claim.topic]), self.place)

    def _dispatchers(self, read: Reading) -> Iterator[Dispatcher]:
        ports = self.ports
        depot = Depot(read=read, people=ports.people, clock=ports.clock, carriers=ports.carriers)
        for one in self.context.dispatches:
            yield Dispatcher(
                dispatch=one, handle=self.handle, depot=depot, landed=self.terms.nudge
            )

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
