"""Deal registration through the front door: L-05, L-06, L-07."""

from typing import Any

import pytest

from shared.testing.platform import Bed

DEAL = {"product_line": "pumps", "region": "east"}
FIRM = "上海华东重工设备有限公司"


async def file(bed: Bed, registration_id: str, partner: str, **more: Any) -> dict[str, Any]:
    """A partner registers a deal with a firm; then what has become of it."""
    body = {
        "registration_id": registration_id,
        "partner_id": partner,
        "customer": {"name": FIRM},
        **DEAL,
        **more,
    }
    await bed.post("/v1/registrations", body, partner=partner, expect=201)
    return await seen(bed, registration_id)


async def seen(bed: Bed, registration_id: str) -> dict[str, Any]:
    await bed.settle()
    return await bed.get(f"/v1/registrations/{registration_id}")


async def approve(bed: Bed, registration_id: str) -> dict[str, Any]:
    await bed.post(f"/v1/registrations/{registration_id}/approval")
    return await seen(bed, registration_id)


def activity(at: str) -> dict[str, Any]:
    return {"evidence": [{"kind": "visit", "happened_at": at, "note": "方案评审"}]}


@pytest.mark.case("L-05", at="2025-01-10T10:00:00+08:00")
async def test_a_deal_is_protected_for_90_days_from_its_approval(case: Bed) -> None:
    """Complete on 10 January, approved on the 12th: until 12 April exclusive; extended, 12 May."""
    assert (await file(case, "r-1", "P1"))["status"] == "review"
    await case.advance("2025-01-12T15:00:00+08:00")
    deal = await approve(case, "r-1")
    assert (deal["status"], deal["completed_at"]) == ("protected", "2025-01-10T02:00:00Z")
    assert deal["protected_until"] == "2025-04-11T16:00:00Z"  # 12 April 00:00 in Shanghai
    await case.advance("2025-04-10T10:00:00+08:00")
    asked = activity("2025-04-01T10:00:00+08:00")
    await case.post("/v1/registrations/r-1/extension", asked, partner="P1")
    await case.post("/v1/registrations/r-1/extension/approval")
    assert (await seen(case, "r-1"))["protected_until"] == "2025-05-11T16:00:00Z"
    await case.advance("2025-05-11T23:59:59+08:00")
    assert (await seen(case, "r-1"))["status"] == "protected"
    await case.advance("2025-05-12T00:00:00+08:00")
    deal = await seen(case, "r-1")
    assert (deal["status"], deal["free_from"]) == ("ended", "2025-06-10T16:00:00Z")


@pytest.mark.case("L-05", at="2025-01-12T10:00:00+08:00")
async def test_a_protection_is_announced_and_extended_twice_at_most(case: Bed) -> None:
    """Announced 14, 7 and 1 days before the end; extended twice; again from 30 days after it."""
    await file(case, "r-1", "P1")
    await approve(case, "r-1")
    await case.advance("2025-04-11T12:00:00+08:00")
    told = await reminders(case)
    assert [one["occurred_at"] for one in told] == [
        "2025-03-28T16:00:00Z",
        "2025-04-04T16:00:00Z",
        "2025-04-10T16:00:00Z",
    ]
    for end in ("2025-05-11T16:00:00Z", "2025-06-10T16:00:00Z"):
        done = activity("2025-04-01T10:00:00+08:00")
        answer = await case.post("/v1/registrations/r-1/extension", done)
        assert answer["protected_until"] == end
        await case.settle()
    third = activity("2025-04-01T10:00:00+08:00")
    refused = await case.post("/v1/registrations/r-1/extension", third, expect=409)
    assert refused["slug"] == "extension-exhausted"
    await case.advance("2025-07-10T23:59:59+08:00")
    assert (await file(case, "r-2", "P1"))["reason"] == "cooling-down"
    assert (await file(case, "r-3", "P2"))["status"] == "review"
    await case.advance("2025-07-11T00:00:00+08:00")
    assert (await file(case, "r-4", "P1"))["status"] == "review"


async def reminders(bed: Bed) -> list[dict[str, Any]]:
    params = {"recipient": "partner:P1", "limit": 200}
    found = await bed.get("/v1/notifications", params=params)
    told = [one for one in found["items"] if one["rule"] == "deal-expiry-announced"]
    return sorted(told, key=lambda one: str(one["occurred_at"]))


