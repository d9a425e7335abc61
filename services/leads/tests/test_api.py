"""Leads over HTTP, as its users meet them."""

import json
from typing import Any

import pytest

from services.leads.projections.pipeline import PIPELINE
from services.leads.tests.asking import CONTACT, RULE, enrol
from shared.testing.platform import Bed

LEAD = {"source": "web", "region": "east", "industry": "steel", "product_line": "pumps"}
FIRM = {"name": "华东重工设备有限公司", "region": "east", "industry": "steel"}
CODE = "91310000607207879K"


async def capture(bed: Bed, lead_id: str, **more: Any) -> dict[str, Any]:
    body = LEAD | {"lead_id": lead_id, "company": f"客户{lead_id}"} | more
    answer = await bed.post("/v1/leads", body, expect=201)
    await bed.settle()
    return answer


async def lead(bed: Bed, lead_id: str) -> dict[str, Any]:
    return await bed.get(f"/v1/leads/{lead_id}")


async def holder(bed: Bed, lead_id: str) -> tuple[str, str | None, int | None]:
    shown = await lead(bed, lead_id)
    return shown["status"], shown["partner_id"], shown["offer"]


async def answer(bed: Bed, lead_id: str, how: str, offer: int, **more: Any) -> dict[str, Any]:
    body = {"offer": offer}
    answered = await bed.post(f"/v1/leads/{lead_id}/{how}", body, **more)
    await bed.settle()
    return answered


async def test_a_lead_is_offered_accepted_and_closed(bed: Bed) -> None:
    captured = await capture(bed, "L1", contact=CONTACT)
    assert await holder(bed, "L1") == ("offered", "A", 1)
    customer = await bed.get(f"/v1/customers/{captured['customer_id']}")
    assert customer["name"] == "客户L1"
    assert (await bed.get("/v1/leads/L1", partner="A"))["contact"] is None
    accepted = await answer(bed, "L1", "acceptance", 1, partner="A")
    assert accepted["status"] == "accepted"
    assert (await bed.get("/v1/leads/L1", partner="A"))["contact"] == CONTACT
    closing = {"outcome": "won", "reason": "signed"}
    await bed.post("/v1/leads/L1/closing", closing, partner="A")
    assert (await lead(bed, "L1"))["outcome"] == "won"
    await bed.settle()
    mine = await bed.get("/v1/leads/L1", partner="A")
    assert (mine["status"], mine["partner_id"], mine["contact"]) == ("closed", "A", None)
    listed = (await bed.get("/v1/leads", partner="A"))["items"]
    assert [(one["lead_id"], one["status"]) for one in listed] == [("L1", "closed")]


async def test_a_declined_lead_goes_on_until_nobody_is_left(bed: Bed) -> None:
    await capture(bed, "L1")
    await answer(bed, "L1", "decline", 1, partner="A")
    assert await holder(bed, "L1") == ("offered", "B", 2)
    await answer(bed, "L1", "decline", 2)
    assert await holder(bed, "L1") == ("overflow", None, None)
    listed = await bed.get("/v1/leads", params={"status": "overflow"})
    assert [(one["lead_id"], one["reason"]) for one in listed["items"]] == [("L1", "no-candidate")]
    told = await bed.get("/v1/leads/L1/explanation")
    assert {one["partner_id"]: one["excluded"] for one in told["candidates"]} == {
        "A": "offered-before",
        "B": "offered-before",
    }
    assert [(one["partner_id"], one["answer"]) for one in told["offers"]] == [
        ("A", "declined"),
        ("B", "declined"),
    ]


async def test_silence_passes_the_lead_on_in_working_time(bed: Bed) -> None:
    await capture(bed, "L1")
    await bed.advance("2026-01-05T13:00:00+08:00")
    assert await holder(bed, "L1") == ("offered", "B", 2)
    assert (await lead(bed, "L1"))["accept_by"] == "2026-01-05T09:00:00Z"
    await bed.advance("2026-01-06T09:00:00+08:00")
    assert (await holder(bed, "L1"))[0] == "overflow"
    late = await answer(bed, "L1", "acceptance", 2, partner="B", expect=409)
    assert late["slug"] == "offer-expired"


async def test_capacity_is_counted_over_open_and_accepted_leads(bed: Bed) -> None:
    await bed.post("/v1/lead-rules", RULE | {"capacity": 1})
    for name in ("L1", "L2", "L3"):
        await capture(bed, name)
    assert [(await holder(bed, name))[1] for name in ("L1", "L2", "L3")] == ["A", "B", None]
    await answer(bed, "L1", "acceptance", 1)
    await bed.post("/v1/leads/L1/closing", {"outcome": "lost"})
    await bed.settle()
    rule = await bed.get("/v1/lead-rules/east")
    assert rule["rotation"]["held"] == {"B": 1}
    assert (await holder(bed, "L3"))[0] == "overflow"  # a person decides
    await bed.post("/v1/leads/L3/retry")
    await bed.settle()
    assert await holder(bed, "L3") == ("offered", "A", 1)


