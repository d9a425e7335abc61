"""Orders and money with other numbers than the documents': found right from outside."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed, platform

Line = tuple[str, str, str, str]
KEEPER = {"role": "finance"}


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path) as running:
        yield running


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def enrol(bed: Bed, partner: str = "k", limit: str | None = None) -> None:
    enrolled = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
    await bed.post("/v1/partners", enrolled, expect=201)
    if limit:
        asked = {"limit": money(limit)}
        await bed.post(f"/v1/partners/{partner}/credit-limit", asked, **KEEPER)
    await bed.settle()


def written(order_id: str, *lines: Line, **more: Any) -> dict[str, Any]:
    """Lines are (product line, quantity, unit price, tax rate)."""
    wanted = [
        {
            "line": number,
            "sku": f"sku-{number}",
            "product_line": product_line,
            "quantity": quantity,
            "unit_price": money(price),
            "tax_rate": rate,
        }
        for number, (product_line, quantity, price, rate) in enumerate(lines, start=1)
    ]
    head = {"order_id": order_id, "partner_id": "k", "region": "east", "currency": "CNY"}
    return head | {"lines": wanted} | more


async def submit(bed: Bed, order_id: str, price: str, **more: Any) -> dict[str, Any]:
    await bed.post("/v1/orders", written(order_id, ("A", "1", price, "0"), **more), expect=201)
    await bed.settle()
    return await bed.get(f"/v1/orders/{order_id}")


async def tell(bed: Bed, order_id: str, what: str, **how: Any) -> dict[str, Any]:
    answer = await bed.post(f"/v1/orders/{order_id}/{what}", {}, **how)
    await bed.settle()
    return answer


def paper(document: str, amount: str, order_id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if order_id is None else {"order_id": order_id}
    head = {"source_system": "bank", "document_no": document, "partner_id": "k"}
    return head | named | {"amount": money(amount), "paid_on": "2026-01-04"} | more


async def pay(bed: Bed, document: str, amount: str, order_id: str | None = None) -> str:
    answer = await bed.post("/v1/payments", paper(document, amount, order_id), **KEEPER)
    await bed.settle()
    payment_id: str = answer["payment_id"]
    return payment_id


async def taken(bed: Bed, payment_id: str) -> dict[str, str]:
    """What each order got of a payment; "" is what nothing took."""
    payment = await bed.get(f"/v1/payments/{payment_id}")
    rest = {"": payment["unallocated"]["amount"]}
    return {one["order_id"]: one["amount"]["amount"] for one in payment["allocations"]} | rest


async def statuses(bed: Bed, *orders: str) -> str:
    """The first letters of their statuses."""
    return "".join([(await bed.get(f"/v1/orders/{one}"))["status"][0] for one in orders])


async def available(bed: Bed) -> str:
    amount: str = (await bed.get("/v1/accounts/k"))["available"]["amount"]
    return amount


async def queue(bed: Bed) -> list[str]:
    return [one["order_id"] for one in (await bed.get("/v1/accounts/k"))["held"]]


async def test_an_order_that_is_a_cent_too_big_is_held(bed: Bed) -> None:
    await enrol(bed, limit="300000")
    opening = {"receivables": money("130000"), "unapplied": money("5000.50")}
    await bed.post("/v1/accounts/k/opening", opening, **KEEPER)
    assert (await submit(bed, "a", "175000.50"))["status"] == "approved"
    held = await submit(bed, "b", "0.01")
    assert (held["status"], held["short_by"]) == ("held", money("0.01"))
    assert await available(bed) == "0.00"


async def test_what_fits_overtakes_and_nothing_stays_held_that_fits(bed: Bed) -> None:
    await enrol(bed, limit="100")
    for number, price in enumerate(("60", "50", "30", "45", "5", "10")):
        await submit(bed, f"q{number}", price)
    assert await statuses(bed, *(f"q{n}" for n in range(6))) == "ahahah"
    await pay(bed, "d", "55", "q0")
    assert await statuses(bed, *(f"q{n}" for n in range(6))) == "aaahaa"
    assert (await bed.get("/v1/orders/q3"))["short_by"] == money("45.00")


async def test_a_reopened_order_stands_at_the_end_of_the_queue(bed: Bed) -> None:
    await enrol(bed, limit="60000")
    await submit(bed, "a", "21000")
    await tell(bed, "a", "cancellation")
    await submit(bed, "b", "45000")
    await tell(bed, "a", "reopening")
    assert (await bed.get("/v1/orders/a"))["short_by"] == money("6000.00")
    await submit(bed, "c", "30000")
    assert await queue(bed) == ["a", "c"]
    await tell(bed, "a", "cancellation")
    await tell(bed, "a", "reopening")
    assert await queue(bed) == ["c", "a"]
    await tell(bed, "b", "cancellation")
    assert (await statuses(bed, "c", "a"), await available(bed)) == ("aa", "9000.00")


async def test_a_deposit_lets_only_its_own_order_through(bed: Bed) -> None:
    await enrol(bed, limit="1000")
    await submit(bed, "a", "1000")
    await submit(bed, "b", "50")
    deposit = await pay(bed, "d1", "20", "b")
    assert (await submit(bed, "c", "15"))["status"] == "held"
    assert (await bed.get("/v1/orders/b"))["short_by"] == money("30.00")
    assert await taken(bed, deposit) == {"": "20.00"}
    surplus = await pay(bed, "d2", "45", "b")
    assert await statuses(bed, "b", "c") == "aa"
    assert await taken(bed, deposit) == {"b": "20.00", "": "0.00"}
    assert await taken(bed, surplus) == {"a": "15.00", "b": "30.00", "": "0.00"}


async def test_a_rejected_orders_deposit_is_free_for_the_next(bed: Bed) -> None:
    await enrol(bed, limit="100")
    await submit(bed, "big", "600000")
    deposit = await pay(bed, "d", "50", "big")
    assert await available(bed) == "100.00"
    await tell(bed, "big", "rejection", role="director")
    assert (await submit(bed, "small", "150"))["status"] == "approved"
    assert await taken(bed, deposit) == {"small": "50.00", "": "0.00"}


async def test_a_cancelled_orders_money_goes_to_the_oldest_open_one(bed: Bed) -> None:
    await enrol(bed, limit="1000")
    await submit(bed, "b", "300", ordered_on="2026-01-03")
    await submit(bed, "c", "300", ordered_on="2026-01-02")
    await submit(bed, "a", "400")
    paid = await pay(bed, "d", "400", "a")
    await tell(bed, "a", "cancellation")
    assert await taken(bed, paid) == {"c": "300.00", "b": "100.00", "": "0.00"}


async def test_a_lower_limit_unconfirms_nothing_and_blocks_shipment(bed: Bed) -> None:
    await enrol(bed, limit="900")
    await submit(bed, "a", "700")
    await bed.post("/v1/partners/k/credit-limit", {"limit": money("100")}, **KEEPER)
    await bed.settle()
    assert (await statuses(bed, "a"), await available(bed)) == ("a", "-600.00")
    await bed.post("/v1/orders/a/shipment", expect=409)
    await pay(bed, "d", "600")
    await tell(bed, "a", "shipment")
    assert await statuses(bed, "a") == "s"


async def test_of_many_orders_at_once_only_those_that_fit_pass(bed: Bed) -> None:
    await enrol(bed, limit="150000")
    asked = [written(f"o{n}", ("A", "1", "70000", "0")) for n in range(6)]
    await asyncio.gather(*(bed.post("/v1/orders", one) for one in asked))
    await bed.settle()
    assert sorted(await statuses(bed, *(f"o{n}" for n in range(6)))) == [*"aahhhh"]
    assert await available(bed) == "10000.00"


async def test_money_at_once_never_pays_an_order_twice(bed: Bed) -> None:
    await enrol(bed, limit="1000")
    await submit(bed, "o", "1000")
    papers = [paper(f"d{n}", "33.33", "o") for n in range(40)]
    told = await asyncio.gather(*(bed.post("/v1/payments", one, **KEEPER) for one in papers))
    await bed.settle()
    found = [await taken(bed, one["payment_id"]) for one in told]
    used = sum(Decimal(one.get("o", "0")) for one in found)
    assert (used, used + sum(Decimal(one[""]) for one in found)) == (1000, 40 * Decimal("33.33"))


async def test_a_payment_is_split_by_product_line_and_tax_rate(bed: Bed) -> None:
    """Gross 339.34 + 164.72 for A, 188.31 + 1000.00 for B; 700.01 of 1692.37 by largest
    remainder, then each piece without its tax."""
    await enrol(bed, limit="5000")
    lines: list[Line] = [
        ("A", "3", "100.10", "0.13"),
        ("A", "2", "77.7", "0.06"),
        ("B", "5", "33.33", "0.13"),
        ("B", "1", "1000", "0"),
    ]
    await bed.post("/v1/orders", written("o", *lines))
    paid = await pay(bed, "d", "700.01", "o")
    (part,) = (await bed.get(f"/v1/payments/{paid}"))["allocations"]
    split = {x["product_line"]: (x["amount"]["amount"], x["net"]["amount"]) for x in part["lines"]}
    assert split == {"A": ("208.49", "188.48"), "B": ("491.52", "482.56")}


async def test_equal_shares_give_the_odd_cents_to_the_first_product_lines(bed: Bed) -> None:
    await enrol(bed, limit="5000")
    lines: list[Line] = [(one, "1", "100", "0") for one in "CAB"]
    await bed.post("/v1/orders", written("o", *lines))
    paid = await pay(bed, "d", "100.01", "o")
    (part,) = (await bed.get(f"/v1/payments/{paid}"))["allocations"]
    split = {one["product_line"]: one["amount"]["amount"] for one in part["lines"]}
    assert split == {"A": "33.34", "B": "33.34", "C": "33.33"}


async def test_linked_orders_count_per_partner_customer_and_day(bed: Bed) -> None:
    for partner in "km":
        await enrol(bed, partner, "9000000")
    assert (await submit(bed, "a", "310000", customer_id="c1"))["status"] == "approved"
    assert (await submit(bed, "b", "190000", customer_id="c1"))["status"] == "approved"
    more = await submit(bed, "c", "0.01", customer_id="c1")
    assert (more["status"], more["reasons"]) == ("held", ["director-approval"])
    other = await submit(bed, "d", "400000", customer_id="c1", partner_id="m")
    assert other["status"] == "approved"
    await tell(bed, "a", "cancellation")
    await bed.advance("2026-01-06T00:00:00+08:00")
    assert (await submit(bed, "e", "500000", customer_id="c1"))["status"] == "approved"


async def test_money_for_an_order_that_comes_in_time_waits_and_else_is_rejected(bed: Bed) -> None:
    await enrol(bed, limit="1000")
    early, never = await pay(bed, "d1", "70", "late"), await pay(bed, "d2", "70", "never")
    await bed.advance("2026-01-06T08:59:59+08:00")
    await submit(bed, "late", "70")
    await bed.advance("2026-01-06T09:00:00+08:00")
    assert await taken(bed, early) == {"late": "70.00", "": "0.00"}
    refused = await bed.get(f"/v1/payments/{never}")
    assert (refused["status"], refused["reason"]) == ("rejected", "order-unknown")
    assert await available(bed) == "1000.00"


@pytest.mark.parametrize("day", ["0", "1767571200", "20260105", "2026-1-5", "2026-01-05T00:00Z"])
async def test_a_business_date_is_an_iso_date(bed: Bed, day: str) -> None:
    """ "0" is not the first of January 1970, neither by hand nor on the topic."""
    await enrol(bed, limit="1000")
    body = paper("d", "1", paid_on=day)
    assert (await bed.post("/v1/payments", body, expect=422, **KEEPER))["slug"]
    event = {"specversion": "1.0", "id": "1", "source": "/erp", "type": "PaymentReported"}
    record = Record("PaymentReported", "any", json.dumps(event | {"data": body}).encode())
    await bed.platform.bus.publish([record])
    await bed.settle()
    assert (await bed.get("/v1/payments"))["items"] == []
