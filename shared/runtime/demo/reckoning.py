"""What must come out, reckoned on paper: from what was asked, by none of the product's code."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from shared.runtime.demo.cast import PARTNERS, TIERS_A, TIERS_B, WAITING
from shared.runtime.demo.steps import LINE_A, LINE_B, Ask

Tiers = Sequence[tuple[str, str]]
HELD = {"SO-3001"}
SINCE, CENT = "2025-01-01", Decimal("0.01")
PAID, REFUND, RETURN = "/v1/payments", "/refund", "/returns"


@dataclass(slots=True)
class Paper:
    """Amounts in yuan: `lines` of each order, what each document paid, by line and day."""

    orders: dict[str, tuple[str, str, Decimal]] = field(default_factory=dict)
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)
    collected: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    owed: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def heard(self, ask: Ask) -> None:
        body = ask.body
        if ask.path == "/v1/orders":
            (line,) = body["lines"]
            amount = Decimal(line["quantity"]) * Decimal(line["unit_price"]["amount"])
            self.orders[body["order_id"]] = body["partner_id"], line["product_line"], amount
            self.owed[body["partner_id"]] += amount if body["order_id"] not in HELD else 0
        elif ask.path == PAID:
            self.documents[body["document_no"]] = body["order_id"], body["paid_on"]
            self.moved(body["order_id"], body["paid_on"], Decimal(body["amount"]["amount"]))
        elif ask.path.endswith(REFUND) and ask.look:
            order_id, day = self.documents[str(ask.look.match["document_no"])]
            self.moved(order_id, day, -Decimal(body["amount"]["amount"]))
        elif ask.path.endswith(RETURN):
            partner, _, amount = self.orders[ask.path.split("/")[3]]
            self.owed[partner] -= amount

    def moved(self, order_id: str, day: str, amount: Decimal) -> None:
        """A refund counts against the day of its payment (ruling r4, a)."""
        partner, line, _ = self.orders[order_id]
        self.collected.append((partner, line, day, amount))
        self.owed[partner] -= amount

    def volumes(self, line: str, until: str = "9999") -> dict[tuple[str, str], Decimal]:
        """By partner and quarter (line A), or partner and year (line B)."""
        found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for partner, of, day, amount in self.collected:
            if of == line and SINCE <= day < until:
                found[partner, quarter(day) if line == LINE_A else day[:4]] += amount
        return found


def paper(told: Sequence[Ask]) -> Paper:
    found = Paper()
    for ask in told:
        found.heard(ask)
    return found


def quarter(day: str) -> str:
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


def whole(volume: Decimal, tiers: Tiers = TIERS_A) -> Decimal:
    """The rate of the highest tier that is reached, on everything."""
    rates = [Decimal(rate) for start, rate in tiers if volume >= Decimal(start)]
    return cents(volume * rates[-1]) if rates else Decimal(0)


def marginal(volume: Decimal, tiers: Tiers = TIERS_B) -> Decimal:
    """Each tier's rate on what lies between it and the next."""
    ends = [*(Decimal(start) for start, _ in tiers[1:]), Decimal("Infinity")]
    parts = [
        (min(volume, end) - Decimal(start)) * Decimal(rate)
        for (start, rate), end in zip(tiers, ends, strict=True)
        if volume > Decimal(start)
    ]
    return cents(sum(parts, Decimal(0)))


def earned(told: Paper) -> dict[str, dict[tuple[str, str], tuple[Decimal, Decimal]]]:
    """By programme, partner and period: volume and entitlement."""
    a, b = told.volumes(LINE_A), told.volumes(LINE_B, until="2026-01-01")
    return {
        "a-line-quarter": {place: (volume, whole(volume)) for place, volume in a.items()},
        "b-line-year": {place: (volume, marginal(volume)) for place, volume in b.items()},
    }


def available(told: Paper) -> dict[str, Decimal]:
    """Each partner's credit: its limit without what it owes."""
    return {one.partner_id: one.limit - told.owed[one.partner_id] for one in PARTNERS}


def accrued(told: Paper, partner: str) -> Decimal:
    """A hundredth of what it paid in the second half of 2025."""
    paid = [n for who, _, day, n in told.collected if who == partner and "2025-07" <= day < "2026"]
    return cents(sum(paid, Decimal(0)) / 100)


def short(told: Paper, order_id: str = "SO-3001") -> Decimal:
    return told.orders[order_id][2] - available(told)[WAITING]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
