"""What the kernel needs from the outside world. The contract suites hold adapters to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from shared.contracts.event import Envelope

Document = dict[str, Any]
Key = tuple[str, str]


class Clock(Protocol):
    def __call__(self) -> datetime:
        """An aware instant in UTC."""


class EventStore(Protocol):
    """One context's facts. Positions are above 0 and grow in commit order, maybe with gaps."""

    @property
    def incarnation(self) -> str:
        """Another one after a restore: positions of views are void then."""

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        """The stream's facts with a `sequence` above `after`, in order."""

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        """All, and the last one's position; or `StaleVersion` and none, unless at `expected`.

        An empty append is a `ValueError`. The same append again is stored once: it is stale, or
        answered with its position.
        """

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        """Facts of every stream with their positions, in commit order; `after` is one of those."""

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        """The last facts, in commit order, up to the one at `until`; it is one of theirs."""

    async def count(self) -> int:
        """How many facts there are. Where positions have gaps, somebody walks over them once."""

    async def position(self, stream: str, sequence: int) -> int:
        """Where that fact of the stream stands in commit order; `KeyError` if there is none."""

    async def end(self) -> int:
        """The position of the last fact, 0 when there is none."""


@dataclass(frozen=True, slots=True)
class Record:
    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record of one log (`<topic>/<partition>`); positions start at 1. `sent`: when, in ms by
    the clock of the bus or of who sent it; what is sent again is so at another time.
    """

    log: str
    position: int
    record: Record
    sent: int = 0


class Bus(Protocol):
    @property
    def outages(self) -> int:
        """Grows when anybody in this process finds it gone: what it had confirmed may be lost."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once every record is durable. One key keeps one partition and its order."""

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        """Records behind the given position of each log, of no particular order between logs."""

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        """The last position of each log that has one."""

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        """Delete what lies on these topics for longer, by the bus's own clock; say how much.

        Positions and ends stay. Where topics have a retention of their own there is nothing to do.
        """


@dataclass(frozen=True, slots=True)
class Move:
    log: str
    old: int
    new: int


Op = Literal["eq", "in", "lt", "le", "ge", "prefix"]
Condition = tuple[str, Op, Any]


@dataclass(frozen=True, slots=True)
class Index:
    """A field that can be asked for and sorted by. Decimals and instants sort by value.

    A dotted name reaches inside (`gap.amount`). A missing or null field equals only None.
    """

    field: str
    kind: Literal["text", "decimal", "instant"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What stores documents under one name. A changed fold or index is a new version."""

    name: str
    version: int = 1
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """`sort` is a declared field, "-" before it for descending; ties and default by key.

    `cursor` is the one of the page before; it belongs to the same `where` and `sort`.
    """

    where: Sequence[Condition] = ()
    sort: str = ""
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    documents: Sequence[Document]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Generations:
    """`live` is what readers see; `filling` is being rebuilt beside it."""

    version: int
    live: int
    filling: int | None = None


class Views(Protocol):
    """Documents, seen ids and positions of one context, moved in one commit.

    A consumer named `<view>.v<version>.g<generation>` writes that view into that generation,
    every other consumer (and every other view) into the live one.
    """

    async def belongs_to(self, store_incarnation: str) -> bool:
        """False when it was filled from another life of the store, and is empty from now on.

        Documents, positions and seen ids of projections go; all other consumers keep theirs.
        """

    async def open(self, views: Collection[View]) -> None:
        """Make what is missing. A version other than the live one starts a filling generation."""

    async def generations(self, view: str) -> Generations: ...

    async def rebuild(self, view: str) -> Generations:
        """Start an empty filling generation (a running one is dropped and started again)."""

    async def swap(self, view: str, generation: int) -> Generations:
        """Make this filling generation the live one, and drop what was live.

        The same again changes nothing; `StaleOwner` when another one is filling by now.
        """

    async def get_many(
        self, view: str, keys: Collection[str], *, generation: int | None = None
    ) -> dict[str, Document]: ...

    async def find(self, view: str, query: Query) -> Page:
        """Documents that meet all conditions; `ValueError` for a field without index."""

    async def positions(self, consumer: str) -> Mapping[str, int]:
        """How far the consumer has come in each log; a log not named is at 0."""

    async def seen(self, consumer: str, ids: Collection[UUID]) -> set[UUID]: ...

    async def commit(
        self,
        consumer: str,
        moves: Sequence[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        """All documents, seen ids and positions or, with `StaleOwner`, nothing.

        Stale is a move from elsewhere than where the consumer stands, and a generation that is
        neither live nor filling.
        """


class People(Protocol):
    """Personal data and raw claims: never rebuilt from facts, deleted when they must be."""

    async def put(self, person_id: UUID, fields: Mapping[str, str]) -> None: ...

    async def get_many(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]: ...

    async def forget(self, person_id: UUID) -> bool: ...

    async def keep(self, raw_id: UUID, raw: bytes, *, until: datetime) -> None: ...

    async def raw(self, raw_id: UUID) -> bytes | None: ...

    async def expire(self, now: datetime) -> int: ...


class Blobs(Protocol):
    """Files, named by what is in them."""

    async def put(self, data: bytes) -> str:
        """Its name: the SHA-256 in hex. The same bytes again are stored once."""

    async def get(self, name: str) -> bytes | None:
        """`PortFailed` when the bytes are no longer those that were put."""

    async def delete(self, name: str) -> bool: ...


class Channel(Protocol):
    """A way out: the only kind of thing that acts on the world. Deliveries carry their id."""

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None: ...
