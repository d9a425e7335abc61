"""O-05 from outside: goods by parts, and money that goes back."""

import pytest

from shared.testing.platform import Bed
from tests.cases.goods import (
    FINANCE,
    available,
    cny,
    line,
    ordered,
    paid,
    refund,
    shown,
    tell,
    told,
)


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
