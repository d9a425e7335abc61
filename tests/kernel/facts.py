"""What happens to the toys."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Event
from shared.contracts.ids import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade(Event):
    """Published."""

    thing_id: str
    partner_id: str
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingPainted(Event):
    """Private."""

    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingSold(Event):
    """Published."""

    thing_id: str
    partner_id: str
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSet(Event):
    """Private, as all about alarms."""

    name: str
    due: datetime
    after_inputs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCleared(Event):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRung(Event):
    name: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingReported(Event):
    """A claim of another system."""

    thing_id: Id
    partner_id: Id
    price: int
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied(Event):
    """Private to `watch`."""

    partner_id: str
    price: int


ThingEvent = ThingMade | ThingPainted | ThingSold | AlarmSet | AlarmCleared | AlarmRung
