"""/v1/mdf through the front door, beside the numbered cases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing.platform import Bed, platform

JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, contexts=("mdf",)) as bed:
        yield bed


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def allocate(bed: Bed, **more: Any) -> dict[str, Any]:
    window = {"starts_on": "2026-01-01", "ends_on": "2026-03-31"}
    body = {"fund_id": "f", "amount": cny("1000")} | window | more
    return await bed.post("/v1/mdf/funds", body, role="marketing")


async def submit(bed: Bed, **more: Any) -> dict[str, Any]:
    body = {"request_id": "r", "fund_id": "f", "partner_id": "p1", "amount": cny("600")}
    return await bed.post("/v1/mdf/requests", body | more.pop("body", {}), **more)


async def test_channel_manager_and_marketing_agree_in_any_order(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    one = await bed.post("/v1/mdf/requests/r/approval", role="marketing")
    assert (one["status"], one["approval"]["waiting"]) == ("submitted", ["role:manager"])
    two = await bed.post("/v1/mdf/requests/r/approval", role="marketing", expect=409)
    assert two["slug"] == "approval-voted"
    director = await bed.post("/v1/mdf/requests/r/approval", role="director", expect=403)
    assert director["slug"] == "approval-not-asked"
    both = await bed.post("/v1/mdf/requests/r/approval", role="manager")
    assert (both["status"], both["approval"]["rule"]) == ("approved", {"id": "mdf", "version": 1})


async def test_who_asked_for_it_does_not_approve_it(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, role="manager")
    refused = await bed.post("/v1/mdf/requests/r/approval", role="manager", expect=403)
    assert refused["slug"] == "approval-self"


async def test_a_request_keeps_the_version_of_the_rule_that_made_its_route(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    director = {"name": "director", "seats": ["role:director"]}
    above = director | {"bands": [{"op": ">", "amount": cny("300.00")}]}
    marketing = {"name": "marketing", "seats": ["role:marketing"]}
    rule = {"version": 2, "steps": [marketing, above]}
    await bed.post("/v1/mdf/approval-rule", rule, role="manager", expect=403)
    await bed.post("/v1/mdf/approval-rule", rule, role="director", expect=201)
    other = rule | {"steps": []}
    stale = await bed.post("/v1/mdf/approval-rule", other, role="director", expect=409)
    assert stale["slug"] == "approval-rule-version-stale"
    old = await bed.get("/v1/mdf/requests/r")
    assert old["approval"]["waiting"] == ["role:manager", "role:marketing"]
    await submit(bed, partner="p1", body={"request_id": "s", "amount": cny("300.00")})
    small = await bed.post("/v1/mdf/requests/s/approval", role="marketing")
    assert small["status"] == "approved"
    await bed.post("/v1/mdf/requests/r/withdrawal", partner="p1")
    await submit(bed, partner="p1", body={"request_id": "t", "amount": cny("300.01")})
    large = await bed.post("/v1/mdf/requests/t/approval", role="marketing")
    assert (large["status"], large["approval"]["waiting"]) == ("submitted", ["role:director"])


async def test_a_step_times_out_by_the_clock(bed: Bed) -> None:
    slow = {"name": "slow", "seats": ["role:manager"], "hours": 8}
    rule = {"version": 2, "steps": [slow | {"escalation": ["role:director"]}]}
    await bed.post("/v1/mdf/approval-rule", rule, role="director")
    await allocate(bed)
    await submit(bed, partner="p1")
    await bed.settle()
    await bed.advance("2026-01-05T16:59:59+08:00")
    waiting = (await bed.get("/v1/mdf/requests/r"))["approval"]["waiting"]
    assert waiting == ["role:manager"]
    await bed.advance("2026-01-05T17:00:00+08:00")
    request = await bed.get("/v1/mdf/requests/r")
    assert request["approval"]["waiting"] == ["role:manager", "role:director"]
    await bed.advance("2026-01-06T01:00:00+08:00")
    assert (await bed.get("/v1/mdf/requests/r"))["status"] == "lapsed"
    assert (await bed.get("/v1/mdf/funds/f"))["available"] == cny("1000.00")


async def test_a_refused_request_stays_a_draft_and_is_asked_again_with_less(bed: Bed) -> None:
    await allocate(bed)
    much = {"body": {"amount": cny("1000.01")}}
    refused = await submit(bed, partner="p1", expect=409, **much)
    assert refused["slug"] == "fund-insufficient"
    assert (await bed.get("/v1/mdf/requests/r"))["status"] == "draft"
    assert (await submit(bed, partner="p1"))["status"] == "submitted"
    await bed.settle()
    listed = await bed.get("/v1/mdf/requests?status=submitted", partner="p1")
    assert [one["request_id"] for one in listed["items"]] == ["r"]


async def test_a_request_is_returned_recalled_and_submitted_again(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    back = await bed.post("/v1/mdf/requests/r/return", {"reason": "which hall?"})
    assert back["status"] == "returned"
    await submit(bed, partner="p1")
    foreign = await bed.post("/v1/mdf/requests/r/recall", role="manager", expect=403)
    assert foreign["slug"] == "approval-not-yours"
    await bed.post("/v1/mdf/requests/r/recall", partner="p1")
    assert (await submit(bed, partner="p1"))["status"] == "submitted"


async def test_the_same_key_again_is_answered_and_not_done_again(bed: Bed) -> None:
    await allocate(bed)
    first = await submit(bed, partner="p1", key="once")
    again = await submit(bed, partner="p1", key="once")
    assert again["version"] == first["version"]
    other = await submit(bed, partner="p1", key="once", body={"amount": cny("1")}, expect=422)
    assert other["slug"] == "idempotency-key-reused"


async def test_the_same_key_later_is_answered_whatever_the_rules_are_by_then(bed: Bed) -> None:
    """Its route began when it was first asked; that is not what a client repeats."""
    template = {"template_id": "fair", "requirements": [{"kind": "photo"}]}
    await bed.post("/v1/mdf/templates", template | {"version": 1})
    await allocate(bed)
    asked = {"body": {"template_id": "fair"}, "key": "once"}
    first = await submit(bed, partner="p1", **asked)
    await bed.advance("2026-01-05T17:00:00+08:00")
    await bed.post("/v1/mdf/templates", template | {"version": 2, "requirements": []})
    rule = {"version": 2, "steps": [{"name": "marketing", "seats": ["role:marketing"]}]}
    await bed.post("/v1/mdf/approval-rule", rule, role="director")
    again = await submit(bed, partner="p1", **asked)
    assert again["version"] == first["version"]


async def test_a_claim_repeated_after_another_upload_is_the_same_claim(bed: Bed) -> None:
    """What lay in the request's file when it was first asked is not what a client repeats."""
    await allocate(bed)
    await submit(bed, partner="p1")
    for role in ("manager", "marketing"):
        await bed.post("/v1/mdf/requests/r/approval", role=role)
    lines = [{"line": 1, "amount": cny("500")}]
    asked = {"claim_id": "c", "request_id": "r", "lines": lines}
    first = await bed.post("/v1/mdf/claims", asked, partner="p1", key="once")
    path = "/v1/mdf/requests/r/evidence"
    shown = await bed.call("POST", path, content=JPEG, partner="p1", expect=201)
    again = await bed.post("/v1/mdf/claims", asked, partner="p1", key="once")
    assert (again["version"], again["evidence"]) == (first["version"], [])
    named = asked | {"evidence": [shown["sha256"]]}
    other = await bed.post("/v1/mdf/claims", named, partner="p1", key="once", expect=422)
    assert other["slug"] == "idempotency-key-reused"


