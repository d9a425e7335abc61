"""Orders and money through the front door: O-01, O-02, O-03, O-06 and R-03."""

import asyncio
from typing import Any

import pytest

from shared.testing.platform import Bed


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def order(order_id: str, *prices: str, lines: str = "ABCDEFG", **more: Any) -> dict[str, Any]:
    """One piece of each product line, at these prices."""
    wanted = [
        {
            "line": number,
            "sku": f"sku-{line}",
            "product_line": line,
            "quantity": "1",
            "unit_price": cny(price),
        }
        for number, (line, price) in enumerate(zip(lines, prices, strict=False), start=1)
    ]
    head = {"order_id": order_id, "partner_id": "p1", "region": "east", "currency": "CNY"}
    return head | {"lines": wanted} | more


def payment(document_no: str, amount: str, **more: Any) -> dict[str, Any]:
    head = {"source_system": "bank", "document_no": document_no, "partner_id": "p1"}
    return head | {"amount": cny(amount), "paid_on": "2026-01-05"} | more


async def enrol(bed: Bed, partner_id: str = "p1", limit: str | None = "500000") -> None:
    partner = {"partner_id": partner_id, "type": "agent", "level": "gold"}
    await bed.post("/v1/partners", partner, expect=201)
    if limit is not None:
        body = {"limit": cny(limit)}
        await bed.post(f"/v1/partners/{partner_id}/credit-limit", body, role="finance")
    await bed.settle()


async def submit(bed: Bed, order_id: str, *prices: str, **more: Any) -> dict[str, Any]:
    await bed.post("/v1/orders", order(order_id, *prices, **more), expect=201)
    await bed.settle()
    return await bed.get(f"/v1/orders/{order_id}")


async def pay(bed: Bed, document_no: str, amount: str, **more: Any) -> dict[str, Any]:
    body = payment(document_no, amount, **more)
    paid = await bed.post("/v1/payments", body, role="finance", expect=201)
    await bed.settle()
    return await bed.get(f"/v1/payments/{paid['payment_id']}", role="finance")


async def available(bed: Bed) -> str:
    account = await bed.get("/v1/accounts/p1", role="finance")
    amount: str = account["available"]["amount"]
    return amount


async def opened(bed: Bed) -> None:
    """Limit 500,000; receivables 320,000; confirmed 90,000; unapplied 20,000."""
    await enrol(bed)
    opening = {"receivables": cny("320000"), "unapplied": cny("20000")}
    await bed.post("/v1/accounts/p1/opening", opening, role="finance", expect=201)
    assert (await submit(bed, "o-90", "90000"))["status"] == "approved"
    assert await available(bed) == "110000.00"


@pytest.mark.case("O-01")
async def test_an_order_over_the_limit_is_held_and_released_by_a_prepayment(case: Bed) -> None:
    """An order over the limit is held, short 10,000, and released by a prepayment of 10,000."""
    await opened(case)
    held = await submit(case, "o-120", "120000")
    assert (held["status"], held["reasons"]) == ("held", ["credit"])
    assert held["short_by"] == cny("10000.00")
    paid = await pay(case, "d1", "10000", order_id="o-120")
    assert (paid["status"], paid["matched"], paid["revision"]) == ("received", "named", 2)
    assert paid["allocations"][0]["lines"][0]["amount"] == cny("10000.00")
    released = await case.get("/v1/orders/o-120")
    assert (released["status"], released["short_by"]) == ("approved", cny("0.00"))
    assert await available(case) == "0.00"


@pytest.mark.case("O-02")
async def test_reopening_is_a_new_check(case: Bed) -> None:
    """Closing an order, confirming another and reopening the first does not bypass the limit."""
    await opened(case)
    await case.post("/v1/orders/o-90/cancellation", {"reason": "closed"})
    await case.settle()
    assert await available(case) == "200000.00"
    assert (await submit(case, "o-120", "120000"))["status"] == "approved"
    assert await available(case) == "80000.00"
    await case.post("/v1/orders/o-90/reopening")
    await case.settle()
    again = await case.get("/v1/orders/o-90")
    assert (again["status"], again["short_by"]) == ("held", cny("10000.00"))


@pytest.mark.case("O-03")
async def test_two_orders_before_either_is_decided_never_share_one_credit(case: Bed) -> None:
    """Two orders of 70,000 at once against 110,000: one is confirmed, one is held."""
    await opened(case)
    for order_id in ("o-1", "o-2"):
        await case.post("/v1/orders", order(order_id, "70000"), expect=201)
    await one_fits(case)


async def test_two_orders_that_race_never_share_one_credit(case: Bed) -> None:
    """O-03 whichever interleaving: which one wins is chance, so its journal is not kept."""
    await opened(case)
    both = [case.post("/v1/orders", order(o, "70000"), expect=201) for o in ("o-1", "o-2")]
    await asyncio.gather(*both)
    await one_fits(case)


async def one_fits(case: Bed) -> None:
    await case.settle()
    shown = [await case.get(f"/v1/orders/{o}") for o in ("o-1", "o-2")]
    assert sorted(one["status"] for one in shown) == ["approved", "held"]
    assert sorted(one["short_by"]["amount"] for one in shown) == ["0.00", "30000.00"]


@pytest.mark.case("O-06")
async def test_above_half_a_million_net_the_director_decides(case: Bed) -> None:
    """500,000.00 needs no director, 500,000.01 does; linked orders count together."""
    await enrol(case, limit="2000000")
    assert (await submit(case, "o-edge", "500000.00"))["status"] == "approved"
    over = await submit(case, "o-over", "500000.01")
    assert (over["status"], over["reasons"]) == ("held", ["director-approval"])
    await case.post("/v1/orders/o-over/approval", role="manager", expect=403)
    await case.post("/v1/orders/o-over/rejection", role="manager", expect=409)
    await case.post("/v1/orders/o-over/approval", role="director")
    await case.settle()
    decided = await case.get("/v1/orders/o-over")
    assert (decided["status"], decided["approved_by"]) == ("approved", "director")
    first = await submit(case, "o-l1", "300000", customer_id="c1")
    linked = await submit(case, "o-l2", "300000", customer_id="c1")
    other = await submit(case, "o-l3", "300000", customer_id="c2")
    assert [one["status"] for one in (first, linked, other)] == ["approved", "held", "approved"]
    assert linked["reasons"] == ["director-approval"]
    await case.post("/v1/orders/o-l2/rejection", {"reason": "split"}, role="director")
    assert (await case.get("/v1/orders/o-l2"))["status"] == "rejected"


@pytest.mark.case("R-03")
async def test_a_payment_is_split_over_product_lines(case: Bed) -> None:
    """Lines A 70,000 and B 30,000: a payment of 33,333.33 is A 23,333.33 and B 10,000.00."""
    await enrol(case)
    await submit(case, "o-1", "70000", "30000")
    first = await pay(case, "d1", "60000", order_id="o-1")
    second = await pay(case, "d2", "33333.33")
    split = [
        [line["amount"]["amount"] for line in one["allocations"][0]["lines"]]
        for one in (first, second)
    ]
    assert split == [["42000.00", "18000.00"], ["23333.33", "10000.00"]]
    assert (second["matched"], second["unallocated"]) == ("oldest", cny("0.00"))
