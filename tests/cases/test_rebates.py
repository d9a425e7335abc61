"""Rebates through the front door: R-01, R-03, R-06, R-12, R-15, R-16, X-01, X-02, X-03."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from shared.testing.platform import Bed

JANUARY = "2026-01-05T09:00:00+08:00"
ACCOUNT = {"programme": "q-a", "partner": "p1", "period": "2026Q1", "partition": "A"}


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def programme(**changed: Any) -> dict[str, Any]:
    """The seed rule Q-A."""
    return {
        "programme_id": "q-a",
        "version": 1,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "filter": {"product_lines": ["A"]},
        "partition": ["product_line"],
        "basis": "collected",
        "method": "whole",
        "tiers": [{"from": "500000", "rate": "0.03"}, {"from": "1000000", "rate": "0.05"}],
        "period": "quarter",
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    } | changed


async def published(bed: Bed, **changed: Any) -> None:
    await bed.post("/v1/rebates/programmes", programme(**changed), expect=201)
    await bed.settle()


async def selling(bed: Bed, *prices: str, partners: Iterable[str] = ("p1",)) -> None:
    """Partners with one big order each, approved: there is something to pay."""
    for partner in partners:
        enrolled = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
        await bed.post("/v1/partners", enrolled)
        limit = {"limit": cny("9000000")}
        await bed.post(f"/v1/partners/{partner}/credit-limit", limit, role="finance")
    await bed.settle()
    for partner in partners:
        await bed.post("/v1/orders", order(partner, prices), expect=201)
    await bed.settle()
    for partner in partners:
        if (await bed.get(f"/v1/orders/o-{partner}"))["status"] != "approved":
            await bed.post(f"/v1/orders/o-{partner}/approval", role="director")
    await bed.settle()


def order(partner: str, prices: Iterable[str]) -> dict[str, Any]:
    """One piece of product line A, of B, … at these prices."""
    lines = [
        {
            "line": number,
            "sku": f"sku-{line}",
            "product_line": line,
            "quantity": "1",
            "unit_price": cny(price),
        }
        for number, (line, price) in enumerate(zip("ABC", prices, strict=False), start=1)
    ]
    head = {"order_id": f"o-{partner}", "partner_id": partner}
    return head | {"region": "east", "currency": "CNY", "lines": lines}


async def pay(bed: Bed, document_no: str, amount: str, paid_on: str, partner: str = "p1") -> None:
    body = {
        "source_system": f"bank-of-{partner}",
        "document_no": document_no,
        "partner_id": partner,
        "order_id": f"o-{partner}",
        "amount": cny(amount),
        "paid_on": paid_on,
    }
    await bed.post("/v1/payments", body, role="finance", key=f"{partner}-{document_no}")


async def paid(bed: Bed, document_no: str, amount: str, paid_on: str, partner: str = "p1") -> None:
    await pay(bed, document_no, amount, paid_on, partner)
    await bed.settle()


async def account(bed: Bed, **params: str) -> dict[str, Any]:
    found = await bed.get("/v1/rebates/accounts", params=ACCOUNT | params)
    (item,) = found["items"]
    return dict(item)


async def entitlement(bed: Bed, **params: str) -> str:
    amount: str = (await account(bed, **params))["entitlement"]["amount"]
    return amount


async def explanation(bed: Bed, **params: str) -> dict[str, Any]:
    return await bed.get("/v1/rebates/accounts/explanation", params=ACCOUNT | params)


async def entries(bed: Bed, **params: str) -> list[tuple[str, int, str]]:
    found = await bed.get("/v1/rebates/accounts/entries", params=ACCOUNT | params)
    return [(one["kind"], one["number"], one["amount"]["amount"]) for one in found["items"]]


BOUNDARIES = {
    "499999.99": ("0.00", "0.00"),
    "500000.00": ("15000.00", "0.00"),
    "999999.99": ("30000.00", "15000.00"),
    "1000000.00": ("50000.00", "15000.00"),
    "1200000.00": ("60000.00", "25000.00"),
}


@pytest.mark.case("R-01")
async def test_r01_boundary_whole_and_marginal(case: Bed) -> None:
    """A threshold belongs to its tier, under both methods."""
    await published(case)
    await published(case, programme_id="q-m", method="marginal")
    for number, (volume, earned) in enumerate(BOUNDARIES.items()):
        partner = f"p{number}"
        await selling(case, volume, partners=[partner])
        await paid(case, f"d{number}", volume, "2026-01-05", partner=partner)
        both = [await entitlement(case, partner=partner, programme=one) for one in ("q-a", "q-m")]
        assert (volume, *both) == (volume, *earned)


@pytest.mark.case("R-03")
async def test_r03_a_payment_is_split_over_product_lines(case: Bed) -> None:
    """70,000 of A and 30,000 of B: a payment reaches both accounts, to the cent."""
    await published(case, filter={}, tiers=[{"from": "0", "rate": "0.03"}])
    await selling(case, "70000", "30000")
    await paid(case, "d1", "60000", "2026-01-05")
    assert (await account(case))["volume"] == cny("42000.00")
    assert (await account(case, partition="B"))["volume"] == cny("18000.00")
    await paid(case, "d2", "33333.33", "2026-01-05")
    assert (await account(case))["volume"] == cny("65333.33")
    assert (await account(case, partition="B"))["volume"] == cny("28000.00")


async def told_in_time(bed: Bed) -> None:
    """R-06's four payments, each posted on the day on which it became known."""
    await published(bed)
    await selling(bed, "1010000")
    await paid(bed, "d1", "400000", "2026-02-10")
    await bed.advance("2026-03-20T09:00:00+08:00")
    await paid(bed, "d2", "530000", "2026-03-20")
    await bed.advance("2026-04-08T09:00:00+08:00")
    await paid(bed, "d3", "60000", "2026-03-29")
    await bed.advance("2026-04-11T00:59:59+08:00")
    assert await entries(bed) == []
    await bed.advance("2026-04-15T09:00:00+08:00")
    assert await entries(bed) == [("settled", 1, "29700.00")]
    await paid(bed, "d4", "20000", "2026-03-30")


