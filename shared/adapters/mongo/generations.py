"""What is known of a view: its generations, each a collection of documents, and their changes."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from shared.adapters.sortable import Kind
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Generations, View

CONSUMER = re.compile(r"(?P<view>.+)\.v\d+\.g\d+")
TABLE = re.compile(r"(?:view|seen)\.(?P<view>.+)\.(?P<serial>\d+)")
Indexes = tuple[tuple[str, Kind], ...]


@dataclass(frozen=True, slots=True)
class Generation:
    """Its consumer is the one that may write it; another serial is an empty beginning."""

    view: str
    number: int
    version: int
    indexes: Indexes
    serial: int

    @property
    def table(self) -> str:
        return f"view.{self.view}.{self.serial}"

    @property
    def seen(self) -> str:
        """Ids that its consumer has seen: they go with the documents."""
        return f"seen.{self.view}.{self.serial}"

    @property
    def consumer(self) -> str:
        return f"{self.view}.v{self.version}.g{self.number}"

    @property
    def columns(self) -> Mapping[str, tuple[str, Kind]]:
        """Where a field lies sortable, and how; `_key` is always there."""
        fields = {field: (f"c{n}", kind) for n, (field, kind) in enumerate(self.indexes)}
        return {"_key": ("_id", "key"), **fields}

    def made_for(self, view: View) -> bool:
        return (self.version, self.indexes) == (view.version, declared(view))


@dataclass(frozen=True, slots=True)
class Known:
    """Of one view. Numbers and serials are never used again."""

    view: str
    live: Generation
    filling: Generation | None = None
    numbers: int = 1
    serials: int = 1

    @property
    def standing(self) -> list[Generation]:
        return [self.live, *([self.filling] if self.filling else [])]

    @property
    def described(self) -> Generations:
        filling = self.filling.number if self.filling else None
        return Generations(self.live.version, self.live.number, filling)

    def dropped(self, serial: int) -> bool:
        """A later one is only not begun yet."""
        return serial <= self.serials and serial not in [one.serial for one in self.standing]

    def found(self, number: int | None) -> Generation | None:
        """The live generation, or the one asked for as long as it is live or filling."""
        return next((one for one in self.standing if number in (None, one.number)), None)

    def target(self, number: int | None) -> Generation:
        if generation := self.found(number):
            return generation
        raise StaleOwner(f"{self.view}: generation {number} is neither live nor filling")

    def begun(self, version: int, indexes: Indexes) -> "Known":
        """With an empty filling generation, whatever was filling before."""
        number, serial = self.numbers + 1, self.serials + 1
        filling = Generation(self.view, number, version, indexes, serial)
        return replace(self, filling=filling, numbers=number, serials=serial)


Plan = Callable[[Known], Known]


def declared(view: View) -> Indexes:
    return tuple((index.field, index.kind) for index in view.indexes)


def opened(view: View) -> Plan:
    """What the code declares is live, or it is filling."""

    def plan(known: Known) -> Known:
        if known.filling and known.filling.made_for(view):
            return known
        if known.live.made_for(view):
            return replace(known, filling=None)
        return known.begun(view.version, declared(view))

    return plan


def refilled(known: Known) -> Known:
    like = known.filling or known.live
    return known.begun(like.version, like.indexes)


def swapped(number: int) -> Plan:
    """A second one asks in vain and does no harm."""

    def plan(known: Known) -> Known:
        if known.live.number == number:
            return known
        if known.filling is None or known.filling.number != number:
            raise StaleOwner(f"{known.view}: generation {number} is not filling")
        return replace(known, live=known.filling, filling=None)

    return plan


def emptied(consumers: Collection[str]) -> Plan:
    """What these consumers have made begins anew, under its number."""

    def plan(known: Known) -> Known:
        for role in ("live", "filling"):
            generation = getattr(known, role)
            if generation and generation.consumer in consumers:
                serial = known.serials + 1
                begun = replace(generation, serial=serial)
                known = replace(known, **{role: begun}, serials=serial)
        return known

    return plan


def first(view: View) -> Known:
    return Known(view.name, Generation(view.name, 1, view.version, declared(view), 1))


@dataclass(frozen=True, slots=True)
class Held:
    """What one commit stands on."""

    consumer: str
    own: Generation | None
    known: Mapping[str, Known]

    def into(self, view: str) -> Generation:
        return self.own if self.own and self.own.view == view else self.known[view].live


def owned(consumer: str, known: Mapping[str, Known]) -> Generation | None:
    """What this projection's consumer writes, live or filling; another consumer owns nothing."""
    named = CONSUMER.fullmatch(consumer)
    if named is None:
        return None
    of = known.get(named["view"])
    for generation in of.standing if of else ():
        if generation.consumer == consumer:
            return generation
    raise StaleOwner(f"{consumer} is neither live nor filling")
