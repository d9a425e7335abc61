"""Opportunities through the front door: L-08, won and lost."""

from typing import Any

import pytest

from shared.testing.platform import Bed

AMOUNT = {"amount": "100000.00", "currency": "CNY"}


async def begin(bed: Bed, opportunity_id: str = "o-1", **more: Any) -> dict[str, Any]:
    where = {"name": f"示例客户{opportunity_id}", "region": "east", "industry": "steel"}
    customer = (await bed.post("/v1/customers", where, expect=201))["customer_id"]
    body = {"opportunity_id": opportunity_id, "customer_id": customer, "region": "east"}
    return await bed.post("/v1/opportunities", {**body, "amount": AMOUNT, **more}, expect=201)


async def move(bed: Bed, stage: str, **how: Any) -> dict[str, Any]:
    return await bed.post("/v1/opportunities/o-1/stage", {"stage": stage}, **how)


async def evidence(bed: Bed, kind: str) -> None:
    await bed.post("/v1/opportunities/o-1/evidence", {"kind": kind})


async def seen(bed: Bed, opportunity_id: str = "o-1") -> dict[str, Any]:
    await bed.settle()
    return await bed.get(f"/v1/opportunities/{opportunity_id}")


async def told(bed: Bed, rule: str) -> list[str]:
    """When the rule told somebody first; who hears it when nobody answers is N-01."""
    await bed.settle()
    found = await bed.get("/v1/notifications", params={"recipient": "role:manager"})
    more = await bed.get("/v1/notifications", params={"recipient": "role:sales"})
    items = [*found["items"], *more["items"]]
    return sorted(one["occurred_at"] for one in items if (one["rule"], one["step"]) == (rule, 1))


@pytest.mark.case("L-08")
async def test_a_stage_is_entered_with_its_evidence(case: Bed) -> None:
    """方案提交 → 价格谈判 is refused without 技术协议草稿; with it, it is entered."""
    assert (await begin(case))["stage"] == "需求确认"
    early = await move(case, "方案提交", expect=409)
    assert early["slug"] == "evidence-missing"
    await evidence(case, "会议纪要")
    await move(case, "方案提交")
    refused = await move(case, "价格谈判", expect=409)
    assert (refused["slug"], refused["detail"]) == (
        "evidence-missing",
        "价格谈判 needs 技术协议草稿",
    )
    assert (await seen(case))["next"] == {"stage": "价格谈判", "lacking": ["技术协议草稿"]}
    await evidence(case, "技术协议草稿")
    assert (await move(case, "价格谈判"))["category"] == "best-case"
    skipped = await move(case, "需求确认", expect=409)
    assert skipped["slug"] == "stage-unexplained"
    back = {"stage": "方案提交", "reason": "客户改了需求"}
    assert (await case.post("/v1/opportunities/o-1/stage", back))["stage"] == "方案提交"
    assert (await move(case, "合同审批", expect=409))["slug"] == "stage-skipped"


@pytest.mark.case("L-08", at="2026-01-05T09:00:00+08:00")
async def test_seven_days_without_feedback_are_yellow_and_fifteen_escalate(case: Bed) -> None:
    """Day 7 without feedback: yellow; day 15 in 价格谈判: escalation; both once a visit."""
    await begin(case)
    await evidence(case, "会议纪要")
    await evidence(case, "技术协议草稿")
    await move(case, "方案提交")
    await case.advance("2026-01-12T08:59:59+08:00")
    assert (await seen(case))["yellow"] is False
    await case.advance("2026-01-12T09:00:00+08:00")
    assert (await seen(case))["yellow"] is True
    await case.post("/v1/opportunities/o-1/feedback", {"note": "客户在评估"})
    assert (await seen(case))["yellow"] is False
    await move(case, "价格谈判")
    await case.post("/v1/opportunities/o-1/feedback", {"next_action": "报价"})
    await case.advance("2026-01-27T09:00:00+08:00")
    one = await seen(case)
    assert (one["yellow"], one["escalated"]) == (False, True)
    await case.advance("2026-03-01T09:00:00+08:00")
    assert await told(case, "opportunity-stalled") == ["2026-01-12T01:00:00Z"]
    assert await told(case, "opportunity-escalated") == ["2026-01-27T01:00:00Z"]
    back = {"stage": "方案提交", "reason": "重做方案"}
    await case.post("/v1/opportunities/o-1/stage", back)
    await case.advance("2026-03-20T09:00:00+08:00")
    assert len(await told(case, "opportunity-stalled")) == 2
    assert len(await told(case, "opportunity-escalated")) == 2


