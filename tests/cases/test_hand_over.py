"""Somebody leaves: L-09."""

from typing import Any

import pytest

from shared.testing.platform import Bed

AMOUNT = {"amount": "100000.00", "currency": "CNY"}


async def customers(bed: Bed, owner: str, count: int) -> list[str]:
    body = {"region": "east", "industry": "steel", "owner": owner}
    found = []
    for n in range(count):
        name = f"{chr(0x4E00 + 37 * n)}{chr(0x5E00 + 53 * n)}机电"
        answer = await bed.post("/v1/customers", body | {"name": name}, expect=201)
        found.append(str(answer["customer_id"]))
    return found


async def listed(bed: Bed, leaver: str) -> dict[str, list[str]]:
    await bed.settle()
    found = await bed.get("/v1/hand-over", params={"leaver": leaver})
    kinds = sorted({one["kind"] for one in found["items"]})
    return {k: sorted(o["id"] for o in found["items"] if o["kind"] == k) for k in kinds}


@pytest.mark.case("L-09")
async def test_after_a_hand_over_the_leaver_owns_nothing(case: Bed) -> None:
    """12 customers, 3 open opportunities, a lead and a deal: exactly those, then nothing."""
    ann, ben = await customers(case, "ann", 12), await customers(case, "ben", 1)
    await business(case, ann)
    expected = {
        "customer": sorted(ann),
        "lead": ["l-1"],
        "opportunity": ["o-1", "o-2", "o-3"],
        "registration": ["r-1"],
    }
    assert await listed(case, "ann") == expected
    told = await case.get("/v1/hand-over", params={"leaver": "ann"})
    first = next(one for one in told["items"] if one["id"] == "o-1")
    assert (first["last_contact"], first["next_action"]) == ("2026-01-05T01:00:00Z", "报价")
    partly = {"leaver": "ann", "successor": "eve", "items": ["o-3"]}
    await case.post("/v1/hand-over", partly, expect=201)
    assert await listed(case, "eve") == {"opportunity": ["o-3"]}
    whole = {"leaver": "ann", "successor": "ben"}
    await case.post("/v1/hand-over", whole, expect=201)
    assert await listed(case, "ann") == {}
    expected["opportunity"] = ["o-1", "o-2"]
    assert await listed(case, "ben") == expected | {"customer": sorted([*ann, *ben])}
    assert (await case.get("/v1/opportunities/o-4"))["owner"] == "ann"  # lost: history


async def business(bed: Bed, firms: list[str]) -> None:
    for n in range(1, 5):
        body = {"opportunity_id": f"o-{n}", "customer_id": firms[n], "region": "east"}
        more: dict[str, Any] = {"amount": AMOUNT, "owner": "ann"}
        await bed.post("/v1/opportunities", body | more, expect=201)
    await bed.post("/v1/opportunities/o-1/feedback", {"next_action": "报价"})
    await bed.post("/v1/opportunities/o-4/lost", {"reason": "price"})
    lead = {"lead_id": "l-1", "customer_id": firms[0], "source": "web", "owner": "ann"}
    await bed.post("/v1/leads", lead | {"region": "east", "industry": "steel"}, expect=201)
    deal = {"registration_id": "r-1", "partner_id": "P1", "owner": "ann", "region": "east"}
    more = {"product_line": "pumps", "customer": {"customer_id": firms[0]}}
    await bed.post("/v1/registrations", deal | more, expect=201)
