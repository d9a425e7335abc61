"""Rebates through the front door: R-01, R-03, R-06, R-12, R-15, R-16, X-01, X-02, X-03."""

from itertools import permutations
from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.rebates import (
    ACCOUNT,
    account,
    cny,
    entitlement,
    entries,
    explanation,
    paid,
    pay,
    published,
    selling,
)

JANUARY = "2026-01-05T09:00:00+08:00"


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
    await case.settle()
    start = await case.get("/v1/rebates/accounts/next-tier", params=ACCOUNT)
    assert (start["gap"], start["gain"]) == (cny("500000.00"), cny("15000.00"))
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
