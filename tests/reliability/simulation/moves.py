"""What can happen in a story, as data: so that a story can be printed, replayed and shortened."""

from dataclasses import dataclass
from typing import Any

from tests.reliability.simulation.wires import Fate, Port


@dataclass(frozen=True, slots=True)
class Ask:
    """A client asks process `at` of the context; the number is its Idempotency-Key."""

    number: int
    context: str
    path: str
    body: Any
    role: str = "manager"
    partner: str | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The same request, at another process, whether or not the first one was answered."""

    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Report:
    """Another system puts a claim on the bus, maybe more than once."""

    topic: str
    id: str
    data: Any
    times: int = 1


@dataclass(frozen=True, slots=True)
class Go:
    """One of those who could go on does, for so many calls of ports."""

    pick: int
    calls: int


@dataclass(frozen=True, slots=True)
class Work:
    """All processes do, one after another: their requests, and a sweep, so many times. Whoever
    was not answered asks again.
    """

    rounds: int


@dataclass(frozen=True, slots=True)
class Crash:
    """All that a process remembers is gone, wherever it was; a new one starts."""

    context: str
    at: int


@dataclass(frozen=True, slots=True)
class Break:
    """The call of a port that a process makes after so many others fails."""

    context: str
    at: int
    after: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Cut:
    """A port is gone for a process; the same again brings it back."""

    context: str
    at: int
    port: Port


@dataclass(frozen=True, slots=True)
class Withhold:
    """What is published on a topic from now on arrives later; the same again delivers it."""

    context: str
    at: int
    topic: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """Records that were published before are published again, last first."""

    pick: int
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a process thinks is its part of the work: also two at once, or nobody."""

    context: str
    at: int
    leads: bool
    partitions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """The clock, also backwards."""

    seconds: int


Move = Ask | AskAgain | Report | Go | Work | Crash | Break | Cut | Withhold | Repeat | Share | Jump


@dataclass(frozen=True, slots=True)
class Story:
    """`processes` of each context: one works alone, two share."""

    seed: int
    moves: tuple[Move, ...]
    processes: int = 2

    def __str__(self) -> str:
        return "\n".join(f"{number:4} {move}" for number, move in enumerate(self.moves, start=1))
