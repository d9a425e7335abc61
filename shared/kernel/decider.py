"""A decider is a pure state machine: commands in, facts out, state folded from facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from shared.contracts.event import Event

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")

Upcast = Callable[[bytes], tuple[str, bytes]]


class Command(Protocol):
    """Any frozen dataclass that says when the business did it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class Decider(Generic[C, S, E]):
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    initial: S

    def fold(self, facts: Iterable[E]) -> S:
        return reduce(self.evolve, facts, self.initial)


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One kind of stream, `<context>.<name>-<id>`, with its decider and every fact in it."""

    name: str
    decider: Decider[Any, Any, Any]
    facts: tuple[type[Event], ...]
    upcasts: Mapping[str, Upcast] = field(default_factory=dict)


def corrupt(state: object, fact: object) -> Exception:
    """A stored fact that cannot follow the facts before it: stop, never skip."""
    return RuntimeError(f"{type(fact).__name__} cannot follow {type(state).__name__}")
