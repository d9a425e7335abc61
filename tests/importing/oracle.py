"""The expected figures, computed from the CSV files alone: no code of ours takes part."""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

CENT = Decimal("0.01")
TIERS = ((Decimal(10_000), Decimal("0.03")), (Decimal(30_000), Decimal("0.05")))
Account = tuple[str, str, str]


@dataclass
class Expected:
    matched: int = 0
    collected: Decimal = Decimal(0)
    unallocated: Decimal = Decimal(0)
    volumes: dict[Account, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def entitlement(self, account: Account, method: str) -> Decimal:
        volume, earned = self.volumes[account], Decimal(0)
        for n, (start, rate) in enumerate(TIERS):
            if volume >= start and method == "whole":
                earned = volume * rate
            elif volume >= start:
                end = TIERS[n + 1][0] if n + 1 < len(TIERS) else volume
                earned += (min(volume, end) - start) * rate
        return earned.quantize(CENT, ROUND_HALF_UP)


def expected(folder: Path) -> Expected:
    found, orders, open_ = Expected(), _orders(folder), {}
    by_dealer: dict[str, list[str]] = defaultdict(list)
    for number, (_, dealer, lines) in sorted(orders.items(), key=lambda o: (o[1][0], o[0])):
        by_dealer[dealer].append(number)
        open_[number] = sum(lines.values(), Decimal(0))
    for paid in sorted(
        _rows(folder, "payments"), key=lambda p: (p["paymentDate"], p["checkNumber"])
    ):
        amount, mine = Decimal(paid["amount"]), by_dealer[paid["customerNumber"]]
        totals = {number: sum(orders[number][2].values(), Decimal(0)) for number in mine}
        same = [n for n in mine if open_[n] == totals[n] == amount]
        found.matched += bool(same)
        found.collected += amount
        for number in same[:1] or mine:
            part = min(amount, open_[number])
            open_[number], amount = open_[number] - part, amount - part
            for line, share in _split(part, orders[number][2]).items():
                if part:
                    found.volumes[_account(paid, line)] += share
        found.unallocated += amount
    return found


def _account(paid: dict[str, str], line: str) -> Account:
    year, month = paid["paymentDate"].split("-")[:2]
    return f"cm-{paid['customerNumber']}", f"{year}Q{(int(month) + 2) // 3}", line


def _orders(folder: Path) -> dict[str, tuple[str, str, dict[str, Decimal]]]:
    """Those that take money: date, dealer, and what each product line comes to."""
    line_of = {row["productCode"]: row["productLine"] for row in _rows(folder, "products")}
    lines: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(folder, "orderdetails"):
        value = Decimal(row["quantityOrdered"]) * Decimal(row["priceEach"])
        lines[row["orderNumber"]][line_of[row["productCode"]]] += value  # type: ignore[assignment]
    return {
        row["orderNumber"]: (row["orderDate"], row["customerNumber"], lines[row["orderNumber"]])  # type: ignore[misc]
        for row in _rows(folder, "orders")
        if row["status"] not in {"Cancelled", "On Hold"}
    }


def _split(amount: Decimal, weights: dict[str, Decimal]) -> dict[str, Decimal]:
    """Largest remainder in cents; ties to the first in the alphabet."""
    names, whole = sorted(weights), Fraction(sum(weights.values(), Decimal(0)))
    cents = {name: Fraction(amount) * 100 * Fraction(weights[name]) / whole for name in names}
    given = {name: cents[name] // 1 for name in names}
    left = int(Fraction(amount) * 100) - sum(given.values())
    for name in sorted(names, key=lambda name: (given[name] - cents[name], name))[:left]:
        given[name] += 1
    return {name: Decimal(given[name]) * CENT for name in names}


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
