"""N-02 at work beyond orders: market funds and their cost, targets; a condition that clears."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.mdf import allocate, approve, check, claim, cny, pay, submit
from tests.cases.test_notifications import enrolled, ordered, told


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


@pytest.mark.case("N-02c")
async def test_progress_towards_a_target_is_told_each_monday(case: Bed) -> None:
    """Target 100,000 of January: 49,999.99 came in the first week, the rest in the second."""
    await enrolled(case, "900000.00")
    order = await ordered(case, "200000.00")
    aim = {"partner_id": "p1", "product_line": "A", "month": "2026-01", "target": cny("100000")}
    await case.post("/v1/forecast/targets", aim, expect=201)

    async def paid(document_no: str, amount: str) -> None:
        payment = {"source_system": "bank", "document_no": document_no, "partner_id": "p1"}
        payment |= {"order_id": order, "paid_on": "2026-01-05"}
        await case.post("/v1/payments", payment | {"amount": cny(amount)}, role="finance")
        await case.settle()

    async def progress() -> list[str]:
        mine = await titles(case, partner="p1")
        return sorted(one.split(":")[0] for one in mine if "% of the target" in one)

    await paid("1", "49999.99")
    assert await progress() == []
    await case.advance("2026-01-12T09:00:00+08:00")
    assert await progress() == ["49 % of the target"]
    await paid("2", "50000.01")
    await case.advance("2026-01-19T09:00:00+08:00")
    assert await progress() == ["100 % of the target", "49 % of the target"]
    await case.advance("2026-03-01T09:00:00+08:00")
    assert len(await progress()) == 4  # 26 January and, for the whole of it, 2 February


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
