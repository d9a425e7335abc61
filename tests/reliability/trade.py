"""A small trade, drawn from a seed: what partners, finance and sales ask for, in a good order.

It ends with money in every state there is: named and unnamed, too much and too little, for orders
that were held, cancelled and opened again, with programmes that came before it and after.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

Body = dict[str, Any]
PARTNERS = ("p1", "p2", "p3", "p4")
LINES, REGIONS = ("A", "B", "C"), ("east", "west")
LEVELS = ("silver", "gold")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and the role that may give it."""

    path: str
    body: Body
    role: str = "director"


def cny(cents: int) -> Body:
    return {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "CNY"}


@dataclass(slots=True)
class Trade:
    """`plain`: nothing that depends on who comes first. Limits suffice, every payment names its
    order and is less than that owes, nothing is cancelled and nobody is suspended.
    """

    random: Random
    orders: int = 24
    plain: bool = False
    open: list[tuple[str, str, int]] = field(default_factory=list)  # partner, order, gross

    def requests(self) -> Iterator[Asked]:
        yield from self._enrolments()
        yield programme("early", 1, "whole", "0.03")
        for number in range(self.orders):
            yield self._order(number)
            if self.random.random() < 0.8:
                yield self._payment(number)
            if self.random.random() < 0.2 and not self.plain:
                yield from self._change(number)
        if not self.plain:
            yield from self._more_money()
        yield programme("late", 1, "marginal", "0.02")

    def _enrolments(self) -> Iterator[Asked]:
        for partner in PARTNERS:
            level = self.random.choice(LEVELS)
            head = {"partner_id": partner, "type": "agent", "level": level}
            yield Asked("/v1/partners", head | {"regions": [*REGIONS]}, "manager")
            yield self._limit(partner)
            yield target(partner)
        yield self._level(self.random.choice(PARTNERS))

    def _limit(self, partner: str) -> Asked:
        limit = cny(10**12 if self.plain else self.random.randint(1, 60) * 100_000)
        return Asked(f"/v1/partners/{partner}/credit-limit", {"limit": limit}, "finance")

    def _level(self, partner: str) -> Asked:
        level = self.random.choice(("silver", "gold", "platinum"))
        return Asked(f"/v1/partners/{partner}/level", {"level": level}, "manager")

    def _order(self, number: int) -> Asked:
        partner, order_id, total = self.random.choice(PARTNERS), f"o{number}", 0
        lines = []
        for line, name in enumerate(self.random.sample(LINES, self.random.randint(1, 3)), 1):
            price, many = self.random.randint(1, 2_000_00), self.random.randint(1, 9)
            total += price * many
            one = {"line": line, "sku": f"sku-{name}", "product_line": name}
            lines.append(one | {"quantity": str(many), "unit_price": cny(price)})
        self.open.append((partner, order_id, total))
        head = {"order_id": order_id, "partner_id": partner, "currency": "CNY"}
        region = self.random.choice(REGIONS)
        return Asked("/v1/orders", head | {"region": region, "lines": lines}, "sales")

    def _payment(self, number: int) -> Asked:
        if self.plain:
            partner, order_id, gross = self.open[number]
            part = gross * self.random.randint(1, 100) // 100 or 1
            return paid(f"d{number}", partner, part, self._day(), order_id=order_id)
        partner, order_id, gross = self.random.choice(self.open)
        part = self.random.choice((gross, gross, gross // 3 + 1, gross + 12_345))
        named = {"order_id": order_id} if self.random.random() < 0.7 else {}
        return paid(f"d{number}", partner, part, self._day(), **named)

    def _more_money(self) -> Iterator[Asked]:
        for partner in PARTNERS:
            cents = self.random.randint(1, 3_000_000)
            yield paid(f"end-{partner}", partner, cents, self._day())

    def _change(self, number: int) -> Iterator[Asked]:
        _, order_id, _ = self.random.choice(self.open)
        partner = self.random.choice(PARTNERS)
        match self.random.randrange(4):
            case 0:
                body = {"reason": f"changed {number}"}
                yield Asked(f"/v1/orders/{order_id}/cancellation", body, "manager")
            case 1:
                yield self._limit(partner)
            case 2:
                yield self._level(partner)
            case _:
                yield Asked(f"/v1/partners/{partner}/suspension", {"reason": "audit"}, "manager")
                yield Asked(f"/v1/partners/{partner}/reinstatement", {"reason": "done"}, "manager")

    def _day(self) -> str:
        return f"2026-{self.random.choice(('01', '02', '03'))}-{self.random.randint(1, 28):02}"


def paid(document: str, partner: str, cents: int, day: str, **more: str) -> Asked:
    head = {"source_system": "bank", "document_no": document, "partner_id": partner}
    return Asked("/v1/payments", head | {"amount": cny(cents), "paid_on": day} | more, "finance")


def target(partner: str) -> Asked:
    head = {"partner_id": partner, "product_line": "A", "month": "2026-01"}
    return Asked("/v1/forecast/targets", head | {"target": cny(500_000)}, "manager")


def programme(name: str, version: int, method: str, rate: str) -> Asked:
    body = {
        "programme_id": name,
        "version": version,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "partition": ["product_line"],
        "method": method,
        "tiers": [{"from": "1000", "rate": rate}, {"from": "8000.50", "rate": "0.05"}],
        "period": "quarter",
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    }
    return Asked("/v1/rebates/programmes", body, "manager")
