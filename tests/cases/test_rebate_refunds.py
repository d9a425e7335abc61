"""R-10, O-08, X-04, X-05: money that goes back, before a quarter is cut off and after payout."""

from itertools import permutations
from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.rebates import (
    account,
    cny,
    entitlement,
    entries,
    explanation,
    paid,
    published,
    selling,
)

FINANCE = {"role": "finance"}
LEAVES = [
    ("d0", "25000.00"),
    ("d1", "20000.00"),
    ("d2", "10000.00"),
    ("d0", "-500.00"),
    ("d1", "-1000.00"),
    ("d2", "-1500.00"),
]
OF_P1 = {"programme": "q-a", "partner": "p1"}


async def ordered(bed: Bed, quantity: str, price: str) -> None:
    """One order of line A, shipped whole."""
    await selling(bed, "1")  # enrols the partner; a small order of its own
    line = {"line": 1, "sku": "a", "product_line": "A", "quantity": quantity}
    body = {"order_id": "big", "partner_id": "p1", "region": "east", "currency": "CNY"}
    await bed.post("/v1/orders", body | {"lines": [line | {"unit_price": cny(price)}]})
    await bed.settle()
    await bed.post("/v1/orders/big/approval", role="director")
    await bed.settle()
    await bed.post("/v1/orders/big/shipments")
    await bed.settle()


async def pay(bed: Bed, document_no: str, amount: str, paid_on: str) -> str:
    body = {"source_system": "bank", "document_no": document_no, "partner_id": "p1"}
    told = body | {"order_id": "big", "amount": cny(amount), "paid_on": paid_on}
    answer = await bed.post("/v1/payments", told, **FINANCE)
    await bed.settle()
    return str(answer["payment_id"])


async def refund(bed: Bed, payment_id: str, amount: str, day: str) -> None:
    body = {"amount": cny(amount), "refunded_on": day, "reason": "returned"}
    await bed.post(f"/v1/payments/{payment_id}/refund", body, **FINANCE)
    await bed.settle()


async def proposals(bed: Bed) -> list[dict[str, Any]]:
    found = await bed.get("/v1/rebates/accounts/proposals", params=OF_P1)
    items: list[dict[str, Any]] = found["items"]
    return items


@pytest.mark.case("R-10", at="2026-01-02T09:00:00+08:00")
async def test_r_10_a_return_after_the_payout_is_restated_three_ways(case: Bed) -> None:
    """1,020,000 settled, 30,000 refunded in Q2: −21,300 by origin, −900 by Q2, −1,500 pro rata"""
    await published(case)
    await ordered(case, "200", "30000")
    first = await pay(case, "d1", "1020000", "2026-02-01")
    await case.advance("2026-04-12T09:00:00+08:00")
    assert await entries(case) == [("settled", 1, "51000.00")]
    await pay(case, "d2", "600000", "2026-04-20")
    part = {"lines": [{"line": 1, "quantity": "1"}], "reason": "damaged"}
    await case.post("/v1/orders/big/returns", part)
    await case.settle()
    assert await entitlement(case) == "51000.00"  # a return alone moves nothing (ruling r4)
    await refund(case, first, "30000", "2026-04-25")
    assert await entitlement(case) == "29700.00"
    (proposal,) = await proposals(case)
    assert (proposal["amount"], proposal["reason"]) == (cny("-21300.00"), "refund")
    assert proposal["restatements"] == {
        "origin": cny("-21300.00"),
        "current": cny("-900.00"),
        "pro_rata": cny("-1500.00"),
    }
    found = await explanation(case)
    assert [(one["paid_on"], one["volume"]["amount"]) for one in found["leaves"]] == [
        ("2026-02-01", "1020000.00"),
        ("2026-04-25", "-30000.00"),
    ]
    assert found["sum"] == cny("29700.00")
    where = f"/v1/rebates/accounts/{proposal['account_id']}/proposals/1/approval"
    await case.post(where, role="finance")
    await case.settle()
    assert await entries(case) == [("settled", 1, "51000.00"), ("adjusted", 2, "-21300.00")]
    assert await proposals(case) == []
    assert await entitlement(case, period="2026Q2") == "18000.00"


