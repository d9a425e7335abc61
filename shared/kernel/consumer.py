"""A consumer takes facts from a feed and commits what they did together with its position."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel import parking
from shared.kernel.errors import StaleOwner
from shared.kernel.parking import Failure
from shared.kernel.ports import Clock, Condition, Document, Key, Query, Views
from shared.kernel.step import STORE, Entry, Feed, moves


@dataclass(slots=True)
class Effects:
    """What a batch of facts leaves in the views."""

    puts: dict[Key, Document | None] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a consumer stands, and where what it cannot digest is parked."""

    context: str
    views: Views
    clock: Clock

    @property
    def parked(self) -> str:
        return f"{self.context}.parked"


class Consumer(ABC):
    """`apply` does one fact; what it raises parks the fact, unless a port raised it."""

    def __init__(self, name: str, feed: Feed, place: Place) -> None:
        self.name = name
        self._feed, self._place = feed, place
        self._at: Mapping[str, int] | None = None

    @abstractmethod
    async def apply(self, entry: Entry, effects: Effects) -> None: ...

    async def begin(self, entries: Sequence[Entry]) -> Collection[UUID]:
        """Load what the batch needs; say which fact ids were seen before."""
        return ()

    async def positions(self) -> Mapping[str, int]:
        if self._at is None:
            self._at = await self._place.views.positions(self.name)
        return self._at

    async def step(self) -> int:
        at = await self.positions()
        entries = await self._feed(at)
        if entries:
            effects = await self._digested(entries)
            await self._commit(at, entries, effects)
        return len(entries)

    async def retry(self, document: Document) -> None:
        """One parked fact again; its followers become due when it is done."""
        (entry,) = (await self._feed({document["log"]: int(document["position"]) - 1}))[:1]
        effects, now = Effects(), self._place.clock()
        place = (self._place.parked, str(document["key"]))
        await self.begin([entry])
        match await parking.attempt(self.apply(entry, effects)):
            case Failure() as failure:
                effects = Effects(puts={place: parking.again(document, failure, now)})
            case _:
                effects.puts[place] = None
                effects.puts |= await self._next_in_line(document)
        await self._place.views.commit(self.name, [], effects.puts, effects.seen)

    async def _digested(self, entries: Sequence[Entry]) -> Effects:
        effects, now = Effects(), self._place.clock()
        await self.begin(entries)
        blocked = await self._blocked(entries)
        for entry in entries:
            stream = entry.sealed.subject if entry.sealed else None
            place = (self._place.parked, parking.key(self.name, entry))
            if stream in blocked:
                effects.puts[place] = parking.behind(self.name, entry, now)
                continue
            mine = Effects()
            match await parking.attempt(self.apply(entry, mine)):
                case Failure() as failure:
                    effects.puts[place] = parking.parked(self.name, entry, failure, now)
                    blocked |= {stream} if stream else set()
                case _:
                    effects.puts |= mine.puts
                    effects.seen |= mine.seen
        return effects

    async def _blocked(self, entries: Sequence[Entry]) -> set[str | None]:
        if entries[0].log != STORE:
            return set()
        page = await self._parked((), 200)
        return {document["stream"] for document in page}

    async def _next_in_line(self, done: Document) -> dict[Key, Document | None]:
        if done["stream"] is None:
            return {}
        line = await self._parked((("stream", "eq", done["stream"]),), 2)
        followers = [one for one in line if one["key"] != done["key"]][:1]
        due = {"state": "retrying", "due": self._place.clock().isoformat()}
        return {(self._place.parked, one["key"]): one | due for one in followers}

    async def _parked(self, where: Sequence[Condition], limit: int) -> list[Document]:
        mine: Sequence[Condition] = (("consumer", "eq", self.name), *where)
        query = Query(mine, sort="position", limit=limit)
        return list((await self._place.views.find(self._place.parked, query)).documents)

    async def _commit(
        self, at: Mapping[str, int], entries: Sequence[Entry], effects: Effects
    ) -> None:
        moved = moves(at, entries)
        self._at = None
        await self._place.views.commit(self.name, moved, effects.puts, effects.seen)
        self._at = {**at, **{move.log: move.new for move in moved}}


async def unless_overtaken(consumer: Consumer) -> int:
    """A stale owner only ends its batch: somebody else did it."""
    try:
        return await consumer.step()
    except StaleOwner:
        return 1
