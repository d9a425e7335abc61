"""What may be asked of the toys."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeThing:
    thing_id: str
    partner_id: str
    price: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintThing:
    """As many facts as colours."""

    colours: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SellThing:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlarm:
    name: str
    due: datetime
    after_inputs: bool = False
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearAlarm:
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RingAlarm:
    name: str
    due: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    partner_id: str
    price: int
    at: datetime


ThingCommand = MakeThing | PaintThing | SellThing | SetAlarm | ClearAlarm | RingAlarm