async def test_an_overflowed_lead_is_assigned_by_hand_and_comes_back(bed: Bed) -> None:
    await capture(bed, "L1", region="north")
    assert (await lead(bed, "L1"))["reason"] == "no-rule"
    unknown = await bed.post("/v1/leads/L1/assignment", {"partner_id": "Z"}, expect=409)
    assert unknown["slug"] == "partner-unknown"
    by_hand = {"partner_id": "B", "sla_hours": 1, "working_hours": False}
    await bed.post("/v1/leads/L1/assignment", by_hand)
    await bed.settle()
    shown = await lead(bed, "L1")
    assert (shown["status"], shown["partner_id"]) == ("offered", "B")
    assert shown["rule"] == {"id": "by-hand", "version": 0}
    assert shown["accept_by"] == "2026-01-05T02:00:00Z"
    await bed.advance("2026-01-05T10:00:00+08:00")
    assert (await lead(bed, "L1"))["reason"] == "hand-assignment-ended"


async def test_the_suspended_are_passed_over(bed: Bed) -> None:
    await bed.post("/v1/partners/A/suspension", {"reason": "audit"})
    await bed.settle()
    await capture(bed, "L1")
    assert (await holder(bed, "L1"))[1] == "B"
    await bed.post("/v1/partners/A/reinstatement")
    await bed.settle()
    await capture(bed, "L2")
    assert (await holder(bed, "L2"))[1] == "A"


async def test_a_lead_waits_for_a_partner_that_leads_has_not_heard_of(bed: Bed) -> None:
    await bed.post("/v1/lead-rules", RULE | {"weights": {"N": 1}})
    await capture(bed, "L1")
    assert (await holder(bed, "L1"))[0] == "overflow"
    await enrol(bed, "N")
    await bed.settle()
    assert await holder(bed, "L1") == ("offered", "N", 1)


async def test_the_first_rule_by_priority_then_id_is_taken(bed: Bed) -> None:
    for rule_id, priority, partner in (("b", 0, "B"), ("a", 0, "A"), ("c", -1, "B")):
        regions = ["west"] if rule_id == "c" else []
        more = {"priority": priority, "weights": {partner: 1}, "regions": regions}
        await bed.post("/v1/lead-rules", RULE | {"rule_id": rule_id} | more)
    await capture(bed, "L1")
    assert (await lead(bed, "L1"))["rule"] == {"id": "a", "version": 1}
    rules = (await bed.get("/v1/lead-rules"))["items"]
    assert [rule["rule_id"] for rule in rules] == ["c", "a", "b", "east"]


async def test_partners_see_only_what_is_or_was_theirs(bed: Bed) -> None:
    await capture(bed, "L1")
    await answer(bed, "L1", "decline", 1, partner="A")
    assert (await bed.get("/v1/leads", partner="A"))["items"] == []
    assert [one["lead_id"] for one in (await bed.get("/v1/leads", partner="B"))["items"]] == ["L1"]
    before = await bed.get("/v1/leads/L1", partner="A")
    assert (before["status"], [one["offer"] for one in before["offers"]]) == ("superseded", [1])
    told = await bed.get("/v1/leads/L1/explanation", partner="B")
    assert '"A"' not in json.dumps(told)
    assert [(one["rank"], one["total"]) for one in told["turns"]] == [(1, 2)]
    for path in ("/v1/leads/L1", "/v1/leads/L1/explanation", "/v1/leads/none"):
        assert (await bed.get(path, partner="C", expect=404))["slug"] == "lead-not-found"
    stranger = await answer(bed, "L1", "acceptance", 2, partner="C", expect=404)
    assert stranger["slug"] == "lead-not-found"
    for path in ("/v1/customers", "/v1/lead-rules", "/v1/calendars"):
        await bed.get(path, partner="A", expect=403)


async def test_a_firm_with_a_code_is_one_customer(bed: Bed) -> None:
    first = await bed.post("/v1/customers", FIRM | {"uscc": CODE}, key="k1", expect=201)
    again = await bed.post("/v1/customers", FIRM | {"uscc": CODE}, key="k1", expect=201)
    assert (again["customer_id"], again["version"]) == (first["customer_id"], 1)
    twice = await bed.post("/v1/customers", FIRM | {"uscc": CODE.lower()}, expect=409)
    assert twice["slug"] == "customer-exists"
    assert first["customer_id"] in twice["detail"]
    lead_of_it = await capture(bed, "L1", company="改名的华东重工", uscc=CODE)
    assert lead_of_it["customer_id"] == first["customer_id"]
    short = await bed.post("/v1/customers", FIRM | {"uscc": CODE[:-1]}, expect=422)
    assert short["slug"] == "uscc-invalid"
    slip = await bed.post("/v1/customers", FIRM | {"uscc": CODE[:-1] + "X"}, expect=201)
    assert (first["uscc_valid"], slip["uscc_valid"]) == (True, False)


