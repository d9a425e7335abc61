"""Eighteen months of orders and payments, from a seed: what partners do when nobody looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from shared.runtime.demo.cast import PARTNERS, REGION, RETURNING, STAR, TIGHT, WAITING, Partner
from shared.runtime.demo.steps import LINE_A, LINE_B, Ask, on, yuan

SEED = 22
PRICE = {LINE_A: 1_000, LINE_B: 500}
MONTHS = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(9, 26)]  # until February 2026
SPRING = date(2025, 12, 1), date(2026, 4, 1)
SUMMER = date(2025, 6, 1), date(2025, 10, 1)
TOLD_APART = {STAR: SPRING, TIGHT: SPRING, WAITING: SPRING, RETURNING: SUMMER}
"""Of whom a chapter tells by the figure: then there is no other trade, and nothing open."""
OFTEN, SHIPPED = 0.42, 0.3
MOST = 480_000  # more is the director's


@dataclass(frozen=True, slots=True)
class Sale:
    """An order, paid whole."""

    number: int
    partner_id: str
    line: str
    quantity: int
    ordered_at: datetime
    paid_at: datetime

    @property
    def order_id(self) -> str:
        return f"SO-{self.ordered_at:%y%m}-{self.number:03}"

    @property
    def amount(self) -> int:
        return self.quantity * PRICE[self.line]

    @property
    def document_no(self) -> str:
        return f"T-{self.number:04}"


def sales() -> list[Sale]:
    """The same every time."""
    rng, numbers = Random(SEED), count(1)
    return [
        sale(rng, next(numbers), one, month)
        for month in MONTHS
        for one in PARTNERS
        if orders_in(one, month) and rng.random() < OFTEN
    ]


def orders_in(one: Partner, month: date) -> bool:
    since, until = TOLD_APART.get(one.partner_id, (date.max, date.max))
    quiet = since <= month < until
    return bool(one.limit) and not quiet and date.fromisoformat(one.joined) < month


def sale(rng: Random, number: int, one: Partner, month: date) -> Sale:
    """Two of them at once are within the partner's credit."""
    line = rng.choice((LINE_A, LINE_A, LINE_B))
    amount = min(MOST, one.limit * rng.randint(15, 45) // 100)
    ordered = on(str(monday(month) + timedelta(weeks=rng.randint(0, 2))))
    return Sale(
        number=number,
        partner_id=one.partner_id,
        line=line,
        quantity=amount // PRICE[line],
        ordered_at=ordered,
        paid_at=ordered + timedelta(weeks=rng.randint(1, 4)),
    )


def monday(month: date) -> date:
    """The first one: on Mondays the books are opened."""
    return month + timedelta(days=-month.weekday() % 7)


def trade() -> Iterator[Ask]:
    rng = Random(SEED + 1)
    for one in sales():
        yield order(one.ordered_at, one.order_id, one.partner_id, (one.quantity, one.line))
        paid_on = str(one.paid_at.date())
        yield payment(one.paid_at, one.document_no, one, paid_on)
        if rng.random() < SHIPPED:
            yield from goods(one.order_id, one.partner_id, one.ordered_at + timedelta(days=3))


def goods(order_id: str, partner_id: str, at: datetime) -> Iterator[Ask]:
    """Shipped, and days later signed for by the partner."""
    shipped, signed = {"document": f"DN-{order_id}"}, at + timedelta(days=4)
    path = f"/v1/orders/{order_id}"
    yield Ask(at=at, path=f"{path}/shipments", body=shipped, role="operations")
    yield Ask(at=signed, path=f"{path}/deliveries", body=shipped, partner=partner_id)


def order(at: datetime, order_id: str, partner_id: str, what: tuple[int, str]) -> Ask:
    quantity, line = what
    lines = [
        {
            "line": 1,
            "sku": f"{line}-100",
            "product_line": line,
            "quantity": str(quantity),
            "unit_price": yuan(PRICE[line]),
        }
    ]
    body: dict[str, Any] = {"order_id": order_id, "partner_id": partner_id, "currency": "CNY"}
    body |= {"region": REGION[partner_id], "lines": lines}
    return Ask(at=at, path="/v1/orders", body=body, partner=partner_id)


def payment(at: datetime, document_no: str, of: Sale, paid_on: str) -> Ask:
    return paid(at, document_no, of.partner_id, (of.amount, paid_on, of.order_id))


def paid(at: datetime, document_no: str, partner_id: str, what: tuple[int, str, str]) -> Ask:
    amount, paid_on, order_id = what
    body = {
        "source_system": "bank",
        "document_no": document_no,
        "partner_id": partner_id,
        "order_id": order_id,
        "amount": yuan(amount),
        "paid_on": paid_on,
    }
    return Ask(at=at, path="/v1/payments", body=body, role="finance")
