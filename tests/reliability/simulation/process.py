"""A worker process of one context: hired as the runtime hires it, on wires that may break."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.adapters.held import Held
from shared.kernel.ports import Clock
from shared.kernel.trace import untraced
from shared.runtime.context import Context, Ports, Service
from shared.runtime.hiring import Hire, hire
from shared.runtime.worker import Worker
from tests.reliability.simulation.actor import Actor
from tests.reliability.simulation.doors import SERVING
from tests.reliability.simulation.memory import MemoryBus, MemoryPeople, MemoryStore, MemoryViews
from tests.reliability.simulation.wires import (
    Pause,
    Wire,
    WiredBus,
    WiredChannel,
    WiredPeople,
    WiredStore,
    WiredViews,
)

PARTITIONS = tuple(range(6))
SWEEP = 500  # calls of ports, at most


@dataclass(slots=True)
class Shelf:
    """What of a context survives its processes."""

    store: MemoryStore = field(default_factory=MemoryStore)
    views: MemoryViews = field(default_factory=MemoryViews)
    people: MemoryPeople = field(default_factory=MemoryPeople)


@dataclass(slots=True)
class Outside:
    """What is sent out into the world, by the id of the delivery."""

    sent: list[str] = field(default_factory=list)

    async def send(self, delivery_id: object, recipient: str, title: str, body: str) -> None:
        self.sent.append(str(delivery_id))


@dataclass(slots=True)
class Part:
    """The share of a process, as it believes it to be."""

    leads: bool
    partitions: frozenset[int]
    epoch: int = 0

    @property
    def idle(self) -> bool:
        return not (self.leads or self.partitions)

    def holds(self, log: str) -> bool:
        return int(log.rpartition("/")[2]) in self.partitions

    def take(self, leads: bool, partitions: tuple[int, ...]) -> None:
        self.leads, self.partitions = leads, frozenset(partitions)
        self.epoch += 1


class Around(Protocol):
    """What the processes of all contexts have in common."""

    @property
    def bus(self) -> MemoryBus: ...

    @property
    def outside(self) -> Outside: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def alone(self) -> bool: ...

    def told(self, what: str) -> None: ...


@dataclass(slots=True, eq=False)
class Process:
    context: Context
    number: int
    shelf: Shelf
    around: Around
    share: Part = field(init=False)
    wire: Wire = field(init=False)
    life: Actor = field(init=False)
    requests: list[Actor] = field(default_factory=list)
    worker: Worker | None = None
    at_rest: bool = False
    starts: int = 0

    def __post_init__(self) -> None:
        first = self.number == 0
        self.share = Part(first, frozenset(PARTITIONS if first else ()))
        self.start()

    @property
    def name(self) -> str:
        return f"{self.context.name}/{self.number}"

    @property
    def actors(self) -> list[Actor]:
        return [self.life, *self.requests]

    def start(self) -> None:
        cut, withheld = set(), {}
        if self.starts:
            cut, withheld = self.wire.cut, self.wire.withheld
        self.wire = Wire(self.name, self.around.told, cut=cut, withheld=withheld)
        self.worker, self.at_rest, self.starts = None, False, self.starts + 1
        self.life = Actor(f"{self.name} works", self._live())

    def crash(self) -> None:
        for actor in self.actors:
            actor.kill()
        self.requests = []
        self.start()

    def serve(self, name: str, asked: Callable[[], Awaitable[Any]]) -> Actor | None:
        """None while it has not started: nobody listens at its door."""
        if self.worker is None:
            return None
        service: Service = self.worker.service

        async def answered() -> Any:
            SERVING.set(service)
            return await asked()

        actor = Actor(f"{self.name} {name}", answered())
        self.requests.append(actor)
        return actor

    def sweep(self, actor: Actor) -> None:
        """It goes on until it has swept once, or is answered, or something is in its way."""
        for _ in range(SWEEP):
            if not actor.ready:
                return
            actor.go_on()
            if actor is self.life and self.at_rest:
                return

    async def _live(self) -> None:
        bus = WiredBus(self.around.bus, self.wire)
        ports = Ports(
            store=WiredStore(self.shelf.store, self.wire),
            views=WiredViews(self.shelf.views, self.wire),
            people=WiredPeople(self.shelf.people, self.wire),
            bus=Held(bus, self.share.holds),
            clock=self.around.clock,
            channels={"log": WiredChannel(self.around.outside, self.wire)},
        )
        terms = Hire(trace=untraced, share=self.share, alone=self.around.alone, bus=bus)
        self.worker = await hire(self.context, ports, terms)
        self.worker.pulse = lambda: self.around.clock().timestamp()
        while True:
            await self.worker.sweep()
            self.at_rest = True
            await Pause()
            self.at_rest = False