async def test_a_file_is_kept_by_its_hash_and_handed_out_through_its_request(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    path, photo = "/v1/mdf/requests/r/evidence", JPEG + b"x" * (2 << 20)  # more than any JSON
    shown = await bed.call("POST", path, content=photo, partner="p1", expect=201)
    assert (shown["media"], shown["size"]) == ("image/jpeg", len(photo))
    headers = {"Authorization": f"Bearer {bed.token(partner='p1')}"}
    found = await bed.http.get(f"{path}/{shown['sha256']}", headers=headers)
    assert (found.status_code, found.content) == (200, photo)
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["x-content-type-options"] == "nosniff"
    await bed.get(f"{path}/{'0' * 64}", partner="p1", expect=404)
    await bed.get(f"{path}/{shown['sha256']}", partner="p2", expect=404)


async def test_a_file_has_a_limit(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    limit = bed.house.settings.file_limit
    path, photo = "/v1/mdf/requests/r/evidence", JPEG + b"x" * limit
    large = await bed.call("POST", path, content=photo, partner="p1", expect=413)
    assert large["slug"] == "body-too-large"


async def test_another_partners_fund_is_none(bed: Bed) -> None:
    await allocate(bed, partner_id="p2")
    refused = await submit(bed, partner="p1", expect=404)
    assert refused["slug"] == "fund-not-found"
    await submit(bed, partner="p1", body={"partner_id": "p2"}, expect=403)
    await bed.get("/v1/mdf/funds/f", partner="p1", expect=404)
    assert (await bed.get("/v1/mdf/balances", partner="p1"))["items"] == []
    assert (await bed.get("/v1/mdf/funds/f", partner="p2"))["available"] == cny("1000.00")


async def test_a_fund_open_to_all_shows_no_partner_what_others_have(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, partner="p1")
    await bed.get("/v1/mdf/funds/f", partner="p1", expect=404)
    await bed.settle()
    (one,) = (await bed.get("/v1/mdf/balances"))["items"]
    assert one["available"] == cny("400.00")


async def test_money_without_a_successor_is_carried_and_nobodys(bed: Bed) -> None:
    await allocate(bed)
    await bed.settle()
    await bed.advance("2026-04-01T00:00:00+08:00")
    fund = await bed.get("/v1/mdf/funds/f")
    assert (fund["transferred"], fund["expired"]) == (cny("200.00"), cny("800.00"))