@pytest.mark.case("R-06", at="2026-02-10T09:00:00+08:00")
async def test_r06_late_facts_on_two_axes(case: Bed) -> None:
    """What counts is when it was paid and when it became known; the rest is an adjustment."""
    await told_in_time(case)
    assert await entries(case) == [("settled", 1, "29700.00"), ("adjusted", 2, "20800.00")]
    assert await entries(case, as_at="2026-04-14") == [("settled", 1, "29700.00")]
    assert await entitlement(case) == "50500.00"
    assert await entitlement(case, as_at="2026-03-31") == "27900.00"
    assert await entitlement(case, as_at="2026-04-10") == "29700.00"
    assert await entitlement(case, as_at="2026-04-15T09:00:00+08:00") == "50500.00"
    assert await entitlement(case, as_of="2026-03-20") == "27900.00"
    now = await account(case)
    assert (now["settled"], now["adjusted"]) == (cny("29700.00"), cny("20800.00"))
    assert await account(case, as_at="2026-04-15T09:00:00+08:00") == now


@pytest.mark.case("R-15", at="2026-02-10T09:00:00+08:00")
async def test_r15_explanation(case: Bed) -> None:
    """Each payment's share of R-06, to the cent, and which one crossed a tier."""
    await told_in_time(case)
    why = await explanation(case)
    leaves = [(one["amount"]["amount"], one["crossing"], one["effect"]) for one in why["leaves"]]
    assert leaves == [
        ("20000.00", False, None),
        ("26500.00", True, cny("27900.00")),
        ("3000.00", False, None),
        ("1000.00", True, cny("20800.00")),
    ]
    assert why["sum"] == cny("50500.00")
    then = await explanation(case, as_at="2026-04-10")
    assert [one["document_no"] for one in then["leaves"]] == ["d1", "d2", "d3"]
    top = await case.get("/v1/rebates/accounts/next-tier", params=ACCOUNT)
    assert (top["gap"], top["gain"]) == (None, None)


@pytest.mark.case("R-16")
async def test_r16_next_tier(case: Bed) -> None:
    """At 930,000 the next tier is 70,000.00 away, and reaching it adds 22,100."""
    await published(case)
    await selling(case, "1010000")
    await paid(case, "d1", "930000", "2026-01-05")
    nudge = await case.get("/v1/rebates/accounts/next-tier", params=ACCOUNT)
    assert (nudge["gap"], nudge["gain"]) == (cny("70000.00"), cny("22100.00"))