@pytest.mark.case("R-10b", at="2026-01-02T09:00:00+08:00")
@pytest.mark.parametrize(
    ("way", "first", "second", "proposed"),
    [
        ("current", "51000.00", "17100.00", []),
        ("pro_rata", "49500.00", "18000.00", ["-1500.00"]),
    ],
)
async def test_r_10_as_the_programme_chose(
    case: Bed, way: str, first: str, second: str, proposed: list[str]
) -> None:
    """The refund moves its own quarter (−900), or takes back what was booked for it (−1,500)"""
    await published(case, restatement=way)
    await ordered(case, "200", "30000")
    paid_first = await pay(case, "d1", "1020000", "2026-02-01")
    await case.advance("2026-04-12T09:00:00+08:00")
    await pay(case, "d2", "600000", "2026-04-20")
    await refund(case, paid_first, "30000", "2026-04-25")
    assert await entitlement(case) == first
    assert await entitlement(case, period="2026Q2") == second
    found = await proposals(case)
    assert [one["amount"]["amount"] for one in found] == proposed
    ways = {"origin": "-21300.00", "current": "-900.00", "pro_rata": "-1500.00"}
    told = {name: cny(amount) for name, amount in ways.items()}
    assert [one["restatements"] for one in found] == [told for _ in proposed]
    q2 = await explanation(case, period="2026Q2")
    assert q2["sum"] == cny(second)
    (programme,) = (await case.get("/v1/rebates/programmes"))["items"]
    assert programme["restatement"] == way


@pytest.mark.case("O-08", at="2026-01-02T09:00:00+08:00")
async def test_o_08_goods_that_come_back_after_the_period_feed_r_10(case: Bed) -> None:
    """1 of 34 comes back in Q2: its money is a credit until it goes back, and then Q1 is restated.

    The other half of O-08, a cancel after rebate credit was used, waits for the wallet (R-17).
    """
    await published(case)
    await ordered(case, "34", "30000")
    await case.post("/v1/orders/big/deliveries")
    first = await pay(case, "d1", "1020000", "2026-02-01")
    await case.advance("2026-04-12T09:00:00+08:00")
    assert await entries(case) == [("settled", 1, "51000.00")]
    part = {"lines": [{"line": 1, "quantity": "1"}], "reason": "damaged"}
    await case.post("/v1/orders/big/returns", part)
    await case.settle()

    async def credit() -> tuple[str, str]:
        order = await case.get("/v1/orders/big")
        return order["goods"]["invoiced"]["amount"], order["credit"]["amount"]

    assert await credit() == ("990000.00", "30000.00")
    assert await proposals(case) == []
    await refund(case, first, "30000", "2026-04-25")
    assert await credit() == ("990000.00", "0.00")
    (proposal,) = await proposals(case)
    assert (proposal["amount"], proposal["reason"]) == (cny("-21300.00"), "refund")


@pytest.mark.case("r4", at="2026-01-02T09:00:00+08:00")
async def test_r4_a_refund_before_the_cut_off_restates_its_payments_period(case: Bed) -> None:
    """Refunded on 5 April, settled on 11 April without it; nothing is proposed"""
    await published(case)
    await ordered(case, "100", "10000")
    first = await pay(case, "d1", "1000000", "2026-03-20")
    assert await entitlement(case) == "50000.00"
    await case.advance("2026-04-05T09:00:00+08:00")
    await refund(case, first, "0.01", "2026-04-05")
    await case.advance("2026-04-12T09:00:00+08:00")
    assert await entries(case) == [("settled", 1, "30000.00")]
    assert await proposals(case) == []
    crossing = [one["crossing"] for one in (await explanation(case))["leaves"]]
    assert crossing == [True, True]  # the payment reached the upper tier, the refund lost it


