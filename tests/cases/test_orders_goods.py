"""O-05 and O-08 from outside: goods by parts, money that goes back, and where an order is."""

import json
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed

FINANCE = {"role": "finance"}


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def line(number: int, quantity: str, price: str, **more: str) -> dict[str, Any]:
    told = {"line": number, "sku": f"sku-{number}", "product_line": "A", "quantity": quantity}
    return told | {"unit_price": cny(price)} | more


async def ordered(bed: Bed, order_id: str, *lines: dict[str, Any], limit: str = "100000") -> None:
    """Of partner p, who is enrolled with the first order."""
    if order_id == "o":
        enrolled = {"partner_id": "p", "type": "agent", "level": "gold", "regions": ["east"]}
        await bed.post("/v1/partners", enrolled)
        await bed.post("/v1/partners/p/credit-limit", {"limit": cny(limit)}, **FINANCE)
        await bed.settle()
    body = {"order_id": order_id, "partner_id": "p", "region": "east", "currency": "CNY"}
    await bed.post("/v1/orders", body | {"lines": list(lines)}, expect=201)
    await bed.settle()


async def tell(bed: Bed, what: str, *parts: tuple[int, str], **more: Any) -> dict[str, Any]:
    """Something about order o: parts are (line, quantity)."""
    lines = [{"line": number, "quantity": quantity} for number, quantity in parts]
    expect = more.pop("expect", None)
    answer = await bed.post(f"/v1/orders/o/{what}", {"lines": lines} | more, expect=expect)
    await bed.settle()
    return answer


async def paid(bed: Bed, document_no: str, amount: str, **more: str) -> str:
    body = {"source_system": "bank", "document_no": document_no, "partner_id": "p"}
    body |= {"paid_on": "2026-01-05"}
    asked = body | {"amount": cny(amount)} | more
    answer = await bed.post("/v1/payments", asked, expect=201, **FINANCE)
    await bed.settle()
    return str(answer["payment_id"])


async def refund(bed: Bed, payment_id: str, amount: str, **how: Any) -> dict[str, Any]:
    body = {"amount": cny(amount), "refunded_on": "2026-01-05", "reason": "returned"}
    answer = await bed.post(f"/v1/payments/{payment_id}/refund", body, **(FINANCE | how))
    await bed.settle()
    return answer


async def shown(bed: Bed, *names: str) -> list[Any]:
    order = await bed.get("/v1/orders/o")
    found = [order["goods"].get(name, order.get(name)) for name in names]
    return [one["amount"] if isinstance(one, dict) else one for one in found]


async def available(bed: Bed) -> str:
    return str((await bed.get("/v1/accounts/p"))["available"]["amount"])


async def track(bed: Bed, **how: Any) -> tuple[str, bool]:
    found = await bed.get("/v1/orders/o/track", **how)
    return found["zh"], found["complete"]


async def told(bed: Bed, topic: str) -> list[dict[str, Any]]:
    found = await bed.platform.bus.fetch([topic], after={}, limit=100)
    return [json.loads(one.record.value)["data"] for one in found]


async def reported(bed: Bed, event_id: str, **data: Any) -> None:
    told = {"source_system": "wms", "document_no": "dn-1", "partner_id": "p", "order_id": "o"}
    event = {"specversion": "1.0", "id": event_id, "source": "/wms", "type": "ShipmentReported"}
    raw = json.dumps(event | {"data": told | {"shipped_on": "2026-01-05"} | data}).encode()
    await bed.platform.bus.publish([Record("ShipmentReported", "any", raw)])
    await bed.settle()


async def rejections(bed: Bed) -> list[str]:
    found = await bed.platform.bus.fetch(["ShipmentReported.rejected"], after={}, limit=100)
    return [str(one.record.headers) for one in found]


@pytest.mark.case("O-05")
async def test_o_05_ship_in_parts_cancel_the_rest_return_some(case: Bed) -> None:
    """Ship 60 and 25 of 100, cancel 15, return 5; 5,000 paid: 2,040 outstanding"""
    await ordered(case, "o", line(1, "100", "88"))
    first = await tell(case, "shipments", (1, "60"), document="dn-1")
    assert (first["status"], first["goods"]["shipped"]["amount"]) == ("approved", "5280.00")
    await tell(case, "shipments", (1, "25"), document="dn-2")
    assert await available(case) == "91200.00"
    rest = await tell(case, "cancellation", (1, "15"), reason="no longer needed")
    assert (rest["status"], rest["goods"]["cancelled"]["amount"]) == ("shipped", "1320.00")
    await tell(case, "returns", (1, "5"), reason="damaged")
    await paid(case, "d1", "5000")
    asked = ("shipped", "cancelled", "returned", "invoiced", "paid", "outstanding")
    assert await shown(case, *asked) == [
        *("7480.00", "1320.00", "440.00", "7040.00", "5000.00", "2040.00")
    ]
    assert await available(case) == "97960.00"  # 100,000 − (7,040 − 5,000)
    shipments = await told(case, "OrderShipped")
    assert [(one["number"], one["lines"][0]["amount"]["amount"]) for one in shipments] == [
        (1, "5280.00"),
        (2, "2200.00"),
    ]
    (cancelled,), (returned,) = (
        await told(case, "OrderCancelled"),
        await told(case, "GoodsReturned"),
    )
    assert (cancelled["whole"], cancelled["lines"][0]["quantity"]) == (False, "15")
    assert (returned["lines"][0]["net"]["amount"], returned["reason"]) == ("440.00", "damaged")