@pytest.mark.case("R-12")
async def test_r12_an_entitlement_is_rounded_once(case: Bed) -> None:
    """Seven times 10.17 at 3 % is 2.14, not 2.17."""
    await published(case, tiers=[{"from": "0", "rate": "0.03"}])
    await selling(case, "71.19")
    for number in range(7):
        await paid(case, f"d{number}", "10.17", "2026-01-05")
    why = await explanation(case)
    assert (why["entitlement"], why["sum"]) == (cny("2.14"), cny("2.14"))
    assert [one["amount"]["amount"] for one in why["leaves"]] == ["0.31"] * 4 + ["0.30"] * 3


FACTS = [
    ("d1", "400000", "2026-02-10"),
    ("d2", "530000", "2026-03-20"),
    ("d3", "60000", "2026-03-29"),
    ("d4", "20000", "2026-03-30"),
]


OWN = {"account_id", "partner_id", "fact_id", "source_system"}


def story(why: dict[str, Any]) -> dict[str, Any]:
    """Without what names the partner and its facts."""
    leaves = [{k: v for k, v in leaf.items() if k not in OWN} for leaf in why["leaves"]]
    return {k: v for k, v in why.items() if k not in OWN} | {"leaves": leaves}


@pytest.mark.case("X-01", at="2026-04-01T09:00:00+08:00")
async def test_x01_every_order_and_any_duplicates_end_the_same(case: Bed) -> None:
    """24 partners are paid the same in the 24 possible orders, with duplicates."""
    await published(case)
    orders = {f"p{number}": order for number, order in enumerate(permutations(FACTS))}
    await selling(case, "1010000", partners=orders)
    for turn in (0, 1, 0, 2, 1, 3, 2, 0):
        for partner, order in orders.items():
            await pay(case, *order[turn], partner)
        await case.settle()
    stories = [story(await explanation(case, partner=partner)) for partner in orders]
    assert stories == [stories[0]] * 24
    assert stories[0]["entitlement"] == cny("50500.00")


@pytest.mark.case("X-02", at=JANUARY)
async def test_x02_settling_again_pays_once(case: Bed) -> None:
    """A second settlement of the same period adds nothing."""
    await published(case, settlement="manual")
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    settle = "/v1/rebates/programmes/q-a/settlements"
    early = await case.post(settle, {"period": "2026Q1"}, role="finance", expect=409)
    assert (early["slug"], "2026-04-10" in early["detail"]) == ("period-open", True)
    await case.advance("2026-04-11T00:00:00+08:00")
    for _ in range(2):
        await case.post(settle, {"period": "2026Q1"}, role="finance", expect=201)
        await case.settle()
        assert await entries(case) == [("settled", 1, "18000.00")]