@pytest.mark.case("L-08")
async def test_an_opportunity_is_won_or_lost_with_a_reason(case: Bed) -> None:
    """Won with its margin, lost, reopened: each with a reason; closed it warns of nothing."""
    await begin(case, partner_id="P1", campaign="mdf-1", product_line="pumps")
    await begin(case, "o-2", partner_id="P2")
    won = {"reason": "best offer", "margin": "0.30"}
    answer = await case.post("/v1/opportunities/o-1/won", won, partner="P1")
    assert (answer["status"], answer["category"]) == ("won", "closed")
    missing = await case.post("/v1/opportunities/o-2/lost", {}, expect=422)
    assert missing["slug"] == "request-malformed"
    lost = await case.post("/v1/opportunities/o-2/lost", {"reason": "price"})
    assert (lost["status"], lost["category"]) == ("lost", "omitted")
    again = await case.post("/v1/opportunities/o-2/won", won, expect=409)
    assert again["slug"] == "opportunity-closed"
    await case.post("/v1/opportunities/o-2/won", won, partner="P1", expect=404)
    await case.advance("2026-01-25T09:00:00+08:00")
    assert await told(case, "opportunity-stalled") == []
    await case.post("/v1/opportunities/o-2/reopening", {"reason": "new budget"})
    assert (await seen(case, "o-2"))["status"] == "open"
    mine = await case.get("/v1/opportunities", partner="P1")
    assert [one["opportunity_id"] for one in mine["items"]] == ["o-1"]
    assert mine["items"][0]["closed_on"] == "2026-01-05"


@pytest.mark.case("L-08")
async def test_an_opportunity_of_a_lead_knows_its_customer_partner_and_campaign(case: Bed) -> None:
    """Of a lead it takes customer, partner, campaign and region; the stages stay as they were."""
    partner = {"partner_id": "A", "type": "agent", "level": "gold", "regions": ["east"]}
    await case.post("/v1/partners", partner, expect=201)
    await case.settle()
    await case.post("/v1/lead-rules", {"rule_id": "east", "weights": {"A": 1}}, expect=201)
    lead = {"source": "campaign", "region": "east", "industry": "steel", "campaign": "mdf-7"}
    await case.post("/v1/leads", {**lead, "lead_id": "l-1", "company": "示例客户"}, expect=201)
    await case.settle()
    await case.post("/v1/leads/l-1/acceptance", {"offer": 1}, partner="A")
    body = {"opportunity_id": "o-1", "lead_id": "l-1", "amount": AMOUNT}
    answer = await case.post("/v1/opportunities", body, partner="A", key="once", expect=201)
    stages = [{"stage": "intro"}, {"stage": "offer", "category": "commit", "probability": "0.8"}]
    model = {"model_id": "standard", "stages": stages}
    await case.post("/v1/stage-models", model, expect=201)
    repeated = await case.post("/v1/opportunities", body, partner="A", key="once", expect=201)
    assert repeated == answer
    one = await seen(case)
    assert (one["partner_id"], one["campaign"], one["region"]) == ("A", "mdf-7", "east")
    assert (one["stage"], one["model"]) == ("需求确认", {"id": "standard", "version": 0})
    await begin(case, "o-2")
    assert (await seen(case, "o-2"))["stage"] == "intro"
