"""A story from a seed: a business with several partners, and all that goes wrong meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.reliability.simulation.moves import (
    Ask,
    AskAgain,
    Break,
    Crash,
    Cut,
    Go,
    Jump,
    Move,
    Repeat,
    Report,
    Share,
    Story,
    Withhold,
)

PARTNERS = ("pa-ahorn", "pb-birke", "pc-ceder")
CUSTOMERS = ("cu-1", "cu-2", None)
CONTEXTS = ("partners", "leads", "orders", "rebates", "forecast", "notifications")
TOPICS = {
    "leads": ("PartnerEnrolled", "PartnerSuspended", "PartnerTierChanged", "LeadCaptured"),
    "orders": ("PartnerEnrolled", "CreditLimitSet", "PartnerSuspended", "PaymentReported"),
    "rebates": ("PaymentReceived", "PaymentAllocated", "PartnerEnrolled"),
    "forecast": ("PaymentReceived", "PaymentAllocated", "OrderApproved"),
    "notifications": ("OrderHeld", "OrderApproved", "LeadAssigned"),
}
FIRST_DAY = date(2026, 2, 20)
COMMANDS, TROUBLE = 34, 0.45
LINES = ("A", "B")


def yuan(cents: int) -> dict[str, str]:
    return {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "CNY"}


@dataclass(slots=True)
class Author:
    """Whatever it invents comes from its random numbers alone."""

    random: Random
    orders: list[tuple[str, str]] = field(default_factory=list)  # id, partner
    documents: list[dict[str, Any]] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    asked: int = 0

    def ask(self, context: str, path: str, body: Any = None, **who: Any) -> Ask:
        self.asked += 1
        at = self.random.randrange(2)
        return Ask(self.asked, context, path, {} if body is None else body, at=at, **who)

    def business(self) -> Iterator[Ask | Report]:
        """What is set up comes first, most of the time."""
        begun = [*self._partners(), *self._rules()]
        late = [
            begun.pop(self.random.randrange(len(begun)))
            for _ in range(self.random.choice((0, 0, 1, 3)))
        ]
        yield from begun
        for _ in range(COMMANDS):
            if late and not self.random.randrange(8):
                yield late.pop()
            yield self._next()
        yield from late

    def _partners(self) -> Iterator[Ask]:
        for partner in PARTNERS:
            body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["East"]}
            yield self.ask("partners", "/partners", body)
            limit = {"limit": yuan(self.random.choice((2_000_000, 5_000_000, 100_000_000)))}
            yield self.ask("partners", f"/partners/{partner}/credit-limit", limit)

    def _rules(self) -> Iterator[Ask]:
        weights = {partner: n for n, partner in enumerate(PARTNERS, start=1)}
        rule = {"rule_id": "rule-1", "weights": weights, "capacity": 2, "regions": ["East"]}
        yield self.ask("leads", "/lead-rules", rule)
        yield self.ask("rebates", "/rebates/programmes", programme("pr-month", 1, "0.02"))
        manual = programme("pr-asked", 1, "0.03") | {"settlement": "manual", "partition": []}
        yield self.ask("rebates", "/rebates/programmes", manual)

    def _next(self) -> Ask | Report:
        kinds = {
            self._order: 8,
            self._payment: 9,
            self._cancel: 3,
            self._reopen: 3,
            self._approve: 1,
            self._ship: 1,
            self._lead: 3,
            self._answer: 4,
            self._partner: 3,
            self._rebates: 2,
        }
        (kind,) = self.random.choices([*kinds], weights=[*kinds.values()])
        return kind()

    def _order(self) -> Ask:
        number, partner = len(self.orders) + 1, self.random.choice(PARTNERS)
        self.orders.append((f"so-{number}", partner))
        lines = [self._line(n) for n in range(1, self.random.randint(2, 4))]
        body = {
            "order_id": f"so-{number}",
            "partner_id": partner,
            "customer_id": self.random.choice(CUSTOMERS),
            "region": "East",
            "currency": "CNY",
            "lines": lines,
        }
        return self.ask("orders", "/orders", body, partner=partner)

    def _line(self, number: int) -> dict[str, Any]:
        price = self.random.choice((99_999, 123_456, 333_333, 1_000_000, 7_700_000))
        return {
            "line": number,
            "sku": f"sku-{number}",
            "product_line": self.random.choice(LINES),
            "quantity": str(self.random.choice((1, 2, 3, "0.5", 7))),
            "unit_price": yuan(price),
            "tax_rate": self.random.choice(("0.13", "0")),
        }

    def _some_order(self) -> tuple[str, str]:
        return self.random.choice(self.orders) if self.orders else ("so-1", PARTNERS[0])

    def _payment(self) -> Ask | Report:
        if self.documents and not self.random.randrange(6):
            return self._reported(self.random.choice(self.documents))
        order, partner = self._some_order()
        named = self.random.choice(
            (order, order, None, "so-unknown", f"so-{len(self.orders) + 1}")
        )
        day = FIRST_DAY + timedelta(days=self.random.randrange(45))
        payment = {
            "source_system": "bank",
            "document_no": f"doc-{len(self.documents) + 1}",
            "partner_id": partner,
            "order_id": named,
            "amount": yuan(self.random.choice((50_000, 123_457, 999_999, 1_500_001, 4_000_000))),
            "paid_on": day.isoformat(),
        }
        self.documents.append(payment)
        return self._reported(payment)

    def _reported(self, payment: dict[str, Any]) -> Ask | Report:
        if self.random.randrange(2):
            return self.ask("orders", "/payments", payment, role="finance")
        self.asked += 1
        return Report("PaymentReported", f"r{self.asked}", payment, self.random.choice((1, 1, 2)))

    def _cancel(self) -> Ask:
        order, partner = self._some_order()
        return self.ask("orders", f"/orders/{order}/cancellation", partner=partner)

    def _reopen(self) -> Ask:
        return self.ask("orders", f"/orders/{self._some_order()[0]}/reopening")

    def _approve(self) -> Ask:
        order = self._some_order()[0]
        kind = self.random.choice(("approval", "approval", "rejection"))
        return self.ask("orders", f"/orders/{order}/{kind}", role="director")

    def _ship(self) -> Ask:
        return self.ask("orders", f"/orders/{self._some_order()[0]}/shipment")

    def _lead(self) -> Ask | Report:
        number = len(self.leads) + 1
        self.leads.append(f"le-{number}")
        wanted = {"region": "East", "industry": "water", "company": f"Firm {number % 3} Ltd"}
        if self.random.randrange(2):
            body = {**wanted, "lead_id": f"le-{number}", "source": "web"}
            return self.ask("leads", "/leads", body)
        captured: dict[str, Any] = {**wanted, "capture_id": f"le-{number}", "source": "campaign"}
        captured |= {"contact": {"name": "Pat"}, "captured_at": "2026-03-20T08:00:00+08:00"}
        return Report("LeadCaptured", f"c{number}", captured, self.random.choice((1, 2)))

    def _answer(self) -> Ask:
        lead = self.random.choice(self.leads or ["le-1"])
        kind = self.random.choice(("acceptance", "acceptance", "decline", "closing"))
        body = {"offer": self.random.choice((1, 1, 2, 3))}
        if kind == "closing":
            return self.ask("leads", f"/leads/{lead}/closing", {"outcome": "won"})
        return self.ask("leads", f"/leads/{lead}/{kind}", body, role="manager")

    def _partner(self) -> Ask:
        partner = self.random.choice(PARTNERS)
        change = self.random.choice(("credit-limit", "level", "suspension", "reinstatement"))
        bodies: dict[str, Any] = {
            "credit-limit": {"limit": yuan(self.random.choice((0, 1_000_000, 9_000_000)))},
            "level": {"level": self.random.choice(("gold", "silver"))},
        }
        return self.ask("partners", f"/partners/{partner}/{change}", bodies.get(change))

    def _rebates(self) -> Ask:
        if self.random.randrange(3):
            return self.ask(
                "rebates", "/rebates/programmes/pr-asked/settlements", {"period": "2026-02"}
            )
        return self.ask("rebates", "/rebates/programmes", programme("pr-month", 2, "0.04"))


def programme(programme_id: str, version: int, rate: str) -> dict[str, Any]:
    return {
        "programme_id": programme_id,
        "version": version,
        "effective_from": "2026-01-01" if version == 1 else "2026-03-01",
        "currency": "CNY",
        "partition": ["product_line"],
        "method": "whole",
        "tiers": [{"from": "4424.78", "rate": rate}, {"from": "15000", "rate": "0.0625"}],
        "period": "month",
        "grace_days": 5,
        "settle_after": "PT1H",
    }


@dataclass(slots=True)
class Trouble:
    """Faults, in the order in which they come to its mind."""

    random: Random
    several: bool

    def some(self) -> Move:
        kinds = {
            self._break: 8,
            self._crash: 3,
            self._cut: 2,
            self._withhold: 4,
            self._repeat: 3,
            self._jump: 2,
            self._share: 3 if self.several else 0,
        }
        (kind,) = self.random.choices([*kinds], weights=[*kinds.values()])
        return kind()

    def _place(self) -> tuple[str, int]:
        weights = (1, 2, 5, 4, 1, 1)
        return self.random.choices(CONTEXTS, weights)[0], self.random.randrange(2)

    def _break(self) -> Move:
        after = self.random.choice((0, 1, 3, self.random.randrange(60)))
        return Break(*self._place(), after, self.random.choice(("lost", "unheard")))

    def _crash(self) -> Move:
        return Crash(*self._place())

    def _cut(self) -> Move:
        return Cut(*self._place(), self.random.choice(("store", "bus", "views")))

    def _withhold(self) -> Move:
        context = self.random.choice([*TOPICS])
        return Withhold(context, self.random.randrange(2), self.random.choice(TOPICS[context]))

    def _repeat(self) -> Move:
        return Repeat(self.random.randrange(10_000), self.random.choice((2, 6, 24)))

    def _jump(self) -> Move:
        return Jump(self.random.choice((-300, 60, 3_600, 30_000, 90_000)))

    def _share(self) -> Move:
        mine = tuple(n for n in range(6) if self.random.randrange(2))
        return Share(*self._place(), bool(self.random.randrange(2)), mine)


def story(seed: int) -> Story:
    random = Random(seed)
    processes = random.choice((1, 2, 2))
    author, trouble = Author(random), Trouble(random, several=processes > 1)
    moves: list[Move] = []
    for command in author.business():
        moves.append(command)
        if isinstance(command, Ask) and not random.randrange(6):
            moves.append(AskAgain(random.randint(1, author.asked), random.randrange(2)))
        for _ in range(random.randint(1, 6)):
            moves.append(Go(random.randrange(10_000), random.choice((2, 10, 40, 120))))
        if random.random() < TROUBLE:
            moves.append(trouble.some())
    return Story(seed, tuple(moves), processes)