@pytest.mark.case("X-03", at=JANUARY)
async def test_x03_a_rebuilt_view_is_the_same(case: Bed) -> None:
    """Every view of rebates, dropped and filled again, says what it said."""
    await published(case)
    await published(case, programme_id="q-m", method="marginal")
    await selling(case, "600000", "300000")
    await paid(case, "d1", "600000", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    await paid(case, "d2", "200000", "2026-03-05")
    worker = case.platform.workers["rebates"]
    asked = ["accounts", "accounts/entries", "programmes"]
    before = [await case.get(f"/v1/rebates/{one}") for one in asked]
    for projector in worker.projectors.values():
        await projector.rebuild()
    await case.settle()
    assert [await case.get(f"/v1/rebates/{one}") for one in asked] == before


async def test_a_partner_sees_its_own_accounts_and_every_programme(case: Bed) -> None:
    await published(case)
    await selling(case, "600000", partners=("p1", "p2"))
    for partner in ("p1", "p2"):
        await paid(case, f"d-{partner}", "600000", "2026-01-05", partner=partner)
    mine = await case.get("/v1/rebates/accounts", partner="p1")
    assert [one["partner_id"] for one in mine["items"]] == ["p1"]
    then = await case.get("/v1/rebates/accounts", partner="p1", params={"as_at": "2026-12-31"})
    assert then["items"] == mine["items"]
    other = {"partner": "p1", "params": ACCOUNT | {"partner": "p2"}}
    assert (await case.get("/v1/rebates/accounts", **other))["items"] == []
    for what in ("explanation", "next-tier"):
        hidden = await case.get(f"/v1/rebates/accounts/{what}", **other, expect=404)
        missing = {"params": ACCOUNT | {"partner": "p9"}}
        absent = await case.get(f"/v1/rebates/accounts/{what}", **missing, expect=404)
        assert hidden == absent
        own = {"params": {k: v for k, v in ACCOUNT.items() if k != "partner"}}
        await case.get(f"/v1/rebates/accounts/{what}", partner="p1", **own)
    assert (await case.get("/v1/rebates/programmes", partner="p1"))["items"]
    await case.post("/v1/rebates/programmes", programme(version=2), partner="p1", expect=403)


async def test_pages_of_now_and_then_are_the_same(case: Bed) -> None:
    await published(case, filter={})
    await selling(case, "1000", "2000", "3000", partners=("p1", "p1-x", "p2"))
    for partner in ("p1", "p1-x", "p2"):
        await paid(case, f"d-{partner}", "3000", "2026-01-05", partner=partner)
    whole = (await case.get("/v1/rebates/accounts"))["items"]
    assert [(one["partner_id"], one["partition"]) for one in whole] == [
        (partner, line) for partner in ("p1", "p1-x", "p2") for line in "ABC"
    ]
    for more in ({}, {"as_at": "2026-12-31"}):
        found, cursor = [], None
        while True:
            asked = more | {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = await case.get("/v1/rebates/accounts", params=asked)
            found += page["items"]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert found == whole


async def test_a_programme_published_later_reads_what_was_paid_before(case: Bed) -> None:
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    assert (await case.get("/v1/rebates/accounts"))["items"] == []
    await published(case)
    assert await entitlement(case) == "18000.00"


async def test_a_version_is_published_once_and_never_changes(case: Bed) -> None:
    await published(case)
    await published(case)
    path = "/v1/rebates/programmes"
    changed = await case.post(path, programme(method="marginal"), expect=409)
    assert changed["slug"] == "programme-version-exists"
    await published(case, version=2, method="marginal")
    found = await case.get(f"{path}/q-a")
    assert [one["method"] for one in found["versions"]] == ["whole", "marginal"]
    assert (await case.get(f"{path}/q-b", expect=404))["slug"] == "programme-not-found"
    assert "tiers" in (await case.get(f"{path}/schema"))["properties"]


async def test_a_new_version_after_settlement_waits_for_approval(case: Bed) -> None:
    await published(case)
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    await published(case, version=2, tiers=[{"from": "500000", "rate": "0.04"}])
    assert await entries(case) == [("settled", 1, "18000.00")]
    (proposed,) = (await case.get("/v1/rebates/accounts/proposals"))["items"]
    assert (proposed["amount"], proposed["reason"]) == (cny("6000.00"), "new version")
    path = f"/v1/rebates/accounts/{proposed['account_id']}/proposals/1/approval"
    await case.post(path, role="finance")
    assert await entries(case) == [("settled", 1, "18000.00"), ("adjusted", 2, "6000.00")]
    assert (await case.get("/v1/rebates/accounts/proposals"))["items"] == []
    again = await case.post(path, role="finance", expect=409)
    assert again["slug"] == "adjustment-not-proposed"


NONSENSE: list[tuple[str, dict[str, str]]] = [
    ("accounts", {"as_of": "yesterday"}),
    ("accounts", {"as_at": "2026-01-01T00:00:01"}),
    ("accounts", {"as_at": "0001-01-01"}),
    ("accounts", {"as_at": "9999-12-31T23:59:59-14:00"}),
    ("accounts", {"as_of": "0001-01-01T00:00:00+14:00"}),
    ("accounts", {"period": "2026Q5"}),
    ("accounts", {"period": "2026Q5", "as_at": "2026-01-01"}),
    ("accounts", {"as_at": "2026-01-01", "cursor": "ÿ"}),
    ("accounts", {"cursor": "nonsense"}),
    ("accounts/explanation", {"programme": "q-a"}),
    ("accounts/next-tier", {}),
    ("accounts", {"as_at": "1e400"}),
    ("accounts", {"as_at": "20260410"}),
    ("accounts/entries", {"period": "2026-1"}),
]


async def test_nonsense_is_a_typed_problem(case: Bed) -> None:
    for path, params in NONSENSE:
        problem = await case.get(f"/v1/rebates/{path}", params=params, expect=422)
        assert problem["slug"]
