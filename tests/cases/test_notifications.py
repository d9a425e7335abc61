"""N-01: one message per rule, subject and episode, from real orders and payments."""

from typing import Any

import pytest

from shared.testing.platform import Bed

FINANCE = "/v1/notifications?recipient=role:finance"


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def enrolled(case: Bed, limit: str) -> None:
    partner = {
        "partner_id": "p1",
        "type": "distributor",
        "level": "gold",
        "regions": ["east"],
        "industries": ["chemistry"],
        "product_lines": ["A"],
    }
    await case.post("/v1/partners", partner, expect=201)
    await case.post("/v1/partners/p1/credit-limit", {"limit": cny(limit)}, role="finance")
    await case.settle()


async def ordered(case: Bed, amount: str) -> str:
    line = {
        "line": 1,
        "sku": "A-1",
        "product_line": "A",
        "quantity": "1",
        "unit_price": cny(amount),
    }
    order = {"partner_id": "p1", "region": "east", "currency": "CNY", "lines": [line]}
    answer = await case.post("/v1/orders", order, expect=201)
    await case.settle()
    return str(answer["order_id"])


async def told(case: Bed, **who: Any) -> list[tuple[str, str]]:
    """(rule, subject) of everything in an inbox."""
    page = await case.get("/v1/notifications?limit=200", **who)
    return sorted((one["rule"], one["subject"]) for one in page["items"])


@pytest.mark.case("N-01")
async def test_n_01_a_hold_is_told_once(case: Bed) -> None:
    """A credit hold is told to the partner and to finance, once; its end to the partner."""
    await enrolled(case, "110000.00")
    order = await ordered(case, "120000.00")
    assert await told(case, partner="p1") == [("order-held-credit", order)]
    assert await told(case, role="finance") == [("order-held-credit", order)]
    assert await told(case, role="director") == []
    payment = {
        "source_system": "bank",
        "document_no": "B-1",
        "partner_id": "p1",
        "amount": cny("10000.00"),
        "paid_on": "2026-01-05",
        "order_id": order,
    }
    for _ in range(2):
        answer = await case.post("/v1/payments", payment, role="finance", key="B-1", expect=201)
        await case.settle()
    rules = [rule for rule, _ in await told(case, partner="p1")]
    assert rules == ["order-approved", "order-held-credit", "order-released", "payment-received"]
    assert ("payment-received", answer["payment_id"]) in await told(case, partner="p1")
    assert await told(case, partner="p2") == []


@pytest.mark.case("N-01b")
async def test_a_large_order_is_the_directors_business(case: Bed) -> None:
    """An order above 500,000 is told to the director and to the partner."""
    await enrolled(case, "9000000.00")
    order = await ordered(case, "500000.01")
    assert await told(case, role="director") == [("order-held-director", order)]
    await case.post(f"/v1/orders/{order}/approval", role="director")
    await case.settle()
    assert ("order-approved", order) in await told(case, partner="p1")
    (one,) = (await case.get("/v1/notifications", role="director"))["items"]
    path = f"/v1/notifications/{one['notification_id']}/acknowledgement"
    await case.post(path, role="director")
    (one,) = (await case.get("/v1/notifications", role="director"))["items"]
    assert one["acknowledged_at"] is not None
