"""Silent customers and the public pool: L-04."""

from typing import Any

import pytest

from shared.runtime.http import Caller
from shared.runtime.tokens import LOCAL
from shared.testing.platform import Bed

MARCH = "2025-03-01T09:00:00+08:00"


async def customer(bed: Bed, name: str = "示例客户", owner: str | None = "ann") -> str:
    body = {"name": name, "region": "east", "industry": "steel", "owner": owner}
    answer = await bed.post("/v1/customers", body, expect=201)
    return str(answer["customer_id"])


async def seen(bed: Bed, customer_id: str) -> dict[str, Any]:
    await bed.settle()
    return await bed.get(f"/v1/customers/{customer_id}")


async def act(bed: Bed, customer_id: str, at: str | None = None, **how: Any) -> None:
    body = {"kind": "visit"} | ({"happened_at": at} if at else {})
    await bed.post(f"/v1/customers/{customer_id}/activities", body, **how)


async def told(bed: Bed, rule: str) -> list[str]:
    await bed.settle()
    params = {"recipient": "role:sales", "limit": 200}
    found = (await bed.get("/v1/notifications", params=params))["items"]
    return sorted(one["occurred_at"] for one in found if one["rule"] == rule)


async def claim(bed: Bed, customer_id: str, user: str, status: int = 200) -> dict[str, Any]:
    caller = Caller(issuer=LOCAL, subject=user, role="sales")
    sent = {"Authorization": f"Bearer {bed.house.issuer.token(caller)}"}
    path = f"/v1/customers/{customer_id}/claim"
    answer = await bed.post(path, headers=sent, expect=status)
    await bed.settle()
    return answer


@pytest.mark.case("L-04", at=MARCH)
async def test_a_silent_customer_is_noticed_and_then_released(case: Bed) -> None:
    """Last activity 1 March: reminder 31 March, release 15 April; activity on 10 April resets."""
    silent, active = await customer(case), await customer(case, "活跃客户")
    await case.advance("2025-04-10T09:00:00+08:00")
    await act(case, active)
    await case.advance("2025-04-15T08:59:59+08:00")
    assert (await seen(case, silent))["pool"] == "owned"
    await case.advance("2025-04-15T09:00:00+08:00")
    lost = await seen(case, silent)
    assert (lost["pool"], lost["owner"], lost["previous_owner"]) == ("public", None, "ann")
    pool = await case.get("/v1/customers", params={"pool": "public"})
    assert [one["customer_id"] for one in pool["items"]] == [silent]
    await case.advance("2025-05-25T08:59:59+08:00")
    assert (await seen(case, active))["owner"] == "ann"
    await case.advance("2025-05-25T09:00:00+08:00")
    assert (await seen(case, active))["pool"] == "public"
    assert await told(case, "customer-silence-noticed") == [
        "2025-03-31T01:00:00Z",
        "2025-03-31T01:00:00Z",
        "2025-05-10T01:00:00Z",
    ]
    assert await told(case, "customer-released") == [
        "2025-04-15T01:00:00Z",
        "2025-05-25T01:00:00Z",
    ]


@pytest.mark.case("L-04", at=MARCH)
async def test_an_activity_recorded_late_restores_the_owner(case: Bed) -> None:
    """Recorded on 20 April, valid on 10 April: restored, reminder 10 May, release 25 May."""
    late, later = await customer(case), await customer(case, "活跃客户")
    await case.advance("2025-04-20T09:00:00+08:00")
    await act(case, later, "2025-03-02T09:00:00+08:00")
    assert (await seen(case, later))["pool"] == "public"
    await act(case, later, "2025-04-18T09:00:00+08:00")
    assert (await seen(case, later))["pool"] == "public"
    await act(case, late, "2025-04-10T09:00:00+08:00")
    assert (await seen(case, late))["owner"] == "ann"
    await act(case, later, "2025-03-10T09:00:00+08:00")
    assert (await seen(case, later))["owner"] == "ann"
    await case.advance("2025-05-25T09:00:00+08:00")
    assert (await seen(case, late))["pool"] == "public"
    assert await told(case, "customer-silence-noticed") == [
        "2025-03-31T01:00:00Z",
        "2025-03-31T01:00:00Z",
        "2025-04-09T01:00:00Z",  # overdue: told at once, on 20 April
        "2025-05-10T01:00:00Z",
    ]


@pytest.mark.case("L-04", at=MARCH)
async def test_if_somebody_else_has_claimed_it_there_is_a_dispute(case: Bed) -> None:
    """If somebody else has claimed it meanwhile a dispute is opened; a supervisor settles it."""
    one = await customer(case)
    await case.advance("2025-04-16T09:00:00+08:00")
    await claim(case, one, "ben")
    await case.advance("2025-04-20T09:00:00+08:00")
    await act(case, one, "2025-04-10T09:00:00+08:00")
    found = await seen(case, one)
    assert (found["owner"], found["disputed_by"]) == ("ben", "ann")
    await case.post(f"/v1/customers/{one}/assignment", {"owner": "ann"})
    found = await seen(case, one)
    assert (found["owner"], found["disputed_by"]) == ("ann", None)


@pytest.mark.case("L-04", at=MARCH)
async def test_a_claim_has_a_cap_and_who_lost_a_customer_waits(case: Bed) -> None:
    """Five claims a day; who lost a customer not for 7 days; a supervisor assigns any time."""
    ones = [await customer(case, f"客户{n}号") for n in "甲乙丙丁戊己庚"]
    owned = await customer(case, "自有客户", owner="ben")
    await case.advance("2025-04-15T10:00:00+08:00")
    cooling = await claim(case, ones[0], "ann", 409)
    assert cooling["slug"] == "customer-cooling-down"
    for one in ones[:5]:
        await claim(case, one, "ben")
    full = await claim(case, ones[5], "ben", 409)
    assert full["slug"] == "claim-cap-reached"
    assert (await claim(case, ones[0], "eve", 409))["slug"] == "customer-not-in-pool"
    await claim(case, ones[5], "eve")
    assert (await seen(case, ones[5]))["owner"] == "eve"
    await case.advance("2025-04-16T00:00:00+08:00")
    await claim(case, owned, "eve", 200)
    await case.advance("2025-04-22T09:00:00+08:00")
    await claim(case, ones[6], "ann")
    assert (await seen(case, ones[6]))["owner"] == "ann"
    await case.post("/v1/pool-rules", {"claims": False}, expect=201)
    body = {"owner": "eve"}
    await case.post(f"/v1/customers/{ones[6]}/assignment", body)
    assert (await seen(case, ones[6]))["owner"] == "eve"
