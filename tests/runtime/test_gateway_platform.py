"""The platform's own routes, composed of what every context answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import ConnectError

from shared.kernel.ports import Record
from tests.runtime import test_isolation as x07
from tests.runtime.door import ENROL, problem
from tests.runtime.spread import EVERY, SOME, Spread, spread
from tests.runtime.two_partners import seeded

NOBODY = UUID(int=7)
LEAD = {"lead_id": "l1", "company": "示例甲公司", "source": "web", "region": "e", "industry": "i"}


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Spread]:
    async with spread(tmp_path) as there:
        yield there


async def test_facts_events_and_streams_are_found_wherever_they_are(there: Spread) -> None:
    await there.bed.post("/v1/partners", ENROL)
    await there.bed.post("/v1/leads", LEAD)
    await there.bed.get("/v1/settled")
    counted = (await there.bed.get("/v1/facts"))["contexts"]
    assert counted.keys() == {name for group in SOME for name in group}
    assert (counted["partners"], counted["leads"] > 0) == (1, True)
    page = await there.bed.get("/v1/events", params={"context": "leads", "limit": 1})
    assert page["items"][0]["source"] == "/leads"
    stream = await there.bed.get("/v1/streams/partners.partner-p1")
    assert [fact["type"] for fact in stream["facts"]] == ["PartnerEnrolled"]
    problem(await there.ask("GET", "/v1/streams/leads.lead-x"), 404, "stream-not-found")
    for path in ("/v1/streams/nobody.x-1", "/v1/events?context=nobody"):
        unknown = await there.ask("GET", path)
        problem(unknown, 422, "context-unknown")
        assert "notifications" in unknown.json()["detail"]
    problem(await there.ask("GET", "/v1/events"), 422, "request-malformed")
    wrong = await there.ask("GET", "/v1/events", params={"context": "leads", "after": "-1"})
    problem(wrong, 422, "request-malformed")


async def test_parked_facts_of_all_contexts_are_one_list_and_each_is_retried_at_home(
    there: Spread,
) -> None:
    bus = there.beds["leads"].platform.workers["leads"].ports.bus
    await bus.publish([Record("PartnerEnrolled", "p1", b"\xff{")])
    told = await there.bed.get("/v1/settled")
    items = (await there.bed.get("/v1/parked"))["items"]
    assert len({one["context"] for one in items}) > 2
    assert told["parked"] == len(items)
    for one in items:
        where = {"context": one["context"], "parked": one["key"]}
        path = "/v1/parked/drops" if one["context"] == "leads" else "/v1/parked/retries"
        done = await there.bed.call("POST", path, params=where, role="operations")
        assert done["key"] == one["key"]
    left = {one["context"] for one in (await there.bed.get("/v1/parked"))["items"]}
    assert "leads" not in left
    params = {"context": "nobody", "parked": "x"}
    answer = await there.ask("POST", "/v1/parked/retries", params=params, role="operations")
    problem(answer, 422, "context-unknown")


async def test_views_are_rebuilt_by_their_context_and_listed_together(there: Spread) -> None:
    await there.bed.post("/v1/partners", ENROL)
    await there.bed.get("/v1/settled")
    views = [row["view"] for row in (await there.bed.get("/v1/rebuilds"))["items"]]
    assert {name.partition(".")[0] for name in views} == {n for group in SOME for n in group}
    assert len(views) == len({*views})
    view = next(name for name in views if name.startswith("orders."))
    done = await there.bed.call("POST", "/v1/rebuilds", params={"view": view}, role="operations")
    assert done == {"view": view, "filling": 2}
    unknown = {"params": {"view": "orders.nothing"}, "role": "operations"}
    problem(await there.ask("POST", "/v1/rebuilds", **unknown), 404, "view-not-found")  # type: ignore[arg-type]


async def test_a_person_is_forgotten_wherever_it_was_known(there: Spread) -> None:
    path = f"/v1/people/{NOBODY}"
    problem(await there.ask("DELETE", path, role="operations"), 404, "person-not-found")
    for context in ("leads", "notifications"):
        people = there.beds[context].platform.workers[context].ports.people
        await people.put(NOBODY, {"name": "示例"})
    done = await there.ask("DELETE", path, role="operations")
    assert (done.status_code, done.json()["forgotten"]) == (200, True)
    problem(await there.ask("DELETE", path, role="operations"), 404, "person-not-found")
    there.lines["notifications"].cut = ConnectError("planted")
    gone = await there.ask("DELETE", path, role="operations")
    problem(gone, 503, "context-unavailable")
    problem(await there.ask("DELETE", path), 403, "role-insufficient")
    await there.bed.call("DELETE", "/v1/people/x", role="operations", expect=422)


async def test_tokens_and_the_clock_are_anybodys(there: Spread) -> None:
    there.lines["partners"].cut = ConnectError("planted")
    wish = {"role": "director", "sub": "pat"}
    token = (await there.bed.http.post("/v1/tokens", json=wish)).json()["token"]
    told = {"Authorization": f"Bearer {token}"}
    me = (await there.bed.http.get("/v1/me", headers=told)).json()
    assert (me["role"], me["subject"]) == ("director", "pat")
    clock = await there.bed.get("/v1/clock")
    assert clock["now"] == "2026-01-05T01:00:00+00:00"
    target = {"advance_to": "2026-03-01T00:00:00+08:00"}
    problem(await there.ask("POST", "/v1/clock", json=target), 409, "clock-not-turnable")
    problem(await there.ask("POST", "/v1/clock", json={}), 422, "request-malformed")
    refused = await there.ask("POST", "/v1/clock", partner="p1", json=target)
    problem(refused, 403, "role-insufficient")
    assert (await there.bed.get("/v1/clock")) == clock


async def test_half_of_the_truth_is_not_told(there: Spread) -> None:
    there.lines["orders"].cut = ConnectError("planted")
    for path in ("/v1/facts", "/v1/parked", "/v1/rebuilds", "/v1/settled"):
        gone = await there.ask("GET", path)
        problem(gone, 503, "context-unavailable")
        assert gone.json()["contexts"] == ["orders"]


async def test_requests_are_counted_by_context_and_never_by_who_asked(there: Spread) -> None:
    await there.ask("GET", "/v1/leads", partner="p1")
    await there.ask("GET", "/v1/leads/none", partner="p1")
    await there.ask("GET", "/v1/parked")
    await there.bed.http.get("/v1/leads")
    there.lines["orders"].cut = ConnectError("planted")
    await there.ask("GET", "/v1/orders")
    text = (await there.bed.http.get("/metrics")).text
    for context, status in (
        ("leads", "2xx"),
        ("leads", "4xx"),
        ("gateway", "2xx"),
        ("gateway", "4xx"),
        ("orders", "5xx"),
    ):
        row = f'qudao_gateway_requests_total{{context="{context}",status="{status}"}} 1.0'
        assert row in text, row
    assert 'qudao_gateway_request_seconds_count{context="leads"} 2.0' in text
    assert "p1" not in text


async def test_a_partners_client_is_told_one_rate_and_stopped_above_it(there: Spread) -> None:
    answer = await there.ask("GET", "/v1/leads", partner="p1")
    limit = int(there.bed.house.settings.rate.partition("/")[0])
    assert answer.headers.get_list("RateLimit") == [answer.headers["RateLimit"]]
    assert answer.headers["RateLimit"].startswith(f'"client";r={limit - 1};t=')


X07: list[Any] = [
    x07.test_lists_hold_my_own_whatever_is_asked_for,
    x07.test_what_is_foreign_answers_as_what_never_was,
    x07.test_what_is_mine_answers,
    x07.test_who_else_was_offered_my_lead_is_not_told,
    x07.test_what_is_forbidden_is_so_whoever_is_named,
    x07.test_a_key_of_another_partner_is_another_key,
    x07.test_a_cursor_of_another_partner_opens_nothing,
    x07.test_what_is_open_says_nothing_of_anybody,
]


async def test_a_partner_sees_through_the_gateway_what_it_sees_without(tmp_path: Path) -> None:
    """X-07, once more: everything of two partners, now in several processes."""
    async with seeded(tmp_path) as (_, ids):
        pass
    async with spread(tmp_path, EVERY) as there:
        await there.bed.get("/v1/settled")
        assert x07.unknown(there.bed.openapi()) == set()
        for test in X07:
            await test((there.bed, ids))
