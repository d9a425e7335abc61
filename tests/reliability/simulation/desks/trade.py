"""Orders, the goods that leave for them and come back, and the money that comes and goes back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.ids import named
from tests.reliability.simulation.desks.pen import PARTNERS, Kinds, Pen, yuan
from tests.reliability.simulation.moves import Ask, Report

CUSTOMERS = ("cu-1", "cu-2", None)
LINES = ("A", "B")


@dataclass(slots=True)
class Trade:
    pen: Pen
    orders: list[tuple[str, str]] = field(default_factory=list)  # id, partner
    documents: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)  # of delivery
    left: list[str] = field(default_factory=list)  # orders whose goods may have

    def begun(self) -> Iterator[Ask]:
        yield from ()

    def kinds(self) -> Kinds:
        return {
            self._order: 14,
            self._payment: 13,
            self._refund: 4,
            self._reverse: 1,
            self._cancel: 6,
            self._reopen: 3,
            self._approve: 2,
            self._ship: 2,
            self._note: 5,
            self._deliver: 1,
            self._return: 2,
        }

    def ended(self) -> Iterator[Ask]:
        """Orders that had time to be confirmed leave, and some of them come back."""
        some = self.pen.random.sample(self.orders, min(len(self.orders), 8))
        yield from (self._shipped(order) for order, _ in some)
        yield from (self._return() for _ in some)

    def _order(self) -> Ask:
        number, partner, random = len(self.orders) + 1, self.pen.partner(), self.pen.random
        self.orders.append((f"so-{number}", partner))
        lines = [self._line(n) for n in range(1, random.randint(2, 4))]
        body = {
            "order_id": f"so-{number}",
            "partner_id": partner,
            "customer_id": random.choice(CUSTOMERS),
            "region": "East",
            "currency": "CNY",
            "lines": lines,
        }
        return self.pen.ask("orders", "/orders", body, partner=partner)

    def _line(self, number: int) -> dict[str, Any]:
        random = self.pen.random
        return {
            "line": number,
            "sku": f"sku-{number}",
            "product_line": random.choice(LINES),
            "quantity": str(random.choice((1, 2, 3, "0.5", 7))),
            "unit_price": yuan(random.choice((99_999, 123_456, 333_333, 1_000_000, 7_700_000))),
            "tax_rate": random.choice(("0.13", "0")),
        }

    def _some_order(self) -> tuple[str, str]:
        return self.pen.of(self.orders) if self.orders else ("so-1", PARTNERS[0])

    def _payment(self) -> Ask | Report:
        random = self.pen.random
        if self.documents and not random.randrange(6):
            return self._reported(random.choice(self.documents))
        order, partner = self._some_order()
        named_ = random.choice((order, order, None, "so-unknown", f"so-{len(self.orders) + 1}"))
        amount = random.choice((50_000, 123_457, 999_999, 1_500_001, 4_000_000))
        payment = {
            "source_system": "bank",
            "document_no": f"doc-{len(self.documents) + 1}",
            "partner_id": partner,
            "order_id": named_,
            "amount": yuan(amount),
            "paid_on": self.pen.day(),
        }
        self.documents.append(payment)
        return self._reported(payment)

    def _reported(self, payment: dict[str, Any]) -> Ask | Report:
        if self.pen.random.randrange(2):
            return self.pen.ask("orders", "/payments", payment, role="finance")
        return self.pen.report("PaymentReported", payment)

    def _refund(self) -> Ask:
        """Some of it, or all that came; again, if there is as much left."""
        document = self._some_document()
        parts = (yuan(10_001), yuan(60_000), yuan(123_457), document["amount"])
        body = {"amount": self.pen.random.choice(parts), "refunded_on": "2026-03-20"}
        return self.pen.ask("orders", f"{path(document)}/refund", body, role="finance")

    def _reverse(self) -> Ask:
        where = f"{path(self._some_document())}/reversal"
        return self.pen.ask("orders", where, {"reversed_on": "2026-03-20"}, role="finance")

    def _some_document(self) -> dict[str, Any]:
        unknown = {"source_system": "bank", "document_no": "doc-1", "amount": yuan(1)}
        return self.pen.of(self.documents or [unknown])

    def _cancel(self) -> Ask:
        order, partner = self._some_order()
        return self.pen.ask("orders", f"/orders/{order}/cancellation", partner=partner)

    def _reopen(self) -> Ask:
        return self.pen.ask("orders", f"/orders/{self._some_order()[0]}/reopening")

    def _approve(self) -> Ask:
        order = self._some_order()[0]
        kind = self.pen.random.choice(("approval", "approval", "rejection"))
        return self.pen.ask("orders", f"/orders/{order}/{kind}", role="director")

    def _ship(self) -> Ask:
        return self._shipped(self._some_order()[0])

    def _shipped(self, order: str) -> Ask:
        self.left.append(order)
        return self.pen.ask("orders", f"/orders/{order}/shipment")

    def _deliver(self) -> Ask:
        order, partner = self._some_order()
        return self.pen.ask("orders", f"/orders/{order}/deliveries", partner=partner)

    def _return(self) -> Ask:
        """All that left, or a part; a paper is shown again."""
        random, body = self.pen.random, dict[str, Any](reason="damaged")
        left = random.choice(self.left or ["so-1"])
        if random.randrange(2):
            body["lines"] = [{"line": 1, "quantity": random.choice(("0.5", "1"))}]
        if random.randrange(2):
            body["document"] = f"back-{random.randrange(3)}"
        return self.pen.ask("orders", f"/orders/{left}/returns", body)

    def _note(self) -> Report:
        """Goods that left, all or a part, also for an order that is yet to come, or never will;
        the same again may say that they arrived.
        """
        random = self.pen.random
        if self.notes and not random.randrange(3):
            arrived = {"delivered_on": "2026-03-21"} if random.randrange(2) else {}
            return self.pen.report("ShipmentReported", random.choice(self.notes) | arrived)
        order, partner = self._some_order()
        note: dict[str, Any] = {
            "source_system": "wms",
            "document_no": f"note-{len(self.notes) + 1}",
            "partner_id": partner,
            "order_id": random.choice((order, order, order, f"so-{len(self.orders) + 1}")),
            "shipped_on": "2026-03-20",
        }
        if random.randrange(2):
            note["lines"] = [{"line": 1, "quantity": random.choice(("0.5", "1"))}]
        self.notes.append(note)
        self.left.append(note["order_id"])
        return self.pen.report("ShipmentReported", note)


def path(document: dict[str, Any]) -> str:
    return f"/payments/{named(document['source_system'], document['document_no'])}"
