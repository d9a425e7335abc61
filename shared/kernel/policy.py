"""Whenever something happened elsewhere, ask something of ours. Redelivery asks once."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from shared.contracts.event import Envelope, Event
from shared.kernel.decider import Command
from shared.kernel.ports import Document, Page, Query

E = TypeVar("E", bound=Event)
Asked = tuple[str, Command]


class Read(Protocol):
    """All that a reaction may look at. Views are caught up with our own store first."""

    async def fold(self, stream: str) -> Any:
        """The state of one of our streams; its aggregate's initial state if there is none."""

    async def facts(self, stream: str) -> Sequence[tuple[Any, Envelope]]: ...

    async def find(self, view: str, query: Query) -> Page: ...

    async def get(self, view: str, key: str) -> Document | None: ...


React = Callable[[E, Envelope, Read], Awaitable[Iterable[Asked]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Generic[E]):
    """Another context's fact → our commands, at most one per stream."""

    name: str
    facts: tuple[type[E], ...]
    react: React[E]
    since: Literal["beginning", "deployment"] = "beginning"
