"""Where an order is: for the customer, from the warehouse, and in the inbox."""

import pytest

from shared.testing.platform import Bed
from tests.cases.goods import (
    FINANCE,
    line,
    ordered,
    paid,
    refund,
    rejections,
    reported,
    tell,
    told,
    track,
)


@pytest.mark.case("OR-9")
async def test_or_9_the_customer_sees_where_the_order_is(case: Bed) -> None:
    """待审核 → 待发货 → 已发货 → 已签收, in parts and whole, by its own partner only"""
    await ordered(case, "o", line(1, "6000", "100"), limit="900000")
    assert await track(case) == ("待审核", True)
    await case.post("/v1/orders/o/approval", role="director")
    await case.settle()
    assert await track(case, partner="p") == ("待发货", True)
    await tell(case, "shipments", (1, "1000"), document="dn-1", shipped_on="2026-01-04")
    assert await track(case) == ("已发货", False)
    await tell(case, "deliveries", document="dn-1")
    assert await track(case) == ("已发货", False)
    await tell(case, "shipments", document="dn-2")
    assert await track(case) == ("已发货", True)
    await case.post("/v1/orders/o/deliveries", {}, partner="p")
    await case.settle()
    found = await case.get("/v1/orders/o/track", partner="p")
    assert (found["stage"], found["zh"], found["en"]) == ("delivered", "已签收", "delivered")
    assert [one["reached"] for one in found["steps"]] == [True] * 4
    assert [one["lines"][0]["quantity"] for one in found["shipments"]] == ["1000", "5000"]
    await case.get("/v1/orders/o/track", partner="q", expect=404)
    inbox = await case.get("/v1/notifications", params={"recipient": "partner:p"})
    rules = {one["rule"] for one in inbox["items"]}
    assert {"order-shipped", "order-delivered"} <= rules


@pytest.mark.case("OR-10")
async def test_or_10_a_reported_shipment_waits_for_its_order_or_is_rejected(case: Bed) -> None:
    """Before its order: waits, then it is booked; never ordered: rejected after 24 hours"""
    await reported(case, "1", lines=[{"line": 1, "quantity": "2"}])
    await reported(case, "1", lines=[{"line": 1, "quantity": "2"}])  # the bus repeats
    await reported(case, "2", document_no="dn-9", order_id="never")
    waiting = await case.get("/v1/shipments", params={"status": "waiting"})
    assert {one["order_id"] for one in waiting["items"]} == {"o", "never"}
    assert (await case.get("/v1/settled"))["waiting"] == 2
    await ordered(case, "o", line(1, "5", "10"))
    assert await track(case) == ("已发货", False)
    await reported(case, "3", delivered_on="2026-01-06", lines=[{"line": 1, "quantity": "2"}])
    await reported(case, "4", document_no="dn-2", delivered_on="2026-01-07")
    assert await track(case) == ("已签收", True)
    assert await rejections(case) == []
    await reported(case, "5", document_no="dn-3")
    (nothing_left,) = await rejections(case)
    assert "order-wrong-status" in nothing_left
    await reported(case, "6", lines=[{"line": 1, "quantity": "3"}])
    assert "document-conflict" in (await rejections(case))[1]
    await case.advance("2026-01-06T09:00:00+08:00")
    assert "order-unknown" in (await rejections(case))[2]
    assert (await case.get("/v1/settled"))["waiting"] == 0
    shipments = await told(case, "OrderShipped")
    assert [one["document"] for one in shipments] == ["wms/dn-1", "wms/dn-2"]


@pytest.mark.case("N-02 goods")
async def test_n_02_returns_and_refunds_are_told(case: Bed) -> None:
    """The partner hears of each; finance hears of returns and reversals"""
    await ordered(case, "o", line(1, "10", "5"))
    await tell(case, "shipments")
    payment = await paid(case, "d1", "50")
    await tell(case, "returns", (1, "2"), reason="破损")
    await refund(case, payment, "10")
    await case.post(f"/v1/payments/{payment}/reversal", {}, **FINANCE)
    await case.settle()
    inbox = await case.get("/v1/notifications", params={"recipient": "partner:p"})
    bodies = {one["rule"]: one["body"]["zh"] for one in inbox["items"]}
    assert "破损" in bodies["goods-returned"]
    assert "10.00 CNY" in bodies["payment-refunded"]
    finance = await case.get("/v1/notifications", params={"recipient": "role:finance"}, **FINANCE)
    assert {"goods-returned", "payment-reversed"} <= {one["rule"] for one in finance["items"]}
