"""Several processes that host the toys together, on one folder and one bus."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from shared.adapters.held import Held
from shared.kernel.decider import Command
from shared.kernel.ports import Document, Generations, Key, Move, Page, Query, View, Views
from shared.kernel.share import Nothing
from shared.runtime.context import Context, Ports
from shared.runtime.hiring import Hire, hire
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.worker import Worker
from shared.testing.embedded import embedded
from tests.kernel.conftest import START, Sent, cause
from tests.kernel.things import THINGS, WATCH, stream

PARTITIONS = range(6)
VIEWS = ("things.rows", "things.timers", "watch.sums")
CONSUMERS = (
    "things.rows.v1.g1",
    "things.when-made-prime",
    "things.when-sold-announce",
    "things.ThingReported",
    "things.timers",
    "watch.when-made-tally",
    "watch.sums.v1.g1",
)


@dataclass
class Part:
    """A share that a test gives and takes; each change is another epoch."""

    leads: bool = False
    partitions: frozenset[int] = frozenset()
    epoch: int = 0

    def holds(self, log: str) -> bool:
        return int(log.rpartition("/")[2]) in self.partitions

    def given(self, partitions: Iterable[int] = (), *, leads: bool = False) -> None:
        self.leads, self.partitions = leads, frozenset(partitions)
        self.epoch += 1

    def whole(self) -> None:
        self.given(PARTITIONS, leads=True)


@dataclass
class Frozen:
    """Views through which a process is not scheduled for a while: at the next commit of that
    consumer, the next look at documents of that view, or before its next swap.
    """

    views: Views
    consumer: str = ""
    view: str = ""
    swapping: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        if consumer == self.consumer:
            self.consumer = ""
            await self._asleep()
        await self.views.commit(consumer, moves, puts, seen)

    async def _asleep(self) -> None:
        self.arrived.set()
        await self.awake.wait()

    async def belongs_to(self, store_incarnation: str) -> bool:
        return await self.views.belongs_to(store_incarnation)

    async def open(self, views: Collection[View]) -> None:
        await self.views.open(views)

    async def generations(self, view: str) -> Generations:
        return await self.views.generations(view)

    async def rebuild(self, view: str) -> Generations:
        return await self.views.rebuild(view)

    async def swap(self, view: str, generation: int) -> Generations:
        if self.swapping:
            self.swapping = False
            await self._asleep()
        return await self.views.swap(view, generation)

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]:
        if view == self.view:
            self.view = ""
            await self._asleep()
        return await self.views.get_many(view, keys, generation=generation)

    async def find(self, view: str, query: Query) -> Page:
        return await self.views.find(view, query)

    async def positions(self, consumer: str) -> Mapping[str, int]:
        return await self.views.positions(consumer)

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]:
        return await self.views.seen(consumer, ids)


@dataclass
class Process:
    """One of several; `part` is its share of both contexts."""

    ports: dict[str, Ports]
    clock: HandTurned
    part: Part = field(default_factory=Part)
    workers: dict[str, Worker] = field(default_factory=dict)
    works: bool = True

    async def host(self, *contexts: Context) -> None:
        share = self.part if self.works else Nothing()
        for context in contexts or (THINGS, WATCH):
            ports = self.ports[context.name]
            terms = Hire(share=share, alone=False, works=self.works, bus=ports.bus)
            ports = replace(ports, bus=Held(ports.bus, share.holds))
            self.workers[context.name] = await hire(context, ports, terms)

    @property
    def things(self) -> Worker:
        return self.workers["things"]

    @property
    def watch(self) -> Worker:
        return self.workers["watch"]

    @property
    def platform(self) -> Platform:
        return Platform(workers=self.workers, clock=self.clock)

    async def sweep(self) -> int:
        return sum([await worker.sweep() for worker in self.workers.values()])

    async def ask(self, thing_id: str, command: Command, number: int) -> None:
        await self.things.service.handle(stream(thing_id), command, cause(number))

    def freeze(self, name: str, consumer: str = "") -> Frozen:
        """A context's views, before it is hosted."""
        frozen = Frozen(self.ports[name].views, consumer)
        self.ports[name] = replace(self.ports[name], views=frozen)
        return frozen


@dataclass
class Together:
    """Processes on one folder: each has connections of its own, the clock is everybody's."""

    folder: Path
    stack: ExitStack
    clock: HandTurned = field(default_factory=lambda: HandTurned(START))
    out: Sent = field(default_factory=Sent)
    processes: list[Process] = field(default_factory=list)

    def process(self, *, works: bool = True) -> Process:
        opened = embedded(self.folder, "things", "watch", clock=self.clock)
        ports = self.stack.enter_context(opened)
        told = {name: replace(one, channels={"out": self.out}) for name, one in ports.items()}
        self.processes.append(one := Process(told, self.clock, works=works))
        return one

    async def processes_of(self, count: int) -> list[Process]:
        made = [self.process() for _ in range(count)]
        for one in made:
            await one.host()
        return made

    async def settle(self, within: float = 60) -> None:
        """By everybody, each its part, until each finds nothing left."""
        async with asyncio.timeout(within):
            while not await self._still():
                continue

    async def _still(self) -> bool:
        moved = sum([await one.sweep() for one in self.processes])
        workers = [worker for one in self.processes for worker in one.workers.values()]
        return not moved and all([await worker.idle() for worker in workers])

    async def ended(self) -> dict[str, Any]:
        """What is there in the end, whoever did it."""
        ports = self.processes[0].ports
        stored = {name: await facts(ports[name]) for name in ports}
        ids = [id_ for one in ports.values() for id_ in await known(one)]
        seen = [
            sorted(map(str, await ports[name.partition(".")[0]].views.seen(name, ids)))
            for name in CONSUMERS
        ]
        return {
            "facts": {name: sorted(all_) for name, all_ in stored.items()},
            "documents": [await documents(ports, view) for view in VIEWS],
            "parked": [await documents(ports, f"{name}.parked") for name in ports],
            "seen": seen,
            "accounts": await accounts(self.processes[0]),
            "delivered": sorted({(str(id_), body) for id_, body in self.out.deliveries}),
        }


async def facts(ports: Ports) -> list[tuple[str, str]]:
    return [(str(e.id), e.type) for _, e in await ports.store.follow(after=0, limit=100_000)]


async def known(ports: Ports) -> list[UUID]:
    """Whatever may have been seen: facts, and the commands of timers."""
    stored = await ports.store.follow(after=0, limit=100_000)
    return [id_ for _, e in stored for id_ in (e.id, e.commandid)]


async def documents(ports: Mapping[str, Ports], view: str) -> list[str]:
    page = await ports[view.partition(".")[0]].views.find(view, Query(limit=10_000))
    return sorted(str(sorted(document.items())) for document in page.documents)


async def accounts(process: Process) -> dict[str, int]:
    partners = [f"p{number}" for number in range(9)]
    read = process.watch.service.read
    return {one: await read.fold(f"watch.tally-{one}") for one in partners}


def shared_out(random: Random, processes: Sequence[Process]) -> None:
    """One leads, each partition is one's: what a broker says after a rebalance."""
    leader = random.choice(processes)
    owners = {partition: random.choice(processes) for partition in PARTITIONS}
    for one in processes:
        mine = [partition for partition, owner in owners.items() if owner is one]
        one.part.given(mine, leads=one is leader)
