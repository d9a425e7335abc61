"""A consumer takes facts from a feed and commits what they did together with its position."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel import parking
from shared.kernel.errors import StaleOwner
from shared.kernel.paging import every
from shared.kernel.parking import Failure, attempt
from shared.kernel.ports import Clock, Condition, Document, Key, Move, View, Views
from shared.kernel.step import STORE, Entry, Feed, Step, moves
from shared.kernel.trace import Trace, untraced

TURN = "turn"
"""Counts a consumer's commits as if it were a log, one for each partition: whoever writes the
documents of a partition notices that somebody else did, whichever of its logs that one read.
"""
UNFIT = (TypeError, ValueError)
"""What a view says to a document that it cannot hold."""
PAGE = 500


@dataclass(slots=True)
class Effects:
    """What a batch of facts leaves in the views."""

    puts: dict[Key, Document | None] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)


At = Mapping[str, int]
Holds = Callable[[str], bool]
Shown = Callable[[str, float], None]


def everything(log: str) -> bool:
    """A process that works alone holds every log."""
    return True


def unshown(view: str, seconds: float) -> None:
    """Nobody asks how fresh a view is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a consumer stands, and where what it cannot digest is parked."""

    context: str
    views: Views
    clock: Clock
    shown: Shown = unshown
    trace: Trace = untraced

    @property
    def parked(self) -> str:
        return f"{self.context}.parked"

    def parked_by(self, consumer: str, *where: Condition) -> AsyncIterator[Document]:
        """In the order of their positions."""
        mine: Sequence[Condition] = (("consumer", "eq", consumer), *where)
        return every(self.views, self.parked, *mine, sort="position", limit=PAGE)

    async def unpark(self, consumer: str) -> None:
        """The consumer is no more, or begins anew: what it parked comes again, or never will."""
        gone = [document["key"] async for document in self.parked_by(consumer)]
        if gone:
            await self.views.commit("dlq", [], {(self.parked, key): None for key in gone})


class Consumer(ABC):
    """`apply` does one fact; what it raises parks the fact, unless a port raised it."""

    def __init__(self, name: str, feed: Feed, place: Place) -> None:
        self.name = name
        self._feed, self._place = feed, place
        self._at: Mapping[str, int] | None = None
        self._seen: set[UUID] = set()
        self.skipped = 0  # records of a type that this code does not know

    @abstractmethod
    async def apply(self, entry: Entry, effects: Effects) -> None: ...

    async def begin(self, entries: Sequence[Entry]) -> None:
        """A batch begins: nothing is left of the one before."""
        self._seen = set()

    async def together(self, entries: Sequence[Entry]) -> Effects | None:
        """The same as each by itself, quicker, for whoever can undo it; None where that is not."""
        return None

    async def repeated(self, id_: UUID) -> bool:
        """Digested before, in this batch or an earlier one."""
        return id_ in self._seen or bool(await self._place.views.seen(self.name, [id_]))

    async def positions(self) -> Mapping[str, int]:
        if self._at is None:
            self._at = await self._place.views.positions(self.name)
        return self._at

    async def step(self) -> int:
        at = await self.positions()
        entries = await self._feed(at)
        if entries:
            try:
                await self._commit(at, entries, await self._digested(entries))
            except UNFIT:
                await self._one_by_one(at, entries)
        return len(entries)

    async def retry(self, document: Document) -> None:
        """One parked fact again; its followers become due when it is done."""
        at = await self.positions()
        if not await self._stands(document):
            return
        match await attempt(self._redone(at, document)):
            case Failure() as failure:
                again = parking.again(document, failure, self._place.clock())
                await self._amend(at, document["log"], Effects({self._parking(document): again}))

    async def hasten(self, document: Document, due: Document) -> None:
        """It becomes due, unless somebody took it up meanwhile."""
        at = await self.positions()
        if await self._stands(document):
            await self._amend(at, document["log"], Effects({self._parking(document): due}))

    async def drop(self, document: Document) -> None:
        """A person gave it up; what waited behind it becomes due."""
        at = await self.positions()
        if await self._stands(document):
            effects = Effects({self._parking(document): None})
            effects.puts |= await self._next_in_line(document)
            await self._amend(at, document["log"], effects)

    def forget(self) -> None:
        """Another process may have worked here: our place is looked up again."""
        self._at = None

    async def assigned(self, ends: Mapping[str, int], holds: Holds = everything) -> None:
        """A log that ends before where we stand was lost: it is read again from its start."""
        at = await self.positions()
        logs = {log: place for log, place in at.items() if "/" in log and place and holds(log)}
        lost = [log for log, place in logs.items() if place > ends.get(log, 0)]
        lost += [log for log in logs if log not in lost and await self._replaced(log, at[log])]
        if lost:
            await self._write(at, [Move(log, at[log], 0) for log in lost], Effects())

    async def _replaced(self, log: str, position: int) -> bool:
        """Another record lies where we stand than the one that we remember, or the same one sent
        again; an expired one is believed.
        """
        mark = self._mark(log)
        known = (await self._place.views.get_many(mark[0], [mark[1]])).get(mark[1])
        if known is None or known["position"] != position:
            return False
        there = await self._feed.one(log, position)
        found = _remembered(there) if there else {}
        return any(known.get(name, found[name]) != found[name] for name in found)

    async def _stands(self, document: Document) -> bool:
        """Parked as we know it: nobody took it up since."""
        key = str(document["key"])
        found = await self._place.views.get_many(self._place.parked, [key])
        return found.get(key) == document

    async def _redone(self, at: At, document: Document) -> None:
        entry, effects = await self._entry(document), Effects()
        await self.begin([entry])
        await self.apply(entry, effects)
        effects.puts[self._parking(document)] = None
        effects.puts |= await self._next_in_line(document)
        await self._amend(at, document["log"], effects)

    async def _entry(self, document: Document) -> Entry:
        log, position = document["log"], int(document["position"])
        entry = await self._feed.one(log, position)
        if entry is None or document.get("sha256", entry.digest) != entry.digest:
            raise LookupError(f"{log}@{position} is there no more: it expired, or the bus lost it")
        return entry

    async def _digested(self, entries: Sequence[Entry]) -> Effects:
        await self.begin(entries)
        blocked = await self._blocked(entries)
        free = [entry for entry in entries if _stream(entry) not in blocked]
        match await attempt(self.together(free)):
            case Effects() as effects:
                effects.puts |= self._behind(e for e in entries if _stream(e) in blocked)
                return effects
            case _:
                return await self._each(entries, blocked)

    async def _each(self, entries: Sequence[Entry], blocked: set[str | None]) -> Effects:
        effects, now = Effects(), self._place.clock()
        for entry in entries:
            stream = _stream(entry)
            if stream in blocked:
                effects.puts |= self._behind([entry])
                continue
            mine = Effects()
            match await attempt(self.apply(entry, mine)):
                case Failure() as failure:
                    parked = parking.parked(self.name, entry, failure, now)
                    effects.puts[self._parking(parked)] = parked
                    blocked |= {stream} if stream else set()
                case _:
                    effects.puts |= mine.puts
                    effects.seen |= mine.seen
                    self._seen |= mine.seen
        return effects

    def _behind(self, entries: Iterable[Entry]) -> dict[Key, Document | None]:
        now = self._place.clock()
        parked = [parking.behind(self.name, entry, now) for entry in entries]
        return {self._parking(one): one for one in parked}

    async def _one_by_one(self, at: At, entries: Sequence[Entry]) -> None:
        """One of these facts makes a document that no view can hold: that one is parked."""
        for entry in entries:
            try:
                at = await self._commit(at, [entry], await self._digested([entry]))
            except UNFIT as error:
                place = (self._place.parked, parking.key(self.name, entry))
                now, failure = self._place.clock(), parking.failed(error)
                parked = parking.parked(self.name, entry, failure, now)
                at = await self._commit(at, [entry], Effects({place: parked}))

    async def _blocked(self, entries: Sequence[Entry]) -> set[str | None]:
        """Streams that wait behind a parked fact; every line has one at its head."""
        if entries[0].log != STORE:
            return set()
        heads = self._place.parked_by(self.name, ("state", "in", parking.HEADS))
        return {document["stream"] async for document in heads}

    async def _next_in_line(self, done: Document) -> dict[Key, Document | None]:
        if done["stream"] is None or done["state"] == "behind":
            return {}
        line = self._place.parked_by(self.name, ("stream", "eq", done["stream"]))
        async for one in line:
            if one["key"] != done["key"]:
                due = {"state": "retrying", "due": self._place.clock().isoformat()}
                return {self._parking(one): one | due}
        return {}

    def _mark(self, log: str) -> Key:
        return f"{self._place.context}.places", f"{self.name}|{log}"

    def _parking(self, document: Document) -> Key:
        return self._place.parked, str(document["key"])

    async def _commit(self, at: At, entries: Sequence[Entry], effects: Effects) -> At:
        """Guarded by the places that move, and by the turns of their partitions.

        `at` is where we stood when the entries were fetched, whatever was forgotten since.
        """
        last = {entry.log: entry for entry in entries if entry.log != STORE}
        effects.puts |= {self._mark(log): _remembered(entry) for log, entry in last.items()}
        moved = moves(at, entries)
        return await self._write(at, [*moved, *_turns(at, [move.log for move in moved])], effects)

    async def _amend(self, at: At, log: str, effects: Effects) -> None:
        """Out of turn: nobody else wrote in this partition since we looked."""
        await self._write(at, _turns(at, [log]), effects)

    async def _write(self, at: At, moved: Sequence[Move], effects: Effects) -> At:
        self._at = None
        await self._place.views.commit(self.name, moved, effects.puts, effects.seen)
        self._at = {**at, **{move.log: move.new for move in moved}}
        return self._at


def places(context: str) -> View:
    """The last record that each consumer of the bus has read of each log."""
    return View(name=f"{context}.places")


def _turns(at: At, logs: Iterable[str]) -> list[Move]:
    """The next one of each partition that these logs are of; the own store is one partition."""
    split = {log.rpartition("/") for log in logs}
    counts = {f"{TURN}:{partition}" if topic else TURN for topic, _, partition in split}
    return [Move(one, at.get(one, 0), at.get(one, 0) + 1) for one in sorted(counts)]


def _stream(entry: Entry) -> str | None:
    """From the bus nothing waits behind anything."""
    return entry.sealed.subject if entry.sealed else None


def _remembered(one: Entry) -> Document:
    return {"position": one.position, "sha256": one.digest, "sent": one.sent}


async def unless_overtaken(step: Step) -> int:
    """A stale owner only ends its batch: somebody else did it."""
    try:
        return await step.step()
    except StaleOwner:
        return 1
