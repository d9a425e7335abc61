"""A process: whenever something happened here, ask something more of ours."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from shared.contracts.event import Event
from shared.kernel.policy import React

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Generic[E]):
    """Our own fact → our own commands, at most one per stream."""

    name: str
    facts: tuple[type[E], ...]
    react: React[E]
    since: Literal["beginning", "deployment"] = "beginning"
