"""Orders over HTTP and from the topic, as partners, staff and other systems see them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed, platform

NAN, HUGE = float("nan"), "9" * 18


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, contexts=("partners", "orders")) as bed:
        yield bed


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def line(price: str = "100", **more: Any) -> dict[str, Any]:
    told = {"line": 1, "sku": "s1", "product_line": "A", "quantity": "1"}
    return told | {"unit_price": cny(price)} | more


def order(order_id: str = "o1", price: str = "100", **more: Any) -> dict[str, Any]:
    told = {"order_id": order_id, "partner_id": "p1", "region": "east", "currency": "CNY"}
    return told | {"lines": [line(price)]} | more


def payment(document_no: str = "d1", amount: str = "100", **more: Any) -> dict[str, Any]:
    told = {"source_system": "bank", "document_no": document_no, "partner_id": "p1"}
    return told | {"amount": cny(amount), "paid_on": "2026-01-05"} | more


async def enrol(bed: Bed, limit: str = "1000", partner_id: str = "p1") -> None:
    await bed.post("/v1/partners", {"partner_id": partner_id, "type": "agent", "level": "gold"})
    await bed.post(f"/v1/partners/{partner_id}/credit-limit", {"limit": cny(limit)})
    await bed.settle()


async def submit(bed: Bed, *args: Any, **more: Any) -> dict[str, Any]:
    order_id = (await bed.post("/v1/orders", order(*args, **more), expect=201))["order_id"]
    await bed.settle()
    return await bed.get(f"/v1/orders/{order_id}")


async def pay(bed: Bed, *args: Any, **more: Any) -> dict[str, Any]:
    paid = await bed.post("/v1/payments", payment(*args, **more), role="finance", expect=201)
    await bed.settle()
    return await bed.get(f"/v1/payments/{paid['payment_id']}")


async def report(bed: Bed, event_id: str, data: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": event_id, "source": "/erp", "type": "PaymentReported"}
    raw = json.dumps(event | {"data": data}).encode()
    await bed.platform.bus.publish([Record("PaymentReported", "any", raw)])
    await bed.settle()


async def rejected(bed: Bed) -> list[str]:
    found = await bed.platform.bus.fetch(["PaymentReported.rejected"], after={}, limit=100)
    return [str(one.record.headers) for one in found]


async def test_an_order_is_answered_at_once_and_decided_next(bed: Bed) -> None:
    await enrol(bed)
    wanted = order(lines=[line("33.333", quantity=3, tax_rate="0.13")])
    answer = await bed.post("/v1/orders", wanted, expect=201)
    assert (answer["status"], answer["version"]) == ("submitted", 1)
    assert (answer["net"], answer["total"]) == (cny("100.00"), cny("113.00"))
    await bed.settle()
    shown = await bed.get("/v1/orders/o1", headers={"Qudao-Token": answer["token"]})
    assert (shown["status"], shown["approved_by"], shown["version"]) == (
        "approved",
        "credit-check",
        2,
    )
    account = await bed.get("/v1/accounts/p1")
    assert (account["available"], account["held"]) == (cny("887.00"), [])


async def test_a_repeat_is_one_order_and_the_same_content_again_is_a_warning(bed: Bed) -> None:
    await enrol(bed)
    body = {k: v for k, v in order().items() if k != "order_id"}
    first = await bed.post("/v1/orders", body, key="k1")
    again = await bed.post("/v1/orders", body, key="k1")
    assert (first["order_id"], first["warnings"]) == (again["order_id"], [])
    alike = await bed.post("/v1/orders", body, key="k2")
    assert alike["warnings"] == [f"order-alike: {first['order_id']}"]
    await bed.advance("2026-01-05T09:10:00+08:00")
    assert (await bed.post("/v1/orders", body, key="k3"))["warnings"] == []
    other = await bed.post("/v1/orders", body | {"region": "x"}, key="k1", expect=422)
    assert other["slug"] == "idempotency-key-reused"
    await bed.post("/v1/orders", order())
    twice = await bed.post("/v1/orders", order(), expect=409)
    assert twice["slug"] == "order-already-submitted"


async def test_held_orders_are_listed_with_what_they_are_short_of(bed: Bed) -> None:
    await enrol(bed, "100")
    await submit(bed, "o1", "60")
    held = await submit(bed, "o2", "70")
    assert (held["reasons"], held["short_by"]) == (["credit"], cny("30.00"))
    await pay(bed, "d1", "10")
    (listed,) = (await bed.get("/v1/orders", params={"status": "held", "partner": "p1"}))["items"]
    assert (listed["order_id"], listed["short_by"]) == ("o2", cny("20.00"))
    (queued,) = (await bed.get("/v1/accounts/p1"))["held"]
    assert (queued["amount"], queued["short_by"], queued["reasons"]) == (
        cny("70.00"),
        cny("20.00"),
        ["credit"],
    )


async def test_an_order_of_an_unknown_partner_waits_for_its_enrolment(bed: Bed) -> None:
    held = await submit(bed)
    assert (held["status"], held["reasons"]) == ("held", ["partner-unknown"])
    await enrol(bed)
    assert (await bed.get("/v1/orders/o1"))["status"] == "approved"


async def test_a_suspended_partners_order_waits_for_its_reinstatement(bed: Bed) -> None:
    await enrol(bed)
    await bed.post("/v1/partners/p1/suspension", {"reason": "x"})
    await bed.settle()
    assert (await submit(bed))["reasons"] == ["partner-suspended"]
    await bed.post("/v1/partners/p1/reinstatement")
    await bed.settle()
    assert (await bed.get("/v1/orders/o1"))["status"] == "approved"


async def test_o6_nothing_is_shipped_while_the_account_is_overdrawn(bed: Bed) -> None:
    await enrol(bed)
    await submit(bed)
    await bed.post("/v1/partners/p1/credit-limit", {"limit": cny("40")})
    await bed.settle()
    blocked = await bed.post("/v1/orders/o1/shipment", key="ship", expect=409)
    assert blocked["slug"] == "account-overdrawn"
    await pay(bed, "d1", "60")
    shipped = await bed.post("/v1/orders/o1/shipment", key="ship")
    assert (shipped["status"], shipped["shipped_on"]) == ("shipped", "2026-01-05")
    await bed.post("/v1/partners/p1/credit-limit", {"limit": cny("0")})
    await bed.settle()
    again = await bed.post("/v1/orders/o1/shipment", key="ship")
    assert again["version"] == shipped["version"]
    gone = await bed.post("/v1/orders/o1/cancellation", expect=409)
    assert gone["slug"] == "order-wrong-status"


async def test_an_order_in_a_foreign_currency_is_held_and_says_what_to_do(bed: Bed) -> None:
    await enrol(bed)
    dollars = {"amount": "10", "currency": "USD"}
    held = await submit(bed, currency="USD", lines=[line(unit_price=dollars)])
    assert held["reasons"] == ["currency-mismatch"]
    assert held["advice"] == ["cancel it and submit it in the currency of the account"]
    refused = await bed.post("/v1/payments", payment(amount="1") | {"amount": dollars}, expect=409)
    assert refused["slug"] == "payment-currency"


async def test_a_payment_is_the_same_however_often_it_is_reported(bed: Bed) -> None:
    await enrol(bed)
    await submit(bed)
    first = await pay(bed, payer="王芳")
    assert (first["status"], first["matched"], first["version"]) == ("received", "oldest", 1)
    assert "payer" not in first
    await report(bed, "e1", payment(payer="王芳"))
    again = await bed.post("/v1/payments", payment(payer="王芳"), expect=201)
    assert (again["payment_id"], again["status"]) == (first["payment_id"], "received")
    other = await bed.post("/v1/payments", payment(amount="101"), expect=409)
    assert other["slug"] == "payment-conflict"
    account = await bed.get("/v1/accounts/p1")
    assert (account["received"], await rejected(bed)) == (cny("100.00"), [])
    await report(bed, "e2", payment(amount="101"))
    assert "payment-conflict" in (await rejected(bed))[0]


async def test_a_payment_for_an_unknown_order_waits_for_it(bed: Bed) -> None:
    await enrol(bed)
    waiting = await pay(bed, order_id="o1")
    assert (waiting["status"], waiting["reason"]) == ("waiting", "order-unknown")
    assert (await bed.get("/v1/payments", params={"status": "waiting"}))["items"] != []
    await submit(bed)
    paid = await bed.get(f"/v1/payments/{waiting['payment_id']}")
    assert (paid["status"], paid["matched"]) == ("received", "named")
    facts = await bed.platform.workers["orders"].service.read.facts("orders.account-p1")
    (received,) = [e for f, e in facts if e.type == "PaymentReceived"]
    assert received.occurredat.isoformat() == "2026-01-04T16:00:00+00:00"


async def test_an_order_and_its_payment_may_be_sent_without_waiting(bed: Bed) -> None:
    await enrol(bed)
    await bed.post("/v1/orders", order(), expect=201)
    paid = await bed.post("/v1/payments", payment(order_id="o1"), expect=201)
    assert paid["status"] == "received"
    shown = await bed.get(f"/v1/payments/{paid['payment_id']}")
    assert (shown["status"], shown["revision"]) == ("received", 0)
    await bed.settle()
    shown = await bed.get(f"/v1/payments/{paid['payment_id']}")
    assert shown["allocations"][0]["order_id"] == "o1"


async def test_after_24_hours_a_payment_by_hand_is_rejected_and_may_be_corrected(bed: Bed) -> None:
    await enrol(bed)
    waiting = await pay(bed, order_id="o9")
    await bed.advance("2026-01-06T08:59:59+08:00")
    path = f"/v1/payments/{waiting['payment_id']}"
    assert (await bed.get(path))["status"] == "waiting"
    await bed.advance("2026-01-06T09:00:00+08:00")
    assert ((await bed.get(path))["status"], (await bed.get(path))["reason"]) == (
        "rejected",
        "order-unknown",
    )
    await submit(bed)
    assert (await pay(bed, order_id="o1"))["status"] == "received"


async def test_after_24_hours_a_reported_payment_is_rejected_on_its_topic(bed: Bed) -> None:
    await report(bed, "e1", payment())
    (waiting,) = (await bed.get("/v1/payments"))["items"]
    assert (waiting["status"], waiting["reason"], await rejected(bed)) == (
        "waiting",
        "partner-unknown",
        [],
    )
    await bed.advance("2026-01-06T09:00:00+08:00")
    (headers,) = await rejected(bed)
    assert "partner-unknown" in headers


async def test_a_reported_payment_is_received(bed: Bed) -> None:
    await enrol(bed)
    await submit(bed)
    await report(bed, "e1", payment(amount="60.00"))
    await report(bed, "e1", payment(amount="60.00"))
    (paid,) = (await bed.get("/v1/payments"))["items"]
    assert (paid["status"], paid["allocations"][0]["amount"]) == ("received", cny("60.00"))
    await report(bed, "e2", payment("d2", "-1"))
    await report(bed, "e3", payment("d3", "0.001"))
    assert len(await rejected(bed)) == 2


async def test_history_is_recorded_and_an_imported_hold_waits_for_a_person(bed: Bed) -> None:
    await enrol(bed)
    past = {"ordered_on": "2025-03-01"}
    for status in ("approved", "shipped", "cancelled", "disputed", "held"):
        body = order(status, "5000", **past, status=status)
        await bed.post("/v1/orders/history", body, expect=201)
    await bed.settle()
    shown = {s: await bed.get(f"/v1/orders/{s}") for s in ("approved", "shipped", "cancelled")}
    assert {s: one["status"] for s, one in shown.items()} == {s: s for s in shown}
    disputed = await bed.get("/v1/orders/disputed")
    assert (disputed["status"], disputed["disputed"]) == ("shipped", True)
    held = await bed.get("/v1/orders/held")
    assert (held["status"], held["reasons"]) == ("held", ["imported"])
    assert (await bed.get("/v1/accounts/p1"))["confirmed"] == cny("15000.00")
    await bed.post("/v1/orders/held/release", role="finance")
    await bed.settle()
    assert (await bed.get("/v1/orders/held"))["reasons"] == ["credit"]
    facts = await bed.platform.workers["orders"].service.read.facts("orders.order-approved")
    assert {e.occurredat.isoformat() for _, e in facts} == {"2025-02-28T16:00:00+00:00"}


async def test_an_account_is_opened_once(bed: Bed) -> None:
    await enrol(bed)
    opening = {"receivables": cny("300"), "unapplied": cny("100")}
    first = await bed.post("/v1/accounts/p1/opening", opening, key="k", expect=201)
    again = await bed.post("/v1/accounts/p1/opening", opening, key="k", expect=201)
    assert (first["available"], again["version"]) == (cny("800.00"), first["version"])
    twice = await bed.post("/v1/accounts/p1/opening", opening, expect=409)
    assert twice["slug"] == "account-already-opened"


async def test_a_partner_sees_and_orders_for_itself_alone(bed: Bed) -> None:
    await enrol(bed)
    await enrol(bed, partner_id="p2")
    await bed.post("/v1/orders", order(), partner="p1", expect=201)
    await bed.post("/v1/orders", order("o2"), partner="p2", expect=403)
    await bed.settle()
    paid = await pay(bed)
    for path in ("orders/o1", "accounts/p1", f"payments/{paid['payment_id']}"):
        assert await bed.get(f"/v1/{path}", partner="p1")
        missing = path.replace("o1", "o9").replace("p1", "p9")
        missing = missing.replace(paid["payment_id"], "0" * 32)
        foreign = await bed.get(f"/v1/{path}", partner="p2", expect=404)
        assert (await bed.get(f"/v1/{missing}", partner="p2", expect=404))["slug"] == foreign[
            "slug"
        ]
    for path in ("orders", "payments"):
        assert len((await bed.get(f"/v1/{path}", partner="p1"))["items"]) == 1
        assert (await bed.get(f"/v1/{path}", partner="p2"))["items"] == []
        asked = await bed.get(f"/v1/{path}", partner="p2", params={"partner": "p1"})
        assert asked["items"] == []
    cancelled = "/v1/orders/{}/cancellation"
    foreign = await bed.post(cancelled.format("o1"), partner="p2", expect=404)
    assert (await bed.post(cancelled.format("o9"), partner="p2", expect=404)) == foreign
    for path in ("orders/o1/approval", "orders/o1/reopening", "orders/o1/shipment"):
        await bed.post(f"/v1/{path}", partner="p1", expect=403)
    await bed.post("/v1/payments", payment("d2"), partner="p1", expect=403)
    assert (await bed.post(cancelled.format("o1"), partner="p1"))["status"] == "cancelled"


NO_ORDERS: list[dict[str, Any]] = [
    {"lines": []},
    {"lines": [line(), line()]},
    {"lines": [line(quantity="-1")]},
    {"lines": [line(quantity="0")]},
    {"lines": [line(quantity="NaN")]},
    {"lines": [line(quantity=NAN)]},
    {"lines": [line(quantity=1.5)]},
    {"lines": [line(quantity=True)]},
    {"lines": [line(quantity="1E+3")]},
    {"lines": [line(quantity=10**30)]},
    {"lines": [line(HUGE, quantity=HUGE)]},
    {"lines": [line("1", line=0)]},
    {"lines": [line("1", tax_rate="2")]},
    {"lines": [line("Infinity")]},
    {"lines": [line(unit_price={"amount": 5, "currency": "CNY"})]},
    {"lines": [line(unit_price={"amount": "5", "currency": "USD"})]},
    {"lines": [line(unit_price={"amount": "5", "currency": "XXQ"})]},
    {"lines": [line(sku="\ud800")]},
    {"currency": "yuan"},
    {"order_id": "no/id"},
    {"ordered_on": "0001-01-01"},
    {"ordered_on": "2026-02-30"},
    {"ordered_on": 20260101},
    {"surprise": 1},
]
NO_PAYMENTS: list[dict[str, Any]] = [
    {"amount": cny("0")},
    {"amount": cny("-5")},
    {"amount": cny("0.001")},
    {"amount": cny("9" * 18)},
    {"amount": {"amount": NAN, "currency": "CNY"}},
    {"paid_on": "9999-12-31"},
    {"paid_on": NAN},
    {"document_no": "  "},
    {"strategy": "best"},
]


async def test_what_is_no_order_is_a_typed_problem(bed: Bed) -> None:
    for broken in NO_ORDERS:
        assert (await post_raw(bed, "/v1/orders", order() | broken))["status"] == 422
    assert (await bed.get("/v1/orders"))["items"] == []


async def test_what_is_no_payment_is_a_typed_problem(bed: Bed) -> None:
    for broken in NO_PAYMENTS:
        assert (await post_raw(bed, "/v1/payments", payment() | broken))["status"] == 422
    assert (await bed.get("/v1/payments"))["items"] == []


async def post_raw(bed: Bed, path: str, body: object) -> dict[str, Any]:
    raw = json.dumps(body).encode()
    sent = {"Content-Type": "application/json"}
    return await bed.call("POST", path, content=raw, headers=sent, expect=422)
