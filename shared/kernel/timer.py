"""Timers: set by our own facts, fired by the clock, once each."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from shared.contracts.event import Envelope, Event
from shared.kernel.policy import Asked, Read

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class SetTimer:
    """For the stream of the fact; the same name again replaces it.

    With `after_inputs` the timer, once due, notes the ends of the topics the context's policies
    read, and fires only when they are consumed that far.
    """

    name: str
    due: datetime
    after_inputs: bool = False


@dataclass(frozen=True, slots=True)
class ClearTimer:
    name: str


@dataclass(frozen=True, slots=True)
class Due:
    stream: str
    name: str
    due: datetime
    set_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers(Generic[E]):
    """`fire` gets what is due; its commands are total: out of date means no facts.

    A changed `set` is a new version.
    """

    version: int = 1
    facts: tuple[type[E], ...]
    set: Callable[[E, Envelope], Iterable[SetTimer | ClearTimer]]
    fire: Callable[[Due, Read], Awaitable[Iterable[Asked]]]
