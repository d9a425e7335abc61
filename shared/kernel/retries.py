"""The second chances of parked facts: by the clock, or by a person."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from shared.kernel import parking
from shared.kernel.clockwork import AT_ONCE, later, until
from shared.kernel.consumer import Place
from shared.kernel.errors import NotFound, Refused, StaleOwner, StaleVersion, Unreachable
from shared.kernel.paging import every
from shared.kernel.ports import Document, Query
from shared.kernel.share import Share, Whole

TRIES = 5  # of a person's wish, while others commit


class Retried(Protocol):
    async def retry(self, document: Document) -> None: ...

    async def hasten(self, document: Document, due: Document) -> None: ...

    async def drop(self, document: Document) -> None: ...


Consumers = Callable[[str], Awaitable[Retried | None]]
"""Who parked it; nobody if its view was rebuilt, or its code is older or younger than ours."""


class Retries:
    """Takes parked facts up again: when they are due, or when a person says so."""

    def __init__(self, consumers: Consumers, place: Place, share: Share | None = None) -> None:
        self.name = f"{place.context}.retries"
        self._consumers, self._place, self._share = consumers, place, share or Whole()

    async def step(self) -> int:
        """What one consumer cannot reach does not keep another one from its retries."""
        due, gone = [document async for document in self._due()], dict[str, Unreachable]()
        for document in due:
            name = str(document["consumer"])
            if name not in gone:
                try:
                    await self._retry(name, document)
                except Unreachable as error:
                    gone[name] = error
        if gone:
            raise next(iter(gone.values()))
        return len(due)

    async def _retry(self, name: str, document: Document) -> None:
        """Whose consumer is not in this code may be younger than it: a person looks at that."""
        if consumer := await self._consumers(name):
            await consumer.retry(document)
        else:
            key, waits = (self._place.parked, document["key"]), parking.unknown(document)
            await self._place.views.commit("dlq", [], {key: waits})

    async def _due(self) -> AsyncIterator[Document]:
        """Whoever holds the log does it; the leader does the rest."""
        views, now = self._place.views, until(self._place.clock())
        async for document in every(views, self._place.parked, now, sort="due", limit=AT_ONCE):
            log = str(document["log"])
            if self._share.holds(log) if "/" in log else self._share.leads:
                yield document

    async def due(self) -> bool:
        return bool(await self._documents(Query((until(self._place.clock()),), limit=1)))

    async def next_due(self, now: datetime) -> datetime | None:
        found = await self._documents(Query((later(now),), sort="due", limit=1))
        return min((datetime.fromisoformat(d["due"]) for d in found), default=None)

    async def hasten(self, key: str) -> Document:
        document = await self._known(key)
        if document["state"] == "behind":
            raise Refused("fact-behind", "retry the parked fact of its stream before it")
        due = document | {"state": "retrying", "due": self._place.clock().isoformat()}
        if consumer := await self._consumers(str(document["consumer"])):
            await _insisting(lambda: consumer.hasten(document, due))
        return due

    async def drop(self, key: str) -> None:
        document = await self._known(key)
        if consumer := await self._consumers(str(document["consumer"])):
            await _insisting(lambda: consumer.drop(document))
        else:
            await self._place.unpark(str(document["consumer"]))

    async def _known(self, key: str) -> Document:
        found = await self._place.views.get_many(self._place.parked, [key])
        if key not in found:
            raise NotFound("fact-not-parked", "see GET /v1/parked")
        return found[key]

    async def _documents(self, query: Query) -> Sequence[Document]:
        return (await self._place.views.find(self._place.parked, query)).documents


async def _insisting(act: Callable[[], Awaitable[None]]) -> None:
    """A person does not own the place: whoever does may commit just now."""
    for _ in range(TRIES):
        with suppress(StaleOwner):
            return await act()
    raise StaleVersion("others committed each time")
