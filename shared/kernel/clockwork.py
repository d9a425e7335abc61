"""Runs the timers of a context: what its facts have set fires when it is due, once."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.kernel import parking
from shared.kernel.codec import restored
from shared.kernel.consumer import Place
from shared.kernel.handler import Cause, Handler
from shared.kernel.parking import Failure, attempt
from shared.kernel.policy import Read
from shared.kernel.ports import Bus, Condition, Document, Index, Key, Query
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.reactor import once
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

AT_ONCE = 100


def timers_view(context: str, timers: Timers[Any]) -> Projection[Any]:
    """`<context>.timers`: one document for each timer that has not fired."""

    def keys(fact: Event, envelope: Envelope) -> list[str]:
        return [f"{envelope.subject}/{one.name}" for one in timers.set(fact, envelope)]

    def fold(key: str, row: Document | None, fact: Event, envelope: Envelope) -> Document | None:
        for one in timers.set(fact, envelope):
            if key == f"{envelope.subject}/{one.name}":
                row = _document(one, envelope)
        return row

    return Projection(
        name=f"{context}.timers",
        version=timers.version,
        facts=timers.facts,
        keys=keys,
        fold=fold,
        indexes=(Index("due", "instant"),),
    )


def _document(timer: SetTimer | ClearTimer, envelope: Envelope) -> Document | None:
    if isinstance(timer, ClearTimer):
        return None
    return {
        "stream": envelope.subject,
        "name": timer.name,
        "due": timer.due.isoformat(),
        "set_by": str(envelope.id),
        "after_inputs": timer.after_inputs,
        "noted": None,
    }


class Inputs:
    """How far the topics go that the context's policies and claims read, and how far they read."""

    def __init__(self, bus: Bus, readers: Mapping[str, tuple[str, ...]], place: Place) -> None:
        self._bus, self._readers, self._place = bus, readers, place

    @property
    def topics(self) -> set[str]:
        return {topic for topics in self._readers.values() for topic in topics}

    async def ends(self) -> dict[str, int]:
        return dict(await self._bus.ends(self.topics))

    async def reached(self, noted: Mapping[str, int]) -> bool:
        for reader, topics in self._readers.items():
            at = await self._place.views.positions(reader)
            for log, end in noted.items():
                if log.rpartition("/")[0] in topics and at.get(log, 0) < end:
                    return False
        return True


class Clockwork:
    """Fires what is due, in the order of (due, key); each timer once."""

    def __init__(
        self, timers: Timers[Any], handle: Handler, read: Read, inputs: Inputs, view: Projector
    ) -> None:
        self.name, self._place = view.name, view.place
        self._timers, self._handle, self._read = timers, handle, read
        self._inputs, self._view = inputs, view

    async def step(self) -> int:
        moved, waiting = 0, set[str]()
        while moved < AT_ONCE and (document := await self._first(waiting)):
            if await self._due(document):
                moved += 1
            else:
                waiting.add(_key(document))
        return moved

    async def due(self) -> bool:
        return await self._first(()) is not None

    async def next_due(self, now: datetime) -> datetime | None:
        page = await self._read.find(self.name, Query((later(now),), sort="due", limit=1))
        return min((datetime.fromisoformat(d["due"]) for d in page.documents), default=None)

    async def _first(self, waiting: Collection[str]) -> Document | None:
        """Looked up for each, as the one before may have set, moved or cleared another."""
        past = until(self._place.clock())
        page = await self._read.find(self.name, Query((past,), sort="due", limit=len(waiting) + 1))
        return next((one for one in page.documents if _key(one) not in waiting), None)

    async def _due(self, document: Document) -> bool:
        if document["after_inputs"]:
            if document["noted"] is None:
                noted = document | {"noted": await self._inputs.ends()}
                await self._view.replace(_key(document), document, noted)
                return True
            if not await self._inputs.reached(document["noted"]):
                return False
        await self._fired(restored(document, Due), document)
        return True

    async def _fired(self, due: Due, document: Document) -> None:
        if not await self._place.views.seen(self.name, [_once(due)]):
            match await attempt(self._fire(due)):
                case Failure() as failure:
                    parked = parking.overdue(self.name, document, failure, self._place.clock())
                    await self._write({(self._place.parked, str(parked["key"])): parked})
                case _:
                    await self._write({}, due)
        await self._view.replace(_key(document), document, None)

    async def retry(self, document: Document) -> None:
        """A parked timer again."""
        due, place = restored(document["timer"], Due), (self._place.parked, document["key"])
        match await attempt(self._fire(due)):
            case Failure() as failure:
                await self._write({place: parking.again(document, failure, self._place.clock())})
            case _:
                await self._write({place: None}, due)

    async def hasten(self, document: Document, due: Document) -> None:
        """A timer that fires again asks what it has asked before."""
        await self._write({(self._place.parked, document["key"]): due})

    async def drop(self, document: Document) -> None:
        """A person gave it up; it counts as fired."""
        due = restored(document["timer"], Due)
        await self._write({(self._place.parked, document["key"]): None}, due)

    async def _fire(self, due: Due) -> None:
        commandid = _once(due)
        cause = Cause(
            commandid=commandid, actor=self.name, correlationid=commandid, causationid=due.set_by
        )
        for stream, command in once(await self._timers.fire(due, self._read), self.name).items():
            await self._handle(stream, command, cause)

    async def _write(self, puts: Mapping[Key, Document | None], fired: Due | None = None) -> None:
        seen = [_once(fired)] if fired else []
        await self._place.views.commit(self.name, [], puts, seen)


def until(now: datetime) -> Condition:
    return ("due", "le", now.isoformat())


def later(now: datetime) -> Condition:
    return ("due", "ge", (now + timedelta(microseconds=1)).isoformat())


def _key(document: Document) -> str:
    return f"{document['stream']}/{document['name']}"


def _once(due: Due) -> UUID:
    """One setting of a timer fires once, whatever is rebuilt."""
    return named(due.set_by, due.name, due.stream)
