"""Orders over HTTP, as partners and staff see them."""

from typing import Any

from services.orders.tests.calls import (
    HUGE,
    NAN,
    cny,
    enrol,
    line,
    order,
    pay,
    payment,
    post_raw,
    submit,
)
from shared.testing.platform import Bed

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


async def test_the_newest_orders_come_first_if_asked_for(bed: Bed) -> None:
    """By id without: an id says nothing about time."""
    await enrol(bed)
    for day, order_id in enumerate(("b", "c", "a"), start=10):
        await bed.advance(f"2026-01-{day}T09:00:00+08:00")
        await submit(bed, order_id)

    async def ids(path: str) -> list[str]:
        return [one["order_id"] for one in (await bed.get(path))["items"]]

    assert await ids("/v1/orders") == ["a", "b", "c"]
    assert await ids("/v1/orders?sort=submitted_at") == ["b", "c", "a"]
    newest = await bed.get("/v1/orders?sort=-submitted_at&limit=2")
    assert [one["order_id"] for one in newest["items"]] == ["a", "c"]
    assert await ids(f"/v1/orders?sort=-submitted_at&cursor={newest['cursor']}") == ["b"]
    await bed.get("/v1/orders?sort=total", expect=422)


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


async def test_history_in_a_foreign_currency_is_refused(bed: Bed) -> None:
    await enrol(bed)
    dollars = [line(unit_price={"amount": "10", "currency": "USD"})]
    past = {"ordered_on": "2025-03-01", "status": "approved", "currency": "USD"}
    body = order(lines=dollars, **past)
    refused = await bed.post("/v1/orders/history", body, expect=409)
    assert refused["slug"] == "order-currency"


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


async def test_the_same_key_of_two_clients_is_two_requests(bed: Bed) -> None:
    """Also where the key is all that names the order."""
    await enrol(bed)
    await enrol(bed, partner_id="p2")
    wanted = {name: value for name, value in order().items() if name != "order_id"}
    mine = await bed.post("/v1/orders", wanted, partner="p1", key="same", expect=201)
    other = wanted | {"partner_id": "p2"}
    theirs = await bed.post("/v1/orders", other, partner="p2", key="same", expect=201)
    assert mine["order_id"] != theirs["order_id"]


async def test_what_is_no_order_is_a_typed_problem(bed: Bed) -> None:
    for broken in NO_ORDERS:
        assert (await post_raw(bed, "/v1/orders", order() | broken))["status"] == 422
    assert (await bed.get("/v1/orders"))["items"] == []