@pytest.mark.case("X-04", at="2026-01-02T09:00:00+08:00")
async def test_x_04_invoice_credit_and_refund_come_to_nothing(case: Bed) -> None:
    """Shipped, paid, all returned, all refunded: no exposure, no rebate, no collected money"""
    await published(case)
    await ordered(case, "100", "10000")
    before = await case.get("/v1/accounts/p1")
    first = await pay(case, "d1", "600000", "2026-02-01")
    second = await pay(case, "d2", "400000", "2026-02-02")
    assert await entitlement(case) == "50000.00"
    asked = {"partner": "p1", "product_line": "A", "month": "2026-02"}
    assert (await case.get("/v1/forecast", params=asked))["actual"] == cny("1000000.00")
    await case.post("/v1/orders/big/returns", {"reason": "all of it"})
    await case.settle()
    await refund(case, first, "600000", "2026-02-10")
    await refund(case, second, "400000", "2026-02-10")
    now = await case.get("/v1/accounts/p1")
    assert now["exposure"] == cny("1.00")  # the small order of its own
    assert (before["exposure"], now["received"]) == (cny("1000001.00"), cny("0.00"))
    order = await case.get("/v1/orders/big")
    sums = ("paid", "outstanding", "credit")
    assert [order[one]["amount"] for one in sums] == ["0.00"] * 3
    assert order["goods"]["invoiced"] == cny("0.00")
    stands = await account(case)
    assert (stands["volume"], stands["entitlement"]) == (cny("0.00"), cny("0.00"))
    assert (await case.get(f"/v1/payments/{first}"))["status"] == "refunded"
    outlook = await case.get("/v1/forecast", params=asked)
    assert outlook["actual"] == cny("0.00")


@pytest.mark.case("X-05", at="2026-01-02T09:00:00+08:00")
async def test_x_05_whatever_comes_back_settled_and_proposed_are_the_entitlement(
    case: Bed,
) -> None:
    """Two refunds and a reversal after the payout: booked + proposed = entitlement, always"""
    await published(case)
    await ordered(case, "200", "10000")
    one = await pay(case, "d1", "700000", "2026-02-01")
    two = await pay(case, "d2", "500000", "2026-02-02")
    await case.advance("2026-04-12T09:00:00+08:00")
    for undo in ((one, "100000"), (two, "250000"), (one, "")):
        if undo[1]:
            await refund(case, *undo, "2026-04-13")
        else:
            await case.post(f"/v1/payments/{undo[0]}/reversal", {}, **FINANCE)
            await case.settle()
        booked = [amount for _, _, amount in await entries(case)]
        proposed = [row["amount"]["amount"] for row in await proposals(case)]
        assert sum(map(float, [*booked, *proposed])) == float(await entitlement(case))
    assert (await account(case))["volume"] == cny("250000.00")


@pytest.mark.case("X-01 refunds", at="2026-01-02T09:00:00+08:00")
async def test_x_01_refunds_in_whatever_order_come_to_the_same(case: Bed) -> None:
    """Three payments, each refunded in part, in every order: one entitlement, by partner"""
    await published(case)
    partners = [f"p{n}" for n in range(6)]
    await selling(case, "1200000", partners=partners)
    for partner in partners:
        for number, amount in enumerate(("500000", "400000", "200000")):
            await paid(case, f"d{number}", amount, f"2026-02-0{number + 1}", partner)
    for partner, order in zip(partners, permutations(range(3)), strict=True):
        payments = await case.get("/v1/payments", params={"partner": partner})
        ids = {row["document_no"]: row["payment_id"] for row in payments["items"]}
        for number in order:
            await refund(case, ids[f"d{number}"], f"{number + 1}0000.03", "2026-02-20")
    for partner in partners:
        assert await entitlement(case, partner=partner) == "52000.00"
        found = await explanation(case, partner=partner)
        leaves = [(one["document_no"], one["amount"]["amount"]) for one in found["leaves"]]
        assert leaves == LEAVES