async def test_a_customer_is_held_against_those_we_know(bed: Bed) -> None:
    first = await bed.post("/v1/customers", FIRM)
    alike = {"name": "上海华东重工机械有限公司", "region": "east", "industry": "steel"}
    second = await bed.post("/v1/customers", alike)
    suspect = {"customer_id": first["customer_id"], "score": 0.6, "decision": "review"}
    assert second["candidates"] == [suspect]
    await bed.settle()
    shown = await bed.get(f"/v1/customers/{second['customer_id']}")
    assert shown["candidates"] == [suspect]


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer_id": "c1"},
        {"company": None},
        {"source": "gossip"},
        {"captured_at": "2026-01-05T08:00:00"},
        {"estimated_amount": {"amount": "-1", "currency": "CNY"}},
        {"estimated_amount": {"amount": 1.5, "currency": "CNY"}},
        {"lead_id": "../x"},
        {"surprise": 1},
    ],
)
async def test_a_lead_of_the_wrong_shape_is_refused(bed: Bed, wrong: dict[str, Any]) -> None:
    body = LEAD | {"company": "客户"} | wrong
    assert (await bed.post("/v1/leads", body, expect=422))["status"] == 422


async def test_a_lead_of_an_unknown_customer_is_refused(bed: Bed) -> None:
    missing = await bed.post("/v1/leads", LEAD | {"customer_id": "c1"}, expect=404)
    assert missing["slug"] == "customer-not-found"


async def test_personal_data_stays_out_of_facts_and_views(bed: Bed) -> None:
    await capture(bed, "L1", contact=CONTACT)
    worker = bed.platform.workers["leads"]
    facts = await worker.ports.store.follow(after=0, limit=1_000)
    assert not any("王小明".encode() in envelope.data for _, envelope in facts)
    row = await worker.service.read.get(PIPELINE.name, "leads.lead-L1")
    assert row is not None and "person_id" not in row


async def test_a_calendar_says_which_days_count(bed: Bed) -> None:
    holiday = {"calendar_id": "cn", "version": 1, "holidays": ["2026-01-05"], "workdays": []}
    await bed.post("/v1/calendars", holiday, expect=201)
    await capture(bed, "L1")
    assert (await lead(bed, "L1"))["accept_by"] == "2026-01-06T05:00:00Z"
    told = await bed.get("/v1/leads/L1/explanation")
    assert told["offers"][0]["calendar"] == {"id": "cn", "version": 1}
    stale = await bed.post("/v1/calendars", holiday, expect=409)
    assert stale["slug"] == "calendar-version-stale"
    both = holiday | {"version": 2, "workdays": ["2026-01-05"]}
    await bed.post("/v1/calendars", both, expect=422)
    (listed,) = (await bed.get("/v1/calendars"))["items"]
    assert (listed["version"], listed["in_use"]) == (1, True)


async def test_a_turn_for_a_lead_that_was_closed_meanwhile_frees_its_place(bed: Bed) -> None:
    body = LEAD | {"lead_id": "L1", "company": "客户"}
    await bed.post("/v1/leads", body, expect=201)
    await bed.platform.workers["leads"].reactors["leads.assign"].step()
    rule = await bed.get("/v1/lead-rules/east")
    assert rule["rotation"]["held"] == {"A": 1}
    await bed.post("/v1/leads/L1/closing", {"outcome": "duplicate"})
    await bed.settle()
    assert (await holder(bed, "L1"))[0] == "closed"
    rule = await bed.get("/v1/lead-rules/east")
    assert rule["rotation"]["held"] == {}


async def test_a_partner_heard_of_between_turn_and_overflow_is_not_missed(bed: Bed) -> None:
    await bed.post("/v1/lead-rules", RULE | {"weights": {"N": 1}})
    await bed.post("/v1/leads", LEAD | {"lead_id": "L1", "company": "客户"}, expect=201)
    reactors = bed.platform.workers["leads"].reactors
    await reactors["leads.assign"].step()
    await enrol(bed, "N")
    await bed.platform.workers["partners"].sweep()
    await reactors["leads.learn-partners"].step()
    await reactors["leads.reconsider"].step()
    await bed.settle()
    assert await holder(bed, "L1") == ("offered", "N", 1)
