"""Goods, told again from the streams of orders: nothing leaves or comes back twice, and no note is
forgotten.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.reliability.simulation.oracle.told import ZERO, Told, never

STATES = {
    "OrderSubmitted": "asked",
    "OrderApproved": "confirmed",
    "OrderShipped": "confirmed",
    "OrderDelivered": "confirmed",
    "GoodsReturned": "confirmed",
    "OrderHeld": "held",
    "OrderReopened": "asked",
    "OrderCancelled": "closed",
    "OrderRejected": "closed",
}
MOVES = {
    "OrderShipped": "shipped",
    "OrderDelivered": "delivered",
    "OrderCancelled": "cancelled",
    "GoodsReturned": "returned",
}


@dataclass(slots=True)
class Order:
    partner: str
    lines: dict[int, Decimal]
    state: str = "asked"
    moved: dict[str, dict[int, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: ZERO))
    )
    papers: set[tuple[str, str]] = field(default_factory=set)

    def move(self, what: str, fact: Told) -> None:
        data = fact.data
        if paper := data.get("document"):
            never((what, paper) in self.papers, f"{fact.id}: {paper} is {what} twice")
            self.papers.add((what, paper))
        for one in data["lines"]:
            self.moved[what][one["line"]] += Decimal(one["quantity"])
        for line, most in self.lines.items():
            gone = self.moved["shipped"][line]
            over = gone + self.moved["cancelled"][line] > most
            never(over, f"{fact.id}/{line}: more left or was cancelled than {most}")
            back, came = self.moved["returned"][line], self.moved["delivered"][line]
            self.moved["delivered"][line] = max(back, came)  # what comes back was there
            never(max(back, came) > gone, f"{fact.id}/{line}: more came, or came back, than left")

    @property
    def returned(self) -> bool:
        return any(self.moved["returned"].values())


@dataclass(slots=True)
class Goods:
    orders: dict[str, Order] = field(default_factory=dict)
    waiting: set[tuple[str, str]] = field(default_factory=set)  # order, note
    declined: set[tuple[str, str]] = field(default_factory=set)

    def see(self, fact: Told) -> None:
        data = fact.data
        if fact.type.startswith("Shipment"):
            self._noted(fact)
            return
        if fact.type not in STATES:
            return
        if fact.type == "OrderSubmitted":
            lines = {one["line"]: Decimal(one["quantity"]) for one in data["lines"]}
            self.orders[fact.id] = Order(data["partner_id"], lines)
        order, whole = self.orders[fact.id], data.get("whole", True)
        if fact.type in MOVES and not (fact.type == "OrderCancelled" and whole):
            never(order.state != "confirmed", f"{fact.type} of an order that is {order.state}")
            order.move(MOVES[fact.type], fact)
        else:
            order.state = STATES[fact.type]

    def _noted(self, fact: Told) -> None:
        told = fact.data["shipment"]
        note = (fact.id, paper(told))
        match fact.type:
            case "ShipmentDeferred":
                self.waiting.add(note)
            case "ShipmentResumed":
                self.waiting.discard(note)
            case "ShipmentDeclined":
                booked = self._booked(told) and told["delivered_on"] is None
                never(booked, f"{note} was booked, and is declined")
                self.waiting.discard(note)
                self.declined.add(note)

    def _booked(self, note: Mapping[str, Any]) -> bool:
        order = self.orders.get(note["order_id"])
        return order is not None and ("shipped", paper(note)) in order.papers

    def judge(self, notes: list[Mapping[str, Any]]) -> int:
        """Each is booked, or visibly declined, and none waits for ever; how many there were."""
        never(bool(self.waiting), f"{self.waiting} still wait")
        for note in notes:
            declined = (note["order_id"], paper(note)) in self.declined
            never(not declined and not self._booked(note), f"{note} left no trace")
        return len(notes)


def paper(note: Mapping[str, Any]) -> str:
    return f"{note['source_system']}/{note['document_no']}"
