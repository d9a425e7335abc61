"""What has been told so far, in memory, folded from rows that are only ever added.

A row (group, thing, revision) never changes, so repeats, any order, and a worker that wakes up
after another one took over all leave the same rows, and the same sums.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shared.kernel.ports import Document
from shared.kernel.stream import Told

Moved = Callable[[Document | None, Document | None, Document | None], Document]


@dataclass(slots=True)
class Things:
    """By thing: its highest revision, and every group that some revision of it was in."""

    latest: dict[str, Told] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)

    def add(self, told: Told) -> None:
        known = self.latest.get(told.thing)
        if known is None or known.revision < told.revision:
            self.latest[told.thing] = told
        self.groups.setdefault(told.thing, set()).update(told.parts)

    def parts(self, thing: str) -> Iterable["Part"]:
        """What each of its groups is to know, also one that no longer has a part of it."""
        latest = self.latest[thing]
        for group in sorted(self.groups[thing]):
            yield Part(group, thing, latest.revision, latest.parts.get(group))


@dataclass(frozen=True, slots=True)
class Part:
    """What a group knows of a thing as of a revision; None is nothing any more."""

    group: str
    thing: str
    revision: int
    part: Document | None


@dataclass(slots=True)
class Group:
    sums: Document | None = None
    latest: dict[str, Part] = field(default_factory=dict)


@dataclass(slots=True)
class Groups:
    """Sums of the latest parts, by the partition that a group lies in."""

    moved: Moved
    found: dict[int, dict[str, Group]] = field(default_factory=dict)

    def add(self, partition: int, part: Part) -> None:
        group = self.found.setdefault(partition, {}).setdefault(part.group, Group())
        known = group.latest.get(part.thing)
        if known is None or known.revision < part.revision:
            group.latest[part.thing] = part
            group.sums = self.moved(group.sums, known.part if known else None, part.part)

    def sums(self, partitions: Iterable[int]) -> dict[str, Document]:
        mine = (self.found.get(partition, {}) for partition in partitions)
        return {name: one.sums for groups in mine for name, one in groups.items() if one.sums}
