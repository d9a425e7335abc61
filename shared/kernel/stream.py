"""A live stream of others' facts, grouped anew: figures to look at, and what is out of order.

Nothing that moves money follows from one: it is told here, and decided by a stream of ours.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from shared.contracts.event import Event
from shared.kernel.policy import Asked
from shared.kernel.ports import Document

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A thing as a whole as of `revision`, split over its groups; the highest revision counts."""

    thing: str
    revision: int
    parts: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What is shown of a group; the labels beside the group's own are few and bounded."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Generic[E]):
    """All functions are pure. `moved` takes a part out of a group's sums (None: a new group) and
    puts another one in. `due` is the last instant, until now, at which groups are to be judged.
    """

    name: str
    facts: tuple[type[E], ...]
    group: str  # what a group is called in figures
    labels: tuple[str, ...] = ()  # those of its gauges, beside the group
    gauges: Mapping[str, str] = field(default_factory=dict)  # by name, what they tell
    told: Callable[[E], Told]
    moved: Callable[[Document | None, Document | None, Document | None], Document]
    measured: Callable[[Document, datetime], Iterable[Gauge]]
    due: Callable[[datetime], datetime]
    judged: Callable[[str, Document, datetime], Iterable[Asked]]