@pytest.mark.case("L-05", at="2025-01-12T10:00:00+08:00")
async def test_an_extension_keeps_the_protection_until_it_is_decided(case: Bed) -> None:
    """Asked before the end it keeps the protection until decided; it needs an activity."""
    await file(case, "r-1", "P1")
    await approve(case, "r-1")
    old = activity("2025-01-11T10:00:00+08:00")
    path = "/v1/registrations/r-1/extension"
    unproved = await case.post(path, old, partner="P1", expect=409)
    assert unproved["slug"] == "extension-unproved"
    await case.advance("2025-04-11T23:00:00+08:00")
    await case.post(path, activity("2025-03-01T10:00:00+08:00"), partner="P1")
    await case.advance("2025-04-20T10:00:00+08:00")
    assert (await seen(case, "r-1"))["status"] == "protected"
    await file(case, "r-2", "P2")
    assert (await approve(case, "r-2"))["reason"] == "scope-taken"
    await case.post(path + "/rejection", {"reason": "no progress"})
    deal = await seen(case, "r-1")
    assert (deal["status"], deal["free_from"]) == ("ended", "2025-05-20T02:00:00Z")
    late = await case.post(path, activity("2025-03-01T10:00:00+08:00"), expect=409)
    assert late["slug"] == "registration-wrong-status"


@pytest.mark.case("L-06", at="2025-01-10T09:00:00+08:00")
async def test_who_completed_first_has_priority(case: Bed) -> None:
    """P1 completes at 10:00:05 and is approved first; P2, complete at 10:00:01, has priority."""
    await file(case, "r-1", "P1", product_line=None, region="east")
    other = {"name": "华东重工设备（上海）有限公司"}
    await file(case, "r-2", "P2", customer=other, draft=True)
    await case.advance("2025-01-10T10:00:01+08:00")
    await case.post("/v1/registrations/r-2/completion", {}, partner="P2")
    await case.advance("2025-01-10T10:00:05+08:00")
    rest = {"product_line": "pumps"}
    await case.post("/v1/registrations/r-1/completion", rest, partner="P1")
    await case.settle()
    assert (await approve(case, "r-1"))["status"] == "held"
    mine = await case.get("/v1/registrations/r-1", partner="P1")
    assert (mine["rank"], mine["total"]) == (2, 2)
    assert "P2" not in str(mine)
    assert (await approve(case, "r-2"))["status"] == "protected"
    first = await seen(case, "r-1")
    assert (first["status"], first["reason"]) == ("rejected", "scope-taken")


@pytest.mark.case("L-06", at="2025-01-10T09:00:00+08:00")
async def test_if_the_earlier_one_falls_the_waiting_one_comes_into_force(case: Bed) -> None:
    """If the earlier one is rejected, the waiting one comes into force then."""
    await file(case, "r-1", "P1")
    await case.advance("2025-01-10T09:00:04+08:00")
    await file(case, "r-2", "P2")
    assert (await approve(case, "r-2"))["status"] == "held"
    await case.advance("2025-01-14T10:00:00+08:00")
    await case.post("/v1/registrations/r-1/rejection", {"reason": "no budget"})
    deal = await seen(case, "r-2")
    assert (deal["status"], deal["protected_from"]) == ("protected", "2025-01-14T02:00:00Z")
    assert deal["protected_until"] == "2025-04-13T16:00:00Z"
    hidden = await case.get("/v1/registrations/r-1", partner="P2", expect=404)
    assert hidden["slug"] == "registration-not-found"
    listed = await case.get("/v1/registrations", partner="P2")
    assert [one["registration_id"] for one in listed["items"]] == ["r-2"]


