"""What may be asked about a hand-over."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHandOver:
    hand_over_id: str
    leaver: str
    successor: str
    items: tuple[str, ...] = ()
    at: datetime