@pytest.mark.case("o8")
async def test_o8_tax_of_returns_is_cumulative_and_a_full_return_credits_the_invoice(
    case: Bed,
) -> None:
    """3 × 33.33 with 13 %: 112.99; returned one by one 37.66, 37.67, 37.66"""
    await ordered(case, "o", line(1, "3", "33.33", tax_rate="0.13"))
    await tell(case, "shipments")
    for _ in range(3):
        await tell(case, "returns", (1, "1"))
    back = [one["lines"][0]["amount"]["amount"] for one in await told(case, "GoodsReturned")]
    assert back == ["37.66", "37.67", "37.66"]
    assert await shown(case, "shipped", "returned", "invoiced") == ["112.99", "112.99", "0.00"]
    assert await available(case) == "100000.00"


@pytest.mark.case("O-05 limits")
async def test_o_05_no_more_is_shipped_delivered_or_returned_than_there_is(case: Bed) -> None:
    """ordered = open + shipped + cancelled; delivered and returned at most what was shipped"""
    await ordered(case, "o", line(1, "10", "5"), line(2, "4", "1.5"))
    refused = await tell(case, "shipments", (1, "10.5"), expect=409)
    assert (refused["slug"], "at most 10 " in refused["detail"]) == ("order-quantity", True)
    await tell(case, "shipments", (1, "6"), (2, "4"), document="dn-1")
    await tell(case, "cancellation", (1, "4.5"), expect=409)
    await tell(case, "deliveries", (1, "6.5"), expect=409)
    await tell(case, "returns", (2, "5"), expect=409)
    await tell(case, "returns", (3, "1"), expect=422)
    again = await tell(case, "shipments", (1, "6"), (2, "4"), document="dn-1")
    assert [one["shipped"] for one in again["lines"]] == ["6", "4"]
    other = await tell(case, "shipments", (1, "2"), document="dn-1", expect=409)
    assert other["slug"] == "document-conflict"
    await tell(case, "cancellation")
    (rest,) = await told(case, "OrderCancelled")
    assert [(one["line"], one["quantity"]) for one in rest["lines"]] == [(1, "4")]
    assert await shown(case, "status", "cancelled", "invoiced") == ["shipped", "20.00", "36.00"]
    await case.post("/v1/orders/o/reopening", expect=409)


@pytest.mark.case("O-07 movements")
async def test_o_07_the_same_movement_within_ten_minutes_is_worth_a_warning(case: Bed) -> None:
    """Same lines with a new key: done, with a warning; ten minutes later without"""
    await ordered(case, "o", line(1, "10", "5"))
    payment = await paid(case, "d", "50", order_id="o")
    first = await tell(case, "shipments", (1, "2"))
    second = await tell(case, "shipments", (1, "2"))
    assert (first["warnings"], len(second["warnings"])) == ([], 1)
    assert second["warnings"][0].startswith("OrderShipped-alike: ")
    assert (await refund(case, payment, "5", key="k"))["warnings"] == []
    assert len((await refund(case, payment, "5"))["warnings"]) == 1
    assert (await refund(case, payment, "5", key="k"))["warnings"] == []  # the same command
    assert await shown(case, "paid") == ["40.00"]
    await case.advance("2026-01-05T09:10:00+08:00")
    assert (await tell(case, "shipments", (1, "2")))["warnings"] == []
    assert (await refund(case, payment, "5"))["warnings"] == []


