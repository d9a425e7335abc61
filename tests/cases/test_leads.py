"""Leads through the front door: L-01, L-02, L-03, L-07."""

from typing import Any

import pytest

from shared.testing.platform import Bed

LEAD = {"source": "web", "region": "east", "industry": "steel", "product_line": "pumps"}


async def enrol(bed: Bed, *partners: str) -> None:
    for partner in partners:
        body = {
            "partner_id": partner,
            "type": "agent",
            "level": "gold",
            "regions": ["east"],
            "industries": ["steel"],
            "product_lines": ["pumps"],
        }
        await bed.post("/v1/partners", body, expect=201)
    await bed.settle()


async def rule(bed: Bed, weights: dict[str, int], **more: Any) -> None:
    body = {
        "rule_id": "east",
        "priority": 1,
        "regions": ["east"],
        "industries": ["steel"],
        "product_lines": ["pumps"],
        "weights": weights,
        "capacity": 100,
        "sla_hours": 8,
        "working_hours": True,
    }
    await bed.post("/v1/lead-rules", body | more, expect=201)


async def capture(bed: Bed, lead_id: str) -> dict[str, Any]:
    """A lead of a new firm; then what has become of it."""
    body = LEAD | {"lead_id": lead_id, "company": f"示例客户{lead_id}"}
    await bed.post("/v1/leads", body, expect=201)
    await bed.settle()
    return await bed.get(f"/v1/leads/{lead_id}")


@pytest.mark.case("L-01")
async def test_ten_leads_are_shared_out_five_three_two(case: Bed) -> None:
    """Ten leads between A 5, B 3 and C 2: A B C A A B A C B A, each with its explanation."""
    await enrol(case, "A", "B", "C")
    await rule(case, {"A": 5, "B": 3, "C": 2})
    offered = [(await capture(case, f"lead-{n}"))["partner_id"] for n in range(1, 11)]
    assert "".join(offered) == "ABCAABACBA"
    told = await case.get("/v1/leads/lead-5/explanation")
    assert told["rule"] == {"id": "east", "version": 1}
    assert [(one["partner_id"], one["score"]) for one in told["candidates"]] == [
        ("A", "5"),
        ("B", "5"),
        ("C", "0"),
    ]
    assert told["turns"][0]["tied"] == ["A", "B"]
    assert (await capture(case, "lead-11"))["partner_id"] == "A"


@pytest.mark.case("L-01")
async def test_a_partner_at_capacity_is_skipped_and_keeps_its_credit(case: Bed) -> None:
    """A partner at capacity is skipped and keeps its credit."""
    await enrol(case, "A", "B", "C")
    await rule(case, {"A": 5, "B": 3, "C": 2}, capacity=1)
    offered = [(await capture(case, f"lead-{n}"))["partner_id"] for n in range(1, 5)]
    assert offered == ["A", "B", "C", None]
    overflow = await case.get("/v1/leads", params={"status": "overflow"})
    assert [one["lead_id"] for one in overflow["items"]] == ["lead-4"]
    told = await case.get("/v1/leads/lead-2/explanation")
    assert told["candidates"][0] == {
        "partner_id": "A",
        "score": "-5",
        "excluded": "at-capacity",
        "rank": None,
    }


@pytest.mark.case("L-02", at="2025-09-26T16:00:00+08:00")
async def test_eight_working_hours_over_a_make_up_sunday(case: Bed) -> None:
    """Offered Friday 16:00 for 8 working hours: until Sunday 28 September 15:00, a make-up day."""
    await enrol(case, "A")
    await rule(case, {"A": 1})
    calendar = {"calendar_id": "cn", "version": 1, "workdays": ["2025-09-28"], "holidays": []}
    await case.post("/v1/calendars", calendar, expect=201)
    assert (await capture(case, "lead-1"))["accept_by"] == "2025-09-28T07:00:00Z"
    naive = {"calendar_id": "cn", "version": 2, "workdays": [], "holidays": []}
    await case.post("/v1/calendars", naive, expect=201)
    assert (await capture(case, "lead-2"))["accept_by"] == "2025-09-29T07:00:00Z"
    told = await case.get("/v1/leads/lead-1/explanation")
    assert told["offers"][0]["calendar"] == {"id": "cn", "version": 1}


@pytest.mark.case("L-02", at="2025-09-26T16:00:00+08:00")
async def test_without_a_calendar_of_ours_the_national_one_counts(case: Bed) -> None:
    """Without a calendar of ours the national holidays and make-up days count."""
    await enrol(case, "A")
    await rule(case, {"A": 1})
    assert (await capture(case, "lead-1"))["accept_by"] == "2025-09-28T07:00:00Z"


@pytest.mark.case("L-03", again=False)
async def test_an_acceptance_of_a_recalled_offer_is_superseded(case: Bed) -> None:
    """Recalled at 13:00 and offered to B: A's acceptance at 13:05 is superseded, B's counts."""
    await enrol(case, "A", "B")
    await rule(case, {"A": 2, "B": 1}, sla_hours=4, working_hours=False)
    assert (await capture(case, "lead-1"))["partner_id"] == "A"
    await case.advance("2026-01-05T13:00:00+08:00")
    await case.post("/v1/leads/lead-1/recall", {"reason": "no answer"})
    await case.settle()
    await case.advance("2026-01-05T13:05:00+08:00")
    stale = await case.post("/v1/leads/lead-1/acceptance", {"offer": 1}, partner="A", expect=409)
    assert (stale["slug"], stale["detail"]) == ("offer-superseded", "offer 1 superseded")
    await case.advance("2026-01-05T13:30:00+08:00")
    await case.post("/v1/leads/lead-1/acceptance", {"offer": 2}, partner="B")
    lead = await case.get("/v1/leads/lead-1")
    assert (lead["status"], lead["partner_id"], lead["offer"]) == ("accepted", "B", 2)


@pytest.mark.case("L-03")
async def test_a_recall_before_the_deadline_passes_the_lead_on(case: Bed) -> None:
    """Recalled before its deadline, the offer goes on to B at once."""
    await enrol(case, "A", "B")
    await rule(case, {"A": 2, "B": 1}, sla_hours=8, working_hours=False)
    await capture(case, "lead-1")
    await case.advance("2026-01-05T13:00:00+08:00")
    await case.post("/v1/leads/lead-1/recall", {"offer": 1})
    await case.settle()
    lead = await case.get("/v1/leads/lead-1")
    assert (lead["partner_id"], lead["accept_by"]) == ("B", "2026-01-05T13:00:00Z")


@pytest.mark.case("L-07")
async def test_the_same_firm_is_told_from_another(case: Bed) -> None:
    """The same firm scores 1.00, another of nearly the same name 0.60, two counties 0.333."""
    where = {"region": "east", "industry": "steel"}
    names = ("上海华东重工设备有限公司", "永嘉泵阀")
    east, pumps = [
        (await case.post("/v1/customers", {"name": name} | where))["customer_id"] for name in names
    ]
    asked = {
        "华东重工设备（上海）有限公司": (east, 1.0, "hold"),
        "上海华东重工机械有限公司": (east, 0.6, "review"),
        "北京华东重工设备有限公司": (east, 1.0, "review"),
        "永康泵阀": (pumps, 0.3333, "pass"),
    }
    for name, (customer_id, score, decision) in asked.items():
        found = (await case.post("/v1/customers/check", {"name": name}))["candidates"]
        expected = {"customer_id": customer_id, "score": score, "decision": decision}
        assert found == [expected]
