"""Private facts of hand-overs."""

from dataclasses import dataclass

from shared.contracts.event import Event
from shared.contracts.ids import Id, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverOrdered(Event):
    """Without `items` all that the leaver owns."""

    hand_over_id: Id
    leaver: Label
    successor: Label
    items: tuple[Id, ...] = ()
