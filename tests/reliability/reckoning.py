"""What accounts must come to, by hand: from what was asked, or from raw CloudEvents, in fen.

Shares no code with what it judges: dictionaries, integers and fractions.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from shared.kernel.ports import Record
from tests.reliability.test_money import half_up, handed_out
from tests.reliability.trade import Asked

Volumes = Counter[tuple[str, str, str]]
"""Net fen by partner, product line and day of payment."""


def fen(money: Mapping[str, str]) -> int:
    whole, _, part = money["amount"].lstrip("-").partition(".")
    assert not part[2:].strip("0")
    value = int(whole) * 100 + int((part + "00")[:2])
    return -value if money["amount"].startswith("-") else value


def asked_for(requests: Iterable[Asked]) -> Volumes:
    """Of a plain trade: each payment over the lines of the order it names, by their gross."""
    orders: dict[str, list[tuple[str, int]]] = {}
    volumes: Volumes = Counter()
    for one in requests:
        if one.path == "/v1/orders":
            lines = one.body["lines"]
            whole = [
                (line["product_line"], fen(line["unit_price"]) * int(line["quantity"]))
                for line in lines
            ]
            orders[one.body["order_id"]] = sorted(whole)
        elif one.path == "/v1/payments":
            lines = orders[one.body["order_id"]]
            parts = handed_out(fen(one.body["amount"]), [Fraction(gross) for _, gross in lines])
            for (line, _), part in zip(lines, parts, strict=True):
                volumes[one.body["partner_id"], line, one.body["paid_on"]] += part
    return +volumes


def published(records: Iterable[Record]) -> Volumes:
    """The highest revision of each payment counts, however often and when it came."""
    highest: dict[str, Mapping[str, Any]] = {}
    for one in records:
        if one.topic in {"PaymentReceived", "PaymentAllocated"}:
            data = json.loads(one.value)["data"]
            known = highest.setdefault(data["payment_id"], data)
            if data["revision"] > known["revision"]:
                highest[data["payment_id"]] = data
    volumes: Volumes = Counter()
    for data in highest.values():
        for allocation in data["allocations"]:
            for line in allocation["lines"]:
                key = data["partner_id"], line["product_line"], data["paid_on"]
                volumes[key] += fen(line["net"])
    return volumes


def months(volumes: Volumes) -> dict[tuple[str, str], dict[str, int]]:
    """By partner and product line: what was collected in each month, without zeros."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (partner, line, day), cents in volumes.items():
        found[partner, line][day[:7]] += cents
    return {key: {m: c for m, c in sums.items() if c} for key, sums in found.items() if any(sums)}


def quarter(volumes: Volumes) -> dict[tuple[str, str], int]:
    """Of the first quarter; all days of a trade are in it."""
    found: Counter[tuple[str, str]] = Counter()
    for (partner, line, _), cents in volumes.items():
        found[partner, line] += cents
    return dict(found)


def earned(cents: int, method: str, rate: int) -> int:
    """The trade's programmes: `rate` thousandths from 1,000.00 on, 5 % from 8,000.50 on."""
    low, high = 100_000, 800_050
    if cents < low:
        return 0
    if method == "whole":
        return half_up(Fraction(cents * (50 if cents >= high else rate), 1000))
    upper = max(cents - high, 0)
    return half_up(Fraction((cents - low - upper) * rate + upper * 50, 1000))


def rebates_wrong(rows: Iterable[Mapping[str, Any]], volumes: Volumes) -> list[str]:
    """Accounts that do not stand where the payments put them, or do not add up."""
    expected, wrong, seen = quarter(volumes), list[str](), set[tuple[str, str, str]]()
    for row in rows:
        key = row["partner_id"], row["partition"]
        seen.add((*key, row["programme_id"]))
        volume = expected.get(key, 0)
        terms = ("whole", 30) if row["programme_id"] == "early" else ("marginal", 20)
        entitlement = earned(volume, *terms)
        booked = fen(row["settled"]) + fen(row["adjusted"]) if row["settled"] else entitlement
        told = fen(row["volume"]), fen(row["entitlement"]), booked
        if told != (volume, entitlement, entitlement):
            wrong.append(f"{key} {row['programme_id']}: {told}, not {volume}, {entitlement}")
    missing = {(*key, name) for key in expected for name in ("early", "late")} - seen
    return [*wrong, *(f"no account {one}" for one in missing if expected[one[0], one[1]])]


def collected_wrong(rows: Iterable[Mapping[str, Any]], volumes: Volumes) -> list[str]:
    """What forecast has collected by month, beside what was paid."""
    told = {
        (row["partner_id"], row["product_line"]): {
            month: fen({"amount": amount}) for month, amount in row["months"]["CNY"].items()
        }
        for row in rows
    }
    expected = {key: sums for key, sums in months(volumes).items() if sums}
    return [
        f"{key}: {told.get(key)}, not {expected.get(key)}"
        for key in sorted(told | expected)
        if told.get(key) != expected.get(key)
    ]
