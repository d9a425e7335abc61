"""N-02 at work beyond orders: market funds and their cost; a condition that clears."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.mdf import allocate, approve, check, claim, cny, pay, submit
from tests.cases.test_notifications import told


async def titles(case: Bed, **who: Any) -> list[str]:
    page = await case.get("/v1/notifications?limit=200", **who)
    return [one["title"]["en"] for one in page["items"]]


@pytest.mark.case("N-02b")
async def test_market_funds_are_told_and_so_is_an_activity_that_is_over_cost(case: Bed) -> None:
    """Who decides is asked, the partner hears what became of it, and that it is over cost.

    50 % of 48,000 is 4,000 more than the 20,000 that were approved.
    """
    await allocate(case, partner_id="p1")
    await submit(case, "fair", "20000", share="0.5")
    await case.settle()
    assert await told(case, role="manager") == [("mdf-requested", "fair")]
    await approve(case, "fair")
    await claim(case, "c-1", "fair", "48000")
    await check(case, "c-1", "48000")
    await pay(case, "c-1")
    await case.settle()
    assert await told(case, partner="p1") == [
        ("mdf-approved", "fair"),
        ("mdf-claim-approved", "c-1"),
        ("mdf-fund-allocated", "q1"),
        ("mdf-over-cost", "fair"),
        ("mdf-paid", "c-1"),
    ]
    assert "fair is over cost by 4,000.00 CNY" in await titles(case, role="manager")
    assert await told(case, role="finance") == [
        ("mdf-claim-approved", "c-1"),
        ("mdf-claimed", "c-1"),
    ]


@pytest.mark.case("N-01g")
@pytest.mark.parametrize("answered", [True, False])
async def test_a_condition_that_clears_takes_its_ladder_with_it(
    case: Bed, *, answered: bool
) -> None:
    """Yellow on Monday at 09:00; with feedback at 10:00 no manager hears of it at 13:00."""
    firm = {"name": "华东机电", "region": "east", "industry": "steel", "owner": "ann"}
    customer = await case.post("/v1/customers", firm, expect=201)
    chance = {"opportunity_id": "o-1", "customer_id": customer["customer_id"], "region": "east"}
    await case.post("/v1/opportunities", chance | {"amount": cny("100000.00")}, expect=201)
    await case.advance("2026-01-12T10:00:00+08:00")
    assert await told(case, role="sales") == [("opportunity-stalled", "o-1")]
    if answered:
        await case.post("/v1/opportunities/o-1/feedback", {"next_action": "报价"})
    await case.advance("2026-01-12T18:00:00+08:00")
    manager = await told(case, role="manager")
    assert manager == ([] if answered else [("opportunity-stalled", "o-1")])