@pytest.mark.case("L-06", at="2025-01-10T09:00:00+08:00")
async def test_another_product_line_or_region_or_project_is_no_conflict(case: Bed) -> None:
    """Another product line, region or project: both may be approved. Ties: the lower id."""
    await file(case, "r-2", "P2")
    await file(case, "r-1", "P1")
    await file(case, "r-3", "P3", product_line="valves")
    await file(case, "r-4", "P4", region="south")
    assert (await approve(case, "r-2"))["status"] == "held"
    for free in ("r-3", "r-4", "r-1"):
        assert (await approve(case, free))["status"] == "protected"
    assert (await seen(case, "r-2"))["status"] == "rejected"
    await file(case, "r-5", "P5", region="west", project="plant A")
    await file(case, "r-6", "P6", region="west", project="plant B")
    await file(case, "r-7", "P7", region="west")
    assert (await approve(case, "r-6"))["status"] == "protected"
    assert (await approve(case, "r-5"))["status"] == "protected"
    assert (await approve(case, "r-7"))["reason"] == "scope-taken"


@pytest.mark.case("L-07", at="2025-01-10T09:00:00+08:00")
async def test_the_scope_is_that_of_the_same_customer(case: Bed) -> None:
    """The same code, or a name alike by 0.90 or more, is the same customer; 0.60 is not."""
    uscc = "91310000MA1FL4E38X"
    await file(case, "r-1", "P1", customer={"name": FIRM, "uscc": uscc})
    await file(case, "r-2", "P2", customer={"name": "别的名字", "uscc": uscc})
    await file(case, "r-3", "P3", customer={"name": "华东重工设备（上海）有限公司"})
    await file(case, "r-4", "P4", customer={"name": "上海华东重工机械有限公司"})
    totals = {n: (await seen(case, f"r-{n}"))["total"] for n in (1, 2, 3, 4)}
    assert totals == {1: 3, 2: 3, 3: 3, 4: 1}
    same = [(await seen(case, f"r-{n}"))["customer_id"] for n in (1, 2, 3)]
    assert len(set(same)) == 1


@pytest.mark.case("L-07", at="2025-01-10T09:00:00+08:00")
async def test_two_customers_alike_that_we_know_already_share_a_scope(case: Bed) -> None:
    """Two customers of ours that are alike share the scope that is contended for first."""
    where = {"region": "east", "industry": "steel"}
    names = (FIRM, "华东重工设备（上海）有限公司")
    one, other = [
        (await case.post("/v1/customers", {"name": name} | where))["customer_id"] for name in names
    ]
    await file(case, "r-1", "P1", customer={"customer_id": other})
    await file(case, "r-2", "P2", customer={"customer_id": one})
    assert (await seen(case, "r-2"))["rank"] == 2


@pytest.mark.case("L-05", at="2025-01-10T09:00:00+08:00")
async def test_a_registration_is_approved_along_the_route_its_rule_made(case: Bed) -> None:
    """A rule in data: above 500,000 the director too; a route keeps the version that made it."""
    above = {"op": ">", "amount": {"amount": "500000.00", "currency": "CNY"}}
    channel = {"name": "channel", "seats": ["role:manager"]}
    large = {"name": "large", "seats": ["role:director"], "bands": [above], "hours": 48}
    rule = {"version": 1, "steps": [channel, large | {"escalation": ["role:operations"]}]}
    await case.post("/v1/registration-rule", rule, expect=201)
    amounts = {"r-1": "500000.00", "r-2": "500000.01", "r-3": "900000.00"}
    for n, (name, amount) in enumerate(amounts.items()):
        money = {"amount": amount, "currency": "CNY"}
        await file(case, name, f"P{n}", region=f"east {n}", estimated_amount=money)
    again = {"version": 2, "steps": [channel]}
    await case.post("/v1/registration-rule", again, expect=201)
    early = await case.post("/v1/registrations/r-2/approval", role="director", expect=403)
    assert early["slug"] == "approval-not-asked"
    assert (await approve(case, "r-1"))["status"] == "protected"
    waits = await approve(case, "r-2")
    assert (waits["status"], waits["waiting_for"]) == ("review", ["role:director"])
    assert waits["rule"] == {"id": "registration", "version": 1}
    await case.post("/v1/registrations/r-2/approval", role="director")
    assert (await seen(case, "r-2"))["status"] == "protected"
    await approve(case, "r-3")
    await case.advance("2025-01-12T09:00:00+08:00")
    assert (await seen(case, "r-3"))["waiting_for"] == ["role:director", "role:operations"]
    await case.advance("2025-01-14T09:00:00+08:00")
    lapsed = await seen(case, "r-3")
    assert (lapsed["status"], lapsed["reason"]) == ("rejected", "lapsed")
