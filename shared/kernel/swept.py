"""What a sweep knows of the topics: places of logs, counts, and the result."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

SHOWN = 20
NOTHING, UNKNOWN, FIRST, REPEATED, DIFFERENT = range(5)
"""What lies at a place of a log."""


@dataclass(slots=True)
class Count:
    """Of one topic. `out_of_order`: facts behind a later one of their log; a repair makes some,
    and no consumer minds. `different`: a fact of ours, in other bytes or under another key.
    """

    facts: int = 0
    records: int = 0
    missing: int = 0
    repeated: int = 0
    unknown: int = 0
    out_of_order: int = 0
    different: int = 0


@dataclass(frozen=True, slots=True)
class Swept:
    """`sent` is how many of the missing were sent again; `shown` names the first of what is
    wrong. What is unknown or different is told, never deleted."""

    topics: Mapping[str, Count]
    sent: int
    shown: tuple[str, ...]

    @property
    def missing(self) -> int:
        return sum(count.missing for count in self.topics.values())

    @property
    def equal(self) -> bool:
        """Nothing is missing any more, and nothing is there that the store does not know."""
        odd = sum(count.unknown + count.different for count in self.topics.values())
        return self.missing == self.sent and not odd


@dataclass(slots=True)
class Log:
    """What lies where, and the first places of the facts, none behind a later one's."""

    base: int
    marks: bytearray = field(default_factory=bytearray)
    line: "array[int]" = field(default_factory=lambda: array("q"))

    def mark(self, position: int, what: int) -> None:
        at = position - self.base
        self.marks.extend(bytes(max(0, at + 1 - len(self.marks))))
        self.marks[at] = max(what, self.marks[at])

    def places(self, what: int) -> Iterator[int]:
        at = self.marks.find(what)
        while at >= 0:
            yield self.base + at
            at = self.marks.find(what, at + 1)

    def overtaken(self, by: int) -> int:
        """A fact follows in the store, and lies there: how many it has overtaken."""
        before = len(self.line)
        while self.line and self.line[-1] > by:
            self.line.pop()
        gone = before - len(self.line)
        self.line.append(by)
        return gone


@dataclass(slots=True)
class Round:
    """Noted in this order: where the relay stands, where the logs end, where the store ends."""

    until: int
    ends: Mapping[str, int]
    last: int
    after: int = 0
    sent: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def show(self, what: str) -> None:
        if len(self.shown) < SHOWN:
            self.shown.append(what)

    def told(self) -> Swept:
        for name, log in sorted(self.logs.items()):
            count, marks = self.counts[name.rpartition("/")[0]], Counter(log.marks)
            count.records += len(log.marks) - marks[NOTHING]
            count.repeated += marks[REPEATED]
            count.unknown += marks[UNKNOWN]
            count.different += marks[DIFFERENT]
            for what, mark in (("unknown", UNKNOWN), ("different", DIFFERENT)):
                for at in islice(log.places(mark), SHOWN):
                    self.show(f"{what} {name}@{at}")
        return Swept(self.counts, self.sent, tuple(self.shown))
