"""Where an order stands: its situations, and what all of them have in common."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

from immutables import Map

from services.orders.domain.events import ShipmentDeferred
from services.orders.domain.fulfilment import Progresses, left
from services.orders.domain.goods import LinePart
from shared.contracts.orders import OrderSubmitted
from shared.kernel.approvals import Approval, Vote
from shared.kernel.errors import Refused

Paper = tuple[str, str]
"""A movement and the number of its document."""


@dataclass(frozen=True, slots=True)
class Absent:
    """`waiting`: shipments reported before their order."""

    waiting: tuple[ShipmentDeferred, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """`round` is the revision at which the present check began; `director` said yes in it, the
    last on the route of `approval`. `votes` came before the route.

    `papers` are the documents of what moved, with what they said; `numbers` counts what moved;
    `last` is the day of the last shipment.
    """

    asked: OrderSubmitted
    revision: int = 0
    round: int = 0
    director: str | None = None
    approval: Approval | None = None
    votes: tuple[Vote, ...] = ()
    disputed: bool = False
    progress: Progresses = field(default_factory=Map)
    papers: Map[Paper, tuple[LinePart, ...]] = field(default_factory=Map)
    numbers: Map[str, int] = field(default_factory=Map)
    last: date | None = None
    waiting: tuple[ShipmentDeferred, ...] = ()

    @property
    def open(self) -> bool:
        """Something of it may still be shipped."""
        return any(left(line, self.progress, "shipped") > 0 for line in self.asked.lines)

    @property
    def moved(self) -> bool:
        return any(one.shipped for one in self.progress.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Placed): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Placed):
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Placed):
    """Confirmed, and something of it is still open."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped(Placed):
    """Nothing is open any more."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Placed):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Placed):
    reason: str


Confirmed = Approved | Shipped
Known = Submitted | Held | Approved | Shipped | Rejected | Cancelled
Order = Absent | Known
P = TypeVar("P", bound=Placed)


def become(kind: type[P], order: Placed, **changes: Any) -> P:
    """The same order in another situation."""
    same = {one.name: getattr(order, one.name) for one in fields(Placed)}
    return kind(**same | changes)


def wrong_status(order: Placed, command: object) -> Refused:
    status = type(order).__name__.lower()
    reasons = f" for {', '.join(order.reasons)}" if isinstance(order, Held) else ""
    return Refused(
        "order-wrong-status",
        f"{type(command).__name__} does not fit an order that is {status}{reasons}",
    )
