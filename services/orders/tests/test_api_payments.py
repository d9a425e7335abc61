"""Payments over HTTP and from the topic, as finance and other systems send them."""

from typing import Any

from services.orders.tests.calls import (
    NAN,
    cny,
    enrol,
    order,
    pay,
    payment,
    post_raw,
    rejected,
    report,
    submit,
)
from shared.testing.platform import Bed

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


async def test_what_is_no_payment_is_a_typed_problem(bed: Bed) -> None:
    for broken in NO_PAYMENTS:
        assert (await post_raw(bed, "/v1/payments", payment() | broken))["status"] == 422
    assert (await bed.get("/v1/payments"))["items"] == []
