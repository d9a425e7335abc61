"""Malformed records, over two hundred of them: the same for the front door and for the bus.

Each is a body (or the `data` of a claim) that would be a payment but for one thing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.kernel.malformed import NO_JSON, NO_OBJECT, NO_TEXT

GOOD: Mapping[str, Any] = {
    "source_system": "bank",
    "document_no": "doc-1",
    "partner_id": "p1",
    "amount": {"amount": "12.50", "currency": "CNY"},
    "paid_on": "2026-01-05",
}
TEXTS = ("source_system", "document_no", "partner_id", "paid_on")
AMOUNTS = (
    "",
    " ",
    " 1",
    "1 ",
    "+1",
    ".5",
    "1.",
    "1,000",
    "1_000",
    "1e5",
    "1E-2",
    "0x10",
    "NaN",
    "Infinity",
    "-Infinity",
    "١٢",
    "１２",
    "½",
    "1.0000001",
    "9" * 19,
    "9" * 5_000,
    "0",
    "0.00",
    "-1",
    "12.505",
    "1\n",
    "\u202e12",
    "12.50 CNY",
)
CURRENCIES = ("", "cny", "CNYY", "CN", "ZZZ", "¥", "CNY ", "C\u0418Y", "人民币")
DAYS = (
    "",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-1-5",
    "20260105",
    "2026-01-05T00:00:00Z",
    "05.01.2026",
    "0000-01-01",
    "1066-10-14",
    "9999-12-31",
    "٢٠٢٦-٠١-٠٥",
    "tomorrow",
    "1767571200",
)
PARTNERS = (
    "",
    " ",
    "-p1",
    ".p1",
    "p 1",
    "p/1",
    "p1\n",
    "p1\x00",
    "../p1",
    "渠道",
    "p" * 65,
    "p1;--",
    "{p1}",
)
DOCUMENTS = ("", "a\nb", "a\x00b", "a\x7fb", "d" * 201)


def whole() -> Iterator[bytes]:
    """No JSON object at all."""
    yield from NO_JSON
    yield from NO_OBJECT


def broken() -> Iterator[bytes]:
    """An object that is no payment."""
    for name in TEXTS:
        for value in NO_TEXT:
            yield framed(name, value)
    for inner in ("amount", "currency"):
        for value in NO_TEXT:
            other = b'"currency":"CNY"' if inner == "amount" else b'"amount":"12.50"'
            yield framed("amount", b'{"' + inner.encode() + b'":' + value + b"," + other + b"}")
    yield from (told({name: one}) for name, values in WRONG for one in values)
    for name in GOOD:
        yield told({}, without=name)
        yield framed(name, json.dumps(GOOD[name]).encode(), twice=True)


def money(amount: str = "12.50", currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


WRONG: tuple[tuple[str, list[Any]], ...] = (
    ("amount", [money(amount=one) for one in AMOUNTS]),
    ("amount", [money(currency=one) for one in CURRENCIES]),
    ("amount", [12.5, 12, "12.50", [], {}, ["12.50", "CNY"], None, True]),
    ("amount", [{"amount": "12.50"}, {"currency": "CNY"}]),
    ("paid_on", [*DAYS]),
    ("partner_id", [*PARTNERS]),
    ("document_no", [*DOCUMENTS]),
    ("source_system", [*DOCUMENTS]),
    ("order_id", ["", "-o1", "o 1", "o/1", 7, [], {}, "o" * 65]),
    ("sales_id", ["", "-s1", 7, [], "s" * 65]),
)


def told(changed: Mapping[str, Any], *, without: str | None = None) -> bytes:
    """Escaped, as most senders write it."""
    return json.dumps({n: v for n, v in {**GOOD, **changed}.items() if n != without}).encode()


def framed(name: str, value: bytes, *, twice: bool = False) -> bytes:
    """One raw value among good ones; `twice`: the name stands there a second time."""
    rest = told({}, without=None if twice else name)
    return b'{"' + name.encode() + b'":' + value + b"," + rest[1:]


def claim(number: int, data: bytes) -> bytes:
    """As a CloudEvent of its own."""
    head = {"specversion": "1.0", "id": f"c-{number}", "source": "/tests"}
    told = json.dumps({**head, "type": "PaymentReported"}).encode()
    return told[:-1] + b',"data":' + data + b"}"
