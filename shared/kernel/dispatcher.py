"""Runs a dispatch: sets out with what is ready, and records what has come back.

Time spent outside is time in which the other steps go on, so a trip is a task of its own. It only
looks and carries: what it found is recorded by a later step, as everything else is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from shared.contracts.ids import named
from shared.kernel.dispatch import Depot, Dispatch, Receipt, Trip
from shared.kernel.errors import StaleVersion
from shared.kernel.handler import Cause, Handler
from shared.kernel.parking import Failure, attempt
from shared.kernel.ports import Document, Query

MOST = 64  # trips at once
FIRST, BEHIND = "0", "/~"  # before every turn, and behind all turns of a queue


def unheard() -> None:
    """Nobody waits for it."""


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """`landed` is called when there is something to record."""

    dispatch: Dispatch
    handle: Handler
    depot: Depot
    landed: Callable[[], None] = unheard
    pulse: Callable[[], float] = monotonic
    _under_way: dict[str, asyncio.Task[Trip]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.dispatch.name

    @property
    def busy(self) -> bool:
        return not all(task.done() for task in self._under_way.values())

    async def idle(self) -> bool:
        return not self._under_way and await self._first(FIRST) is None

    async def step(self) -> int:
        return await self._come_back() + await self._set_out()

    def close(self) -> None:
        """What is under way is carried again by whoever comes next."""
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()

    async def _come_back(self) -> int:
        back = [queue for queue, task in self._under_way.items() if task.done()]
        for queue in back:
            await self._record(self._under_way.pop(queue).result())
        return len(back)

    async def _record(self, trip: Trip) -> None:
        """Not recorded, it is still ready, and is carried again."""
        stream, command = self.dispatch.record(trip)
        ready_by = UUID(trip.document["ready_by"])
        cause = Cause(
            commandid=(commandid := named(ready_by, self.name, stream)),
            actor=self.name,
            correlationid=commandid,
            causationid=ready_by,
        )
        try:
            await self.handle(stream, command, cause)
        except StaleVersion:
            return

    async def _set_out(self) -> int:
        """The first of each queue, by a walk from queue to queue."""
        begun, after = 0, FIRST
        while len(self._under_way) < MOST and (document := await self._first(after)):
            queue = str(document["queue"])
            after = f"{queue}{BEHIND}"
            if queue not in self._under_way:
                task = asyncio.get_running_loop().create_task(self._trip(document))
                task.add_done_callback(lambda _: self.landed())
                self._under_way[queue] = task
                begun += 1
        return begun

    async def _first(self, after: str) -> Document | None:
        query = Query((("turn", "ge", after),), sort="turn", limit=1)
        page = await self.depot.read.find(self.dispatch.view, query)
        return next(iter(page.documents), None)

    async def _trip(self, document: Document) -> Trip:
        """What one delivery raises is its own failure; what a port raises is everybody's."""
        began = self.pulse()
        match await attempt(self.dispatch.carry(document, self.depot)):
            case Failure() as failure:
                receipt = Receipt(outcome="failed", reason=failure.slug)
            case Receipt() as found:
                receipt = found
        took = int((self.pulse() - began) * 1_000)
        return Trip(document, receipt, took, self.depot.clock())
