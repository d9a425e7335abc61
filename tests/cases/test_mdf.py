"""Market funds through the front door: M-01, M-02, M-03, M-04 and M-08."""

import asyncio

import pytest

from shared.testing.platform import Bed
from tests.cases.mdf import allocate, approve, balance, check, claim, cny, pay, submit


async def ledger(case: Bed) -> None:
    """M-01 up to the payment, row by row."""
    await allocate(case)
    assert await balance(case) == ("100000", "100000", "0", "0", "0")
    await submit(case, "a", "30000")
    assert await balance(case) == ("100000", "70000", "0", "30000", "0")
    await approve(case, "a")
    assert await balance(case) == ("100000", "70000", "30000", "0", "0")
    await submit(case, "b", "20000")
    assert await balance(case) == ("100000", "50000", "30000", "20000", "0")
    await claim(case, "a-1", "a", "25000", "2500")
    approved = await check(case, "a-1", "25000", "0", reason="catering is not covered")
    assert (approved["status"], approved["approved"]) == ("approved", cny("25000.00"))
    assert await balance(case) == ("100000", "50000", "30000", "20000", "0")
    await pay(case, "a-1")
    assert await balance(case) == ("75000", "50000", "5000", "20000", "25000")


@pytest.mark.case("M-01")
async def test_the_ledger_of_a_fund(case: Bed) -> None:
    """100,000 allocated: asked for, approved, claimed, paid and closed, and what is left."""
    await ledger(case)
    await case.post("/v1/mdf/requests/a/closing", role="finance")
    assert await balance(case) == ("75000", "55000", "0", "20000", "25000")


@pytest.mark.case("M-02")
@pytest.mark.parametrize(("eligible", "approved"), [("48000", "20000.00"), ("36000", "18000.00")])
async def test_the_maker_pays_its_share_up_to_the_cap(
    case: Bed, eligible: str, approved: str
) -> None:
    """Share 50 %, cap 20,000; what is not eligible is listed with its reason."""
    await allocate(case)
    await submit(case, "a", "20000", share="0.5")
    await approve(case, "a")
    await claim(case, "a-1", "a", eligible, "6000")
    found = await check(case, "a-1", eligible, "0", reason="drinks")
    assert found["approved"] == cny(approved)
    refused = found["check"]["lines"][1]
    assert (refused["ineligible"], refused["reason"]) == (cny("6000.00"), "drinks")
    assert found["check"]["ineligible"] == cny("6000.00")


@pytest.mark.case("M-03")
async def test_at_the_end_a_part_is_carried_over_and_the_rest_expires(case: Bed) -> None:
    """Uncommitted 55,000: 20 % of the allocation is carried, the rest expires; B stays."""
    await allocate(case, "q2", "0", starts_on="2026-04-01", ends_on="2026-06-30")
    await allocate(case, successor="q2")
    await submit(case, "a", "30000")
    await approve(case, "a")
    await submit(case, "b", "20000")
    await claim(case, "a-1", "a", "27500")
    await check(case, "a-1", "25000")
    await pay(case, "a-1")
    await case.post("/v1/mdf/requests/a/closing")
    await approve(case, "b")
    assert await balance(case) == ("75000", "55000", "20000", "0", "25000")
    await case.advance("2026-04-01T00:00:00+08:00")
    fund = await case.get("/v1/mdf/funds/q1")
    assert (fund["transferred"], fund["expired"]) == (cny("20000.00"), cny("35000.00"))
    assert await balance(case) == ("20000", "0", "20000", "0", "25000")
    assert (await balance(case, "q2"))[:2] == ("20000", "20000")
    await case.advance("2026-05-15T23:59:59+08:00")
    assert await balance(case) == ("20000", "0", "20000", "0", "25000")
    await case.advance("2026-05-16T00:00:00+08:00")
    assert await balance(case) == ("0", "0", "0", "0", "25000")
    fund = await case.get("/v1/mdf/funds/q1")
    assert (fund["transferred"], fund["expired"]) == (cny("20000.00"), cny("55000.00"))
    assert (await balance(case, "q2"))[:2] == ("20000", "20000")


@pytest.mark.case("M-04", at="2025-10-01T09:00:00+08:00")
async def test_the_last_day_for_claims_is_45_days_after_the_activity(case: Bed) -> None:
    """Activity until 31 Dec 2025: through 14 Feb 2026, and no second longer."""
    await allocate(case, starts_on="2025-10-01", ends_on="2025-12-31")
    await submit(case, "a", "30000")
    approved = await approve(case, "a")
    assert approved["claim_until"] == "2026-02-14"
    await case.advance("2026-02-14T23:59:59+08:00")
    await claim(case, "in-time", "a", "10000")
    await case.advance("2026-02-15T00:00:00+08:00")
    late = await claim(case, "late", "a", "5000", expect=409)
    assert (late["slug"], late["detail"]) == ("claim-late", "the last day was 2026-02-14")
    assert (await balance(case))[2] == "10000"  # the unclaimed rest is released
    await check(case, "in-time", "8000")
    await pay(case, "in-time", method="credit")
    request = await case.get("/v1/mdf/requests/a")
    assert (request["status"], request["paid"]) == ("closed", cny("8000.00"))
    assert (await balance(case))[1:3] == ("0", "0")


@pytest.mark.case("M-08")
async def test_two_requests_at_once_never_share_one_budget(case: Bed) -> None:
    """Available 50,000, twice 30,000 at once: one is taken, the other hears "available 20,000"."""
    await allocate(case, amount="50000")
    body = {"fund_id": "q1", "partner_id": "p1", "amount": cny("30000")}
    both = [
        case.http.post(
            "/v1/mdf/requests",
            json=body | {"request_id": f"r{n}"},
            headers={
                "Authorization": f"Bearer {case.token(partner='p1')}",
                "Idempotency-Key": f"r{n}",
            },
        )
        for n in (1, 2)
    ]
    answers = await asyncio.gather(*both)
    assert sorted(one.status_code for one in answers) == [201, 409]
    refused = next(one.json() for one in answers if one.status_code == 409)
    assert refused["slug"] == "fund-insufficient"
    assert "available 20000" in refused["detail"]
    assert await balance(case) == ("50000", "20000", "0", "30000", "0")
