"""Every hosted context together: the loop, what "settled" means, and the turning of the clock."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from shared.kernel.ending import unless_asked
from shared.kernel.errors import Malformed, Refused
from shared.kernel.ports import Bus, Clock, Query
from shared.runtime.worker import Worker

LAST = datetime(9000, 1, 1, tzinfo=UTC)
REACH = timedelta(days=10 * 366)  # at one turn: what is due each week takes its time
POSITION = re.compile(r"[0-9]{1,18}")
IDLE = 0.2  # seconds until a look at what other processes wrote
LOOK = 0.05  # seconds between looks at what other processes do
OUTAGE = 1.0  # seconds until the next attempt while a server is gone
Job = Callable[[], Coroutine[Any, Any, None]]


class NotSettled(Refused):
    """Something still moved when the time was up."""


@dataclass(slots=True, kw_only=True)
class Platform:
    workers: dict[str, Worker]
    clock: Clock
    jobs: list[Job] = field(default_factory=list)  # what else runs as long as this process does
    idle: float = IDLE
    _wakes: dict[str, asyncio.Event] = field(default_factory=dict)
    _turning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _led: int = 0
    _broken: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: Exception | None = None

    async def run(self) -> None:
        """Until cancelled. What a step raises ends everything, loudly."""
        async with asyncio.TaskGroup() as tasks:
            for worker in self.workers.values():
                work = unless_asked(self._loop(worker))
                tasks.create_task(work, name=worker.context.name)
            for job in (self.failing, *self.jobs):
                tasks.create_task(unless_asked(job()))

    async def failing(self) -> None:
        """Until an answer to somebody failed so that this process must end; raises that."""
        await self._broken.wait()
        if self._failure is not None:
            raise self._failure

    def fail(self, error: Exception) -> None:
        self._failure = error
        self._broken.set()

    @property
    def bus(self) -> Bus:
        """The same for all that a process hosts."""
        return next(iter(self.workers.values())).ports.bus

    def add(self, worker: Worker) -> None:
        self.workers[worker.context.name] = worker

    async def settle(self, within: float = 30) -> None:
        """Nothing moves in two sweeps over stores, relays, consumers and due timers."""
        try:
            async with asyncio.timeout(within):
                while True:
                    await self._follow()
                    if await self._idle() and await self._still():
                        return
        except TimeoutError:
            raise NotSettled("not-settled", f"still moving after {within} s: ask again") from None

    async def _idle(self) -> bool:
        """Where others work too, or something is under way outside, it is not enough that nothing
        moves here.
        """
        for worker in self.workers.values():
            if worker.unreachable:
                return False
            if worker.busy or not (worker.alone or await worker.idle()):
                await asyncio.sleep(LOOK)
                return False
        return True

    @property
    def _moved(self) -> int:
        return sum(worker.moved for worker in self.workers.values())

    async def sweep(self) -> int:
        return sum([await worker.sweep() for worker in self.workers.values()])

    async def _follow(self) -> None:
        """Everybody, and then whoever moved or reads what was published, until nobody is left:
        the last sweep of each found nothing.
        """
        awake = {*self.workers}
        while awake:
            for name, worker in self.workers.items():
                if name in awake:
                    awake.remove(name)
                    if await worker.sweep():
                        awake |= {name, *self._tell(worker.relay.news)}

    async def _still(self) -> bool:
        """Nothing moves in a sweep over everybody, by whomever: the loops of `run` sweep too."""
        before = self._moved
        await self.sweep()
        return self._moved == before and await self._idle()

    async def passed(self, token: str, within: float = 30) -> None:
        """The relay and the direct consumers are past what the token stands for."""
        context, position = parsed(token, self.workers)
        worker = self.workers[context]
        try:
            async with asyncio.timeout(within):
                await self._until(partial(worker.past, position))
                ends = await worker.ports.bus.ends(worker.context.published)
                for other in self.workers.values():
                    await self._until(partial(other.reached, ends))
        except TimeoutError:
            raise NotSettled("not-settled", f"behind {token} after {within} s") from None

    @contextmanager
    def led(self) -> Iterator[None]:
        """Who leads it from event to event sweeps and settles; twice would only be slower."""
        self._led += 1
        try:
            yield
        finally:
            self._led -= 1
            self.nudge()

    async def advance_to(self, instant: datetime, turn: "HandTurned", within: float = 300) -> None:
        """Due by due: settle, set the clock to the next due, fire, settle, …, then the target."""
        async with self._turning:
            with self.led():
                await self._advance_to(instant, turn, within)

    async def _advance_to(self, instant: datetime, turn: "HandTurned", within: float) -> None:
        if instant < self.clock():
            raise Refused("clock-backwards", f"it is {self.clock().isoformat()} already")
        if instant > LAST or instant - self.clock() > REACH:
            told = f"at most {REACH.days} days at once, and to {LAST.isoformat()}"
            raise Refused("clock-too-far", told)
        await self.settle(within)
        while (due := await self.next_due()) and due <= instant:
            turn.set(max(due, self.clock()))
            await self.settle(within)
        turn.set(instant)
        await self.settle(within)

    async def next_due(self) -> datetime | None:
        """The next instant at which something of ours is to happen, after now."""
        now = self.clock()
        dues = [await worker.next_due(now) for worker in self.workers.values()]
        return min((due for due in dues if due), default=None)

    async def positions(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for worker in self.workers.values():
            found |= await worker.positions()
        return found

    async def parked(self, limit: int = 200) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for name, worker in self.workers.items():
            page = await worker.ports.views.find(f"{name}.parked", Query(limit=limit))
            found += [{"context": name, **document} for document in page.documents]
        return found

    def nudge(self, *contexts: str) -> None:
        """Something was written in this process, of these contexts or of any: look now, not at
        the next look.
        """
        for name in contexts or [*self._wakes]:
            if wake := self._wakes.get(name):
                wake.set()

    async def _loop(self, worker: Worker) -> None:
        wake = self._wakes.setdefault(worker.context.name, asyncio.Event())
        while True:
            wake.clear()
            if not self._led and await worker.sweep():
                self._tell(worker.relay.news)
                await asyncio.sleep(0)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(OUTAGE if worker.unreachable else self.idle):
                    await wake.wait()

    def _tell(self, news: set[str]) -> list[str]:
        """Who reads these topics looks now: their names."""
        readers = [name for name, worker in self.workers.items() if news & worker.read]
        for name in readers:
            self.nudge(name)
        news.clear()
        return readers

    async def _until(self, arrived: Callable[[], Awaitable[bool]]) -> None:
        while not await arrived():
            if not await self.sweep():
                await asyncio.sleep(0.01)


@dataclass(slots=True)
class HandTurned:
    """A clock that stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def set(self, instant: datetime) -> None:
        self.now = instant.astimezone(UTC)


def parsed(token: str, contexts: Mapping[str, object] | Sequence[str]) -> tuple[str, int]:
    context, _, position = token.partition(":")
    if context not in contexts or not POSITION.fullmatch(position):
        raise Malformed("token-malformed", "send back the token of an answer, unchanged")
    return context, int(position)
