"""Runs the timers of a context, and the retries of what it parked: all that time makes due."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

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
from shared.kernel.reactor import once
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers


class Retried(Protocol):
    async def retry(self, document: Document) -> None: ...


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

    async def ends(self) -> dict[str, int]:
        topics = {topic for topics in self._readers.values() for topic in topics}
        return dict(await self._bus.ends(topics))

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
        self, timers: Timers[Any], handle: Handler, read: Read, inputs: Inputs, place: Place
    ) -> None:
        self.name = f"{place.context}.timers"
        self._timers, self._handle, self._read = timers, handle, read
        self._inputs, self._place = inputs, place

    async def step(self) -> int:
        now = self._place.clock()
        query = Query((("due", "le", now.isoformat()),), sort="due", limit=100)
        fired = 0
        for document in (await self._read.find(self.name, query)).documents:
            fired += await self._due(document)
        return fired

    async def next_due(self, now: datetime) -> datetime | None:
        page = await self._read.find(self.name, Query((later(now),), sort="due", limit=1))
        return min((datetime.fromisoformat(d["due"]) for d in page.documents), default=None)

    async def _due(self, document: Document) -> int:
        if document["after_inputs"]:
            if document["noted"] is None:
                noted = await self._inputs.ends()
                await self._write(document, document | {"noted": noted})
                return 1
            if not await self._inputs.reached(document["noted"]):
                return 0
        await self._fired(document)
        return 1

    async def _fired(self, document: Document) -> None:
        due = restored(document, Due)
        once_ = named(due.set_by, due.name, due.stream)
        if await self._place.views.seen(self.name, [once_]):
            await self._write(document, None)
            return
        gone: dict[Key, Document | None] = {(self.name, _key(document)): None}
        match await attempt(self._fire(due)):
            case Failure() as failure:
                parked = parking.overdue(self.name, document, failure, self._place.clock())
                gone[(self._place.parked, str(parked["key"]))] = parked
                await self._place.views.commit(self.name, [], gone)
            case _:
                await self._place.views.commit(self.name, [], gone, [once_])

    async def retry(self, document: Document) -> None:
        """A parked timer again."""
        due, now = restored(document["timer"], Due), self._place.clock()
        place = (self._place.parked, str(document["key"]))
        match await attempt(self._fire(due)):
            case Failure() as failure:
                again = parking.again(document, failure, now)
                await self._place.views.commit(self.name, [], {place: again})
            case _:
                fired = [named(due.set_by, due.name, due.stream)]
                await self._place.views.commit(self.name, [], {place: None}, fired)

    async def _fire(self, due: Due) -> None:
        commandid = named(due.set_by, due.name, due.stream)
        cause = Cause(
            commandid=commandid, actor=self.name, correlationid=commandid, causationid=due.set_by
        )
        for stream, command in once(await self._timers.fire(due, self._read), self.name).items():
            await self._handle(stream, command, cause)

    async def _write(self, document: Document, new: Document | None) -> None:
        await self._place.views.commit(self.name, [], {(self.name, _key(document)): new})


def later(now: datetime) -> Condition:
    return ("due", "ge", (now + timedelta(microseconds=1)).isoformat())


def _key(document: Document) -> str:
    return f"{document['stream']}/{document['name']}"


class Retries:
    """Takes parked facts up again when they are due."""

    def __init__(self, consumers: Callable[[str], Retried | None], place: Place) -> None:
        self.name = f"{place.context}.retries"
        self._consumers, self._place = consumers, place

    async def step(self) -> int:
        now = self._place.clock()
        query = Query((("due", "le", now.isoformat()),), sort="due", limit=100)
        due = await self._documents(query)
        for document in due:
            if consumer := self._consumers(str(document["consumer"])):
                await consumer.retry(document)
            else:  # its view was rebuilt under another name: the fact was read again there
                gone: dict[Key, Document | None] = {(self._place.parked, document["key"]): None}
                await self._place.views.commit(self.name, [], gone)
        return len(due)

    async def next_due(self, now: datetime) -> datetime | None:
        found = await self._documents(Query((later(now),), sort="due", limit=1))
        return min((datetime.fromisoformat(d["due"]) for d in found), default=None)

    async def _documents(self, query: Query) -> Sequence[Document]:
        return (await self._place.views.find(self._place.parked, query)).documents