@pytest.mark.case("o1 refund")
async def test_o1_a_refund_raises_the_exposure_and_makes_its_order_due_again(case: Bed) -> None:
    """Free money goes back first; then what was taken, and other free money takes its place"""
    await ordered(case, "o", line(1, "1", "600"), limit="1000")
    first = await paid(case, "d1", "1000")
    assert await available(case) == "1400.00"
    left = await refund(case, first, "400")
    assert (left["left"], left["status"]) == (cny("600.00"), "received")
    assert await shown(case, "paid", "outstanding") == ["600.00", "0.00"]
    await refund(case, first, "150")
    assert await shown(case, "paid", "outstanding") == ["450.00", "150.00"]
    assert await available(case) == "850.00"
    second = await paid(case, "d2", "200")
    await refund(case, first, "20")  # takes the place of what was free of the second
    assert (await case.get(f"/v1/payments/{second}"))["unallocated"] == cny("30.00")
    too_much = await refund(case, first, "430.01", expect=409)
    assert too_much["slug"] == "refund-too-much"
    await refund(case, first, "430")
    assert (await case.get(f"/v1/payments/{first}"))["status"] == "refunded"
    assert (await refund(case, first, "0.01", expect=409))["slug"] == "refund-too-much"
    refunds = await told(case, "PaymentRefunded")
    assert [one["revision"] for one in refunds] == [2, 3, 4, 5]
    assert [one["allocations"][0]["amount"]["amount"] for one in refunds[:3]] == [
        *("600.00", "450.00", "430.00")
    ]


@pytest.mark.case("o7 reversal")
async def test_o7_a_reversal_undoes_the_allocations_and_unconfirms_nothing(case: Bed) -> None:
    """A cheque bounces: two orders are due again and stay confirmed, shipment is blocked"""
    await ordered(case, "o", line(1, "1", "600"), limit="1000")
    await ordered(case, "o2", line(1, "1", "500"))
    assert (await case.get("/v1/orders/o2"))["short_by"] == cny("100.00")
    payment = await paid(case, "d1", "750")
    assert await available(case) == "650.00"
    await case.post(f"/v1/payments/{payment}/reversal", {"reason": "bounced"}, **FINANCE)
    await case.settle()
    assert await available(case) == "-100.00"
    assert await shown(case, "status", "paid", "outstanding") == ["approved", "0.00", "600.00"]
    blocked = await tell(case, "shipments", expect=409)
    assert blocked["slug"] == "account-overdrawn"
    found = await case.get(f"/v1/payments/{payment}")
    assert (found["status"], found["allocations"]) == ("reversed", [])
    again = await refund(case, payment, "1", expect=409)
    assert again["slug"] == "payment-reversed"
    (fact,) = await told(case, "PaymentReversed")
    assert (fact["amount"], fact["allocations"], fact["revision"]) == (cny("750.00"), [], 3)


@pytest.mark.case("o3 partial cancel")
async def test_o3_a_partial_cancel_releases_what_waited_and_frees_money(case: Bed) -> None:
    """10 × 100 paid 800; 5 cancelled: 300 come free and go to the next order, which now fits"""
    await ordered(case, "o", line(1, "10", "100"), limit="500")
    await paid(case, "d0", "500", order_id="o")
    await paid(case, "d1", "300", order_id="o")
    await ordered(case, "o2", line(1, "1", "400"))
    assert (await case.get("/v1/orders/o2"))["short_by"] == cny("100.00")
    await tell(case, "cancellation", (1, "5"))
    order = await case.get("/v1/orders/o2")
    assert (order["status"], order["paid"]) == ("approved", cny("300.00"))
    assert await shown(case, "paid", "outstanding", "credit") == ["500.00", "0.00", "0.00"]


@pytest.mark.case("o8 credit")
async def test_o8_the_credit_of_a_paid_return_is_unapplied_and_pays_the_next_order(
    case: Bed,
) -> None:
    """100 paid, 40 returned: 40 unapplied; the next order of 70 takes them, 30 are outstanding"""
    await ordered(case, "o", line(1, "10", "10"))
    payment = await paid(case, "d1", "100")
    await tell(case, "shipments")
    await tell(case, "returns", (1, "4"))
    assert (await case.get("/v1/accounts/p"))["unapplied"] == cny("40.00")
    assert await shown(case, "paid", "credit") == ["100.00", "40.00"]
    await ordered(case, "o2", line(1, "1", "70"))
    assert (await case.get("/v1/orders/o2"))["outstanding"] == cny("30.00")
    assert (await case.get("/v1/accounts/p"))["unapplied"] == cny("0.00")
    found = await case.get(f"/v1/payments/{payment}")
    parts = {one["order_id"]: one["amount"]["amount"] for one in found["allocations"]}
    assert parts == {"o": "60.00", "o2": "40.00"}


@pytest.mark.case("o5 held")
async def test_o5_a_held_order_made_smaller_is_confirmed_as_what_is_left(case: Bed) -> None:
    """20 × 100 held at a limit of 1,500; 5 cancelled: approved with 15"""
    await ordered(case, "o", line(1, "20", "100"), limit="1500")
    assert await shown(case, "status") == ["held"]
    await tell(case, "cancellation", (1, "5"))
    assert await shown(case, "status") == ["approved"]
    (approved,) = await told(case, "OrderApproved")
    assert (approved["lines"][0]["quantity"], approved["total"]) == ("15", cny("1500.00"))
    assert await available(case) == "0.00"


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
