"""A context at work: its handler, what it reads, and all its steps."""

from asyncio import Lock
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog

from shared.kernel.clockwork import Clockwork
from shared.kernel.consumer import Consumer, unless_overtaken
from shared.kernel.dispatcher import Dispatcher
from shared.kernel.errors import Unreachable
from shared.kernel.expiry import Expiry
from shared.kernel.ports import Query
from shared.kernel.projector import Projector
from shared.kernel.relay import Relay
from shared.kernel.retries import Retries
from shared.kernel.share import Share, Whole
from shared.kernel.step import STORE, Step
from shared.runtime.context import Context, Ports, Service

LOOK = 1.0  # seconds between looks at what other processes rebuild
ASK = 5.0  # seconds between looks at where our logs end
AGAIN = 30.0  # at most so often (seconds) an outage lets the relay send its last facts again


@dataclass(slots=True, kw_only=True)
class Worker:
    """One hosted context. A sweep takes every step of our share once, one after another.

    `alone`: no other process works at this context, so what is remembered of positions is true.
    """

    context: Context
    ports: Ports
    service: Service
    relay: Relay
    projectors: Mapping[str, Projector]
    reactors: Mapping[str, Consumer]
    dispatchers: Sequence[Dispatcher] = ()
    topics: Mapping[str, tuple[str, ...]]  # what each consumer of the bus reads
    clockwork: Clockwork | None
    retries: Retries
    expiry: Expiry
    share: Share = field(default_factory=Whole)
    alone: bool = True
    moved: int = 0  # how much its sweeps have done so far
    unreachable: str = ""  # what the last sweep could not reach
    guard: Lock = field(default_factory=Lock)  # held while a batch is under way
    pulse: Callable[[], float] = monotonic  # seconds, for looks from time to time
    _epoch: int = 0
    _looked: float = 0.0
    ask: float = ASK
    _ends: Mapping[str, int] = field(default_factory=dict)
    _asked: float = -ASK
    _doubt: str = ""  # why what we remember of the bus may be true no more
    _outages: int = 0  # of the bus, as many as we know of
    _repeats: bool = False  # what the relay sent last may be lost
    _repeated: float = -AGAIN

    def steps(self) -> Iterator[Step]:
        """What reacts may look at views, so it waits while one is folded anew by newer code.

        The relay is first, just after our share was looked at: what it publishes stays.
        """
        if self.share.leads:
            yield Careful(self.relay)
            yield self.expiry
        for name, projector in self.projectors.items():
            if self._ours(name):
                yield self._sure(projector)
        if any(one.outdated for one in self.projectors.values()):
            return
        for name, reactor in self.reactors.items():
            if self._ours(name):
                yield self._sure(Careful(reactor))
        if self.share.leads:
            yield from map(Careful, [self.clockwork] if self.clockwork else [])
            yield from map(Careful, self.dispatchers)
        yield Careful(self.retries)

    async def sweep(self) -> int:
        async with self.guard:
            with self.relay.feed.one_sweep():
                return await self._sweep()

    async def _sweep(self) -> int:
        """Ends when our share changes: what is remembered of positions is void then."""
        done, gone = 0, await self._begun()
        for one in () if gone else self.steps():
            if self.share.epoch != self._epoch:
                break
            try:
                done += await one.step()
            except Unreachable as error:
                gone, self._doubt = f"{one.name}: {error}", str(error)
        self._reached(gone)
        self.moved += done
        return done

    async def _begun(self) -> str:
        """What we have and what there is to read are known, or why they are not."""
        try:
            if self._epoch != (epoch := self.share.epoch):
                await self.take_over()
                self._epoch = epoch
            if not self.alone:
                await self._look_again()
        except Unreachable as error:
            return f"{self.context.name}: {error}"
        try:
            await self._look_anew()
        except Unreachable as error:  # who needs it says so
            self._doubt = str(error)
        return ""

    async def _look_anew(self) -> None:
        """A server that was gone may have lost what it had confirmed, and one whose logs are
        shorter has: nobody reads on before it is known from where. What the relay sends again
        for it is seldom enough to keep no link busy that comes and goes.
        """
        self._ask_around()
        if self._doubt or monotonic() - self._asked >= self.ask:
            self._asked = monotonic()
            ends = await self.ports.bus.ends({*self.context.published, *self.read})
            if any(ends.get(log, 0) < end for log, end in self._ends.items()):
                self._doubt = "logs of the bus are shorter than they were"
            self._ends = ends
        if self._doubt:
            await self._stand()
            self._doubt, self._repeats = "", True
        if self._repeats and monotonic() - self._repeated >= AGAIN:
            self.relay.forget()
            self._repeats, self._repeated = False, monotonic()

    async def take_over(self) -> None:
        """What others left is looked at as if we had just started."""
        self.relay.forget()
        await self._stand()

    async def _stand(self) -> None:
        """Where we stand, in logs that may be others by now."""
        self.forget()
        for name, read in self.topics.items():
            ends = await self.ports.bus.ends(read)
            await self.reader(name).assigned(ends, self.share.holds)

    def forget(self) -> None:
        for projector in self.projectors.values():
            projector.forget()
        for reactor in self.reactors.values():
            reactor.forget()

    @property
    def busy(self) -> bool:
        """Something is under way outside."""
        return any(one.busy for one in self.dispatchers)

    def close(self) -> None:
        for one in self.dispatchers:
            one.close()

    async def idle(self) -> bool:
        """Nothing is left to read, nothing is due, and no view is folded anew."""
        at, end = await self.positions(), await self.ports.store.end()
        own = [place.get(STORE, 0) for name, place in at.items() if name not in self.topics]
        if any(place < end for place in own) or self.unreachable:
            return False
        if not all([await one.idle() for one in self.dispatchers]):
            return False
        standing = [await one.generations() for one in self.projectors.values()]
        if any(one.filling is not None for one in standing):
            return False
        if not await self.reached(await self.ports.bus.ends(self.read)):
            return False
        return not (await self.retries.due() or (self.clockwork and await self.clockwork.due()))

    def _sure(self, one: Step) -> Step:
        """In doubt nobody reads the bus: to read on is to forget where one stood."""
        self._ask_around()
        return Doubtful(one.name, self._doubt) if self._doubt and one.name in self.topics else one

    def _ask_around(self) -> None:
        """Another context here, or our relay, may have met an outage that we did not."""
        if (known := self.ports.bus.outages) != self._outages:
            self._doubt, self._outages = self._doubt or "the bus was gone", known

    def _ours(self, name: str) -> bool:
        """Consumers of the bus share its logs out; those of the store are the leader's."""
        return name in self.topics or self.share.leads

    async def _look_again(self) -> None:
        """A rebuild that another process began, or ended: also of a view that we do not fold."""
        if (now := self.pulse()) - self._looked >= LOOK:
            self._looked = now
            for projector in self.projectors.values():
                projector.look_again()
        for projector in self.projectors.values():
            await projector.generations()

    def _reached(self, gone: str) -> None:
        """Said once when it goes and once when it is back; it is tried at every sweep."""
        if gone and not self.unreachable:
            structlog.get_logger().warning("unreachable", context=self.context.name, why=gone)
        if self.unreachable and not gone:
            structlog.get_logger().warning("reachable again", context=self.context.name)
        self.unreachable = gone

    async def next_due(self, now: datetime) -> datetime | None:
        """The first instant after now at which a timer or a retry is due."""
        timers = await self.clockwork.next_due(now) if self.clockwork else None
        dues = [due for due in (timers, await self.retries.next_due(now)) if due]
        return min(dues, default=None)

    async def waiting(self) -> int:
        """How many claims wait for what they name (of a view 200 and more are 200)."""
        find = self.service.read.find
        pages = [
            await find(view, Query((condition,), limit=200))
            for view, condition in self.context.waiting
        ]
        return sum(len(page.documents) for page in pages)

    async def positions(self) -> dict[str, dict[str, int]]:
        """Every consumer with how far it is in each log."""
        if not self.alone:
            self.relay.look_again()
            self.forget()
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

    async def lowest(self) -> dict[str, int]:
        """By log of the bus: how far the slowest of those that read it has come."""
        at, found = await self.positions(), dict[str, int]()
        for log in await self.ports.bus.ends(self.read):
            topic = log.rpartition("/")[0]
            readers = [name for name, topics in self.topics.items() if topic in topics]
            found[log] = min(at[name].get(log, 0) for name in readers)
        return found

    @property
    def read(self) -> set[str]:
        """Every topic that this context reads."""
        return {topic for topics in self.topics.values() for topic in topics}

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


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A step that waits."""

    name: str
    why: str

    async def step(self) -> int:
        raise Unreachable(self.why)
