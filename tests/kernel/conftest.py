"""`toys`: both toy contexts hosted together, on the embedded adapters and a hand-turned clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.event import Envelope
from shared.kernel.decider import Command
from shared.kernel.handler import Cause, Done
from shared.kernel.ports import Bus, Document, Query
from shared.kernel.projection import Projection
from shared.runtime.context import Context, Ports
from shared.runtime.hiring import hire
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.worker import Worker
from shared.testing.embedded import embedded
from tests.kernel.commands import MakeThing, PaintThing, SellThing, SetAlarm
from tests.kernel.things import THINGS, WATCH, Thing, stream

START = datetime(2026, 1, 1, tzinfo=UTC)


def cause(number: int, *, outside: bool = False, expected: int | None = None) -> Cause:
    id_ = UUID(int=number)
    return Cause(commandid=id_, actor="pat", correlationid=id_, outside=outside, expected=expected)


@dataclass(slots=True)
class Sent:
    """A channel that remembers."""

    deliveries: list[tuple[UUID, str]] = field(default_factory=list)

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None:
        self.deliveries.append((delivery_id, body))


@dataclass(slots=True)
class Toys:
    """What is hosted can be hosted again, as after a restart; `host` may be given other code."""

    ports: dict[str, Ports]
    clock: HandTurned
    out: Sent
    workers: dict[str, Worker] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1_000))

    async def host(self, *contexts: Context, bus: Bus | None = None) -> Platform:
        for context in contexts or (THINGS, WATCH):
            ports = self.ports[context.name]
            self.workers[context.name] = await hire(context, replace(ports, bus=bus or ports.bus))
        return self.platform

    @property
    def platform(self) -> Platform:
        return Platform(workers=self.workers, clock=self.clock)

    @property
    def things(self) -> Worker:
        return self.workers["things"]

    @property
    def watch(self) -> Worker:
        return self.workers["watch"]

    async def ask(self, thing_id: str, command: Command, number: int = 0) -> Done:
        by = cause(number or next(self._ids))
        return await self.things.service.handle(stream(thing_id), command, by)

    async def make(self, thing_id: str, partner_id: str = "acme", price: int = 1) -> Done:
        command = MakeThing(thing_id=thing_id, partner_id=partner_id, price=price, at=self.clock())
        return await self.ask(thing_id, command)

    async def paint(self, thing_id: str, *colours: str) -> Done:
        return await self.ask(thing_id, PaintThing(colours=colours, at=self.clock()))

    async def sell(self, thing_id: str) -> Done:
        return await self.ask(thing_id, SellThing(at=self.clock()))

    async def alarm(self, thing_id: str, name: str, minutes: float, **how: Any) -> Done:
        due = START + timedelta(minutes=minutes)
        return await self.ask(thing_id, SetAlarm(name=name, due=due, at=self.clock(), **how))

    async def settle(self) -> None:
        await self.platform.settle()

    async def advance(self, minutes: float) -> None:
        """To so many minutes after the start."""
        await self.platform.advance_to(START + timedelta(minutes=minutes), self.clock)

    async def thing(self, thing_id: str) -> Thing:
        found: Thing = await self.things.service.read.fold(stream(thing_id))
        return found

    async def rows(self, view: str = "things.rows") -> dict[str, Document]:
        worker = self.workers[view.partition(".")[0]]
        page = await worker.ports.views.find(view, Query(limit=1_000))
        key = "id" if view == "things.rows" else "partner_id"
        return {document[key]: document for document in page.documents}

    async def parked(self, context: str = "things") -> list[Document]:
        views = self.workers[context].ports.views
        page = await views.find(f"{context}.parked", Query(sort="position", limit=1_000))
        return list(page.documents)

    async def types(self, context: str = "things") -> list[str]:
        """The facts of the context's store, in commit order."""
        store = self.ports[context].store
        return [fact.type for _, fact in await store.follow(after=0, limit=100_000)]


@dataclass(slots=True)
class Broken:
    """A fold that fails for some facts until it is mended, and counts what it has folded."""

    of: Projection[Any]
    on: Callable[[Any, Envelope], bool]
    mended: bool = False
    folded: list[int] = field(default_factory=list)

    @property
    def projection(self) -> Projection[Any]:
        return replace(self.of, fold=self._fold)

    def _fold(self, key: str, row: Document | None, fact: Any, envelope: Envelope) -> Any:
        if not self.mended and self.on(fact, envelope):
            raise ZeroDivisionError("not yet")
        self.folded.append(envelope.sequence)
        return self.of.fold(key, row, fact, envelope)


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Toys]:
    clock, out = HandTurned(START), Sent()
    with embedded(tmp_path, "things", "watch", clock=clock) as ports:
        told = {name: replace(one, channels={"out": out}) for name, one in ports.items()}
        yield Toys(told, clock, out)
