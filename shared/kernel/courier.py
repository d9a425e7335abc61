"""A courier carries our own facts out of the house, and records that it did."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from shared.contracts.event import Envelope, Event
from shared.kernel.policy import Asked
from shared.kernel.ports import Channel

E = TypeVar("E", bound=Event)
Channels = Mapping[str, Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier(Generic[E]):
    """Never replayed. A crash between send and record repeats a send, under the same id."""

    name: str
    facts: tuple[type[E], ...]
    deliver: Callable[[E, Envelope, Channels], Awaitable[Iterable[Asked]]]
    since: Literal["beginning", "deployment"] = "beginning"
