"""Leads with other numbers than the cases': rotation, clocks, capacity, names, redaction."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing.platform import Bed, platform

START = "2025-09-24T09:00:00+08:00"  # a Wednesday
LEAD = {"source": "web", "region": "east", "industry": "pumps", "product_line": "A"}
RULE: dict[str, Any] = {
    "rule_id": "r",
    "priority": 5,
    "regions": ["east"],
    "industries": ["pumps"],
    "product_lines": ["A"],
    "weights": {"x": 1},
    "capacity": 100,
    "sla_hours": 2,
    "working_hours": False,
}
CALENDAR = {
    "calendar_id": "cn",
    "version": 1,
    "workdays": ["2025-09-28", "2025-10-11"],
    "holidays": [f"2025-10-0{day}" for day in (1, 2, 3, 6, 7, 8)],
}

HOURS = [  # offered, working hours, to be accepted before
    ("2025-09-24T12:00:00+08:00", 6, "2025-09-24T10:00:00Z"),  # an end at closing stays
    ("2025-09-24T18:00:00+08:00", 6, "2025-09-25T07:00:00Z"),  # closing time is outside
    ("2025-09-25T07:15:00+08:00", 9, "2025-09-25T10:00:00Z"),
    ("2025-09-26T17:00:00+08:00", 11, "2025-09-29T02:00:00Z"),  # over a make-up Sunday
    ("2025-09-27T11:00:00+08:00", 2, "2025-09-28T03:00:00Z"),
    ("2025-09-30T15:00:00+08:00", 10, "2025-10-09T08:00:00Z"),  # over the holidays
    ("2025-10-10T16:00:00+08:00", 12, "2025-10-13T02:00:00Z"),  # over a make-up Saturday
]
NAMES = [
    ("广州南粤电机有限公司", "南粤电机(广州)有限责任公司", "hold"),
    ("杭州恒润阀门有限公司", "宁波恒润阀门有限公司", "review"),  # unrelated places
    ("浙江永立水泵有限公司", "杭州永立水泵有限公司", "hold"),  # a place inside the other
    ("ＡＢＣ自控设备（深圳）有限公司", "ABC自控设备深圳有限公司", "hold"),
    ("永康特种泵厂", "永嘉特种泵厂", "review"),  # counties stay: 0.60
    ("武汉华中数控", "武汉华东数控", "pass"),
    ("上海", "上海有限公司", "hold"),  # never below two characters
]


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, START) as bed:
        for partner in "xyz":
            body = {
                "partner_id": partner,
                "type": "agent",
                "level": "gold",
                "regions": ["east"],
                "industries": ["pumps"],
                "product_lines": ["A"],
            }
            await bed.post("/v1/partners", body, expect=201)
        await bed.settle()
        yield bed


async def rule(bed: Bed, **changed: Any) -> None:
    await bed.post("/v1/lead-rules", RULE | changed, expect=201)
    await bed.settle()


async def capture(bed: Bed, lead_id: str) -> dict[str, Any]:
    body = LEAD | {"lead_id": lead_id, "company": f"示例客户{lead_id}"}
    await bed.post("/v1/leads", body, expect=201)
    await bed.settle()
    return await bed.get(f"/v1/leads/{lead_id}")


async def offered(bed: Bed, *leads: str) -> str:
    """The partners they went to, `-` for none."""
    found = [(await capture(bed, one))["partner_id"] for one in leads]
    return "".join(one or "-" for one in found)


def in_turn(weights: dict[str, int], count: int) -> str:
    """Smooth weighted rotation, written down once more."""
    credit = dict.fromkeys(weights, 0)
    turns = ""
    for _ in range(count):
        credit = {one: has + weights[one] for one, has in credit.items()}
        turns += min(credit, key=lambda one: (-credit[one], one))
        credit[turns[-1]] -= sum(weights.values())
    return turns


def numbered(count: int, of: str = "n") -> list[str]:
    return [f"{of}{n}" for n in range(count)]


async def test_weights_of_4_3_1_come_round_in_eight(bed: Bed) -> None:
    await rule(bed, weights={"x": 4, "y": 3, "z": 1})
    turns = await offered(bed, *numbered(16))
    assert turns == in_turn({"x": 4, "y": 3, "z": 1}, 16)
    assert [turns[:8].count(one) for one in "xyz"] == [4, 3, 1]


async def test_a_new_version_of_a_rule_starts_at_0(bed: Bed) -> None:
    await rule(bed, weights={"x": 4, "y": 3, "z": 1})
    await offered(bed, *numbered(3))
    await rule(bed, weights={"x": 1, "y": 2, "z": 2})
    assert await offered(bed, *numbered(5, "v")) == in_turn({"x": 1, "y": 2, "z": 2}, 5)
    assert (await bed.get("/v1/leads/v0"))["rule"] == {"id": "r", "version": 2}


async def test_the_lowest_priority_then_the_lowest_id_is_the_rule(bed: Bed) -> None:
    await rule(bed, weights={"x": 1})
    await rule(bed, rule_id="b1", priority=2, weights={"y": 1})
    await rule(bed, rule_id="a1", priority=2, weights={"z": 1})
    assert await offered(bed, "n1") == "z"


async def test_every_offer_is_a_turn_also_one_that_is_declined(bed: Bed) -> None:
    await rule(bed, weights={"x": 1, "y": 1, "z": 1})
    seen = [(await capture(bed, "d"))["partner_id"]]
    while seen[-1]:
        body = {"offer": len(seen), "reason": "busy"}
        await bed.post("/v1/leads/d/decline", body, partner=seen[-1])
        await bed.settle()
        seen.append((await bed.get("/v1/leads/d"))["partner_id"])
    assert seen == ["x", "y", "z", None]
    assert (await bed.get("/v1/leads/d"))["status"] == "overflow"
    # x −2, then y and z shared 2, then z alone paid what it got: x −2, y 0, z 2
    assert await offered(bed, "n1") == "z"


async def test_offers_and_accepted_leads_fill_a_place_until_they_are_closed(bed: Bed) -> None:
    await rule(bed, weights={"x": 3, "y": 2}, capacity=2)
    assert await offered(bed, *numbered(5)) == "xyxy-"
    await bed.post("/v1/leads/n0/acceptance", {"offer": 1}, partner="x")
    assert await offered(bed, "full") == "-"
    await bed.post("/v1/leads/n0/closing", {"outcome": "won"}, partner="x")
    await bed.settle()
    assert await offered(bed, "free") == "x"
    waiting = (await bed.get("/v1/leads?status=overflow"))["items"]
    assert sorted(one["lead_id"] for one in waiting) == ["full", "n4"]


async def test_an_offer_ends_at_its_deadline_and_not_before(bed: Bed) -> None:
    await rule(bed, weights={"x": 3, "y": 2})
    assert await offered(bed, "n1", "n2", "n3") == "xyx"
    await bed.advance("2025-09-24T10:59:59.999+08:00")
    await bed.post("/v1/leads/n1/acceptance", {"offer": 1}, partner="x")
    await bed.advance("2025-09-24T11:00:00+08:00")
    late = await bed.post("/v1/leads/n3/acceptance", {"offer": 1}, partner="x", expect=409)
    assert late["slug"] == "offer-superseded"
    now = await bed.get("/v1/leads/n3")
    assert (now["partner_id"], now["offer"]) == ("y", 2)
    assert [one["answer"] for one in now["offers"]] == ["timed-out", "open"]


async def test_working_hours_are_those_of_the_calendar(bed: Bed) -> None:
    await bed.post("/v1/calendars", CALENDAR, expect=201)
    for n, (at, hours, until) in enumerate(HOURS):
        await rule(bed, sla_hours=hours, working_hours=True)
        await bed.advance(at)
        assert (await capture(bed, f"n{n}"))["accept_by"] == until


async def test_a_partner_reads_of_a_lead_what_it_was_offered_and_no_other_name(bed: Bed) -> None:
    await rule(bed, weights={"x": 3, "y": 2, "z": 1})
    await capture(bed, "n1")
    await bed.post("/v1/leads/n1/decline", {"offer": 1}, partner="x")
    await bed.settle()
    for path in ("/v1/leads/n1", "/v1/leads/n1/explanation"):
        past, present = await bed.get(path, partner="x"), await bed.get(path, partner="y")
        assert (past["status"], present["status"]) == ("superseded", "offered")
        assert not any(f"'{one}'" in str(past) for one in "yz")
        assert not any(f"'{one}'" in str(present) for one in "xz")
        await bed.get(path, partner="z", expect=404)
    (turn,) = (await bed.get("/v1/leads/n1/explanation", partner="y"))["turns"]
    assert (turn["rank"], turn["total"]) == (1, 3)
    assert (await bed.get("/v1/leads", partner="x"))["items"] == []


async def test_names_are_compared_without_form_and_place(bed: Bed) -> None:
    for one, other, decision in NAMES:
        body = {"name": one, "region": "east", "industry": "pumps"}
        known = (await bed.post("/v1/customers", body, expect=201))["customer_id"]
        await bed.settle()
        found = (await bed.post("/v1/customers/check", {"name": other}))["candidates"]
        assert {each["customer_id"]: each["decision"] for each in found}[known] == decision
