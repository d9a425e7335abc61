"""The gateway knows who answers what from the contexts themselves."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ConnectError

from shared.kernel.ports import Record
from shared.runtime.gateway.document import merged
from shared.runtime.openapi import CONTEXT, operations
from shared.testing.platform import platform
from tests.runtime.door import ENROL, problem
from tests.runtime.spread import EVERY, SOME, Spread, spread

LIMIT = {"limit": {"amount": "5", "currency": "CNY"}}


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Spread]:
    async with spread(tmp_path, EVERY, work=False) as there:
        yield there


async def test_its_document_is_the_one_of_a_single_process(tmp_path: Path) -> None:
    async with platform(tmp_path) as up:
        expected = json.loads(json.dumps(up.openapi()))
    assert len([*operations(expected)]) > 60
    for groups in (EVERY, (("orders", "partners", "rebates"), ("forecast", "leads"))):
        async with spread(tmp_path, groups, work=False) as there:
            told = (await there.bed.http.get("/openapi.json")).json()
        hosted = {"gateway", None, *(name for group in groups for name in group)}
        for path, method, operation in operations(expected):
            if operation.get(CONTEXT) in hosted:
                assert told["paths"][path][method] == operation, (method, path)
        if groups is EVERY:
            assert told == expected


async def test_whatever_the_platform_answers_the_gateway_answers(there: Spread) -> None:
    """A new route of admin.py needs its place among the composed ones."""
    found = 0
    for path, method, operation in operations(there.bed.openapi()):
        if operation.get(CONTEXT) is None:
            found += 1
            named = path.replace("{stream}", "orders.order-1").replace("{person_id}", "0" * 32)
            how: dict[str, Any] = {"params": {"timeout": "0.1"}} if "settled" in path else {}
            answer = await there.ask(method, named, role="director", json={}, **how)
            assert answer.status_code != 405, path
            told = answer.json() if "json" in answer.headers["content-type"] else {}
            assert told.get("slug") != "not-found", path
    assert found >= 15


async def test_every_context_answers_its_own_paths(there: Spread) -> None:
    paths = {
        "partners": "/v1/partners",
        "leads": "/v1/leads",
        "orders": "/v1/orders",
        "rebates": "/v1/rebates/programmes",
        "forecast": "/v1/forecast/targets",
        "notifications": "/v1/notifications",
    }
    for context, path in paths.items():
        for one in there.lines.values():
            one.heard.clear()
        assert (await there.ask("GET", path)).status_code == 200
        heard = {name for name, line in there.lines.items() if line.asked()}
        assert heard == {*there.beds[context].platform.workers}


async def test_an_unknown_path_a_wrong_method_and_a_slash_too_many_answer_as_ever(
    there: Spread,
) -> None:
    problem(await there.ask("GET", "/v1/nothing"), 404, "not-found")
    problem(await there.ask("GET", "/nothing"), 404, "not-found")
    for path in ("/v1/partners/p1", "/v1/parked"):
        wrong = await there.ask("PUT", path)
        problem(wrong, 405, "method-not-allowed")
        assert wrong.headers["Allow"] == "GET"
    assert (await there.ask("HEAD", "/v1/partners")).status_code == 405
    moved = await there.ask("GET", "/v1/partners/?limit=1")
    assert moved.status_code == 307
    assert moved.headers["Location"] == "http://qudao/v1/partners?limit=1"


async def test_a_context_that_is_down_takes_only_its_own_paths_with_it(there: Spread) -> None:
    there.lines["orders"].cut = ConnectError("planted")
    for method, path in (
        ("GET", "/v1/orders"),
        ("POST", "/v1/orders"),
        ("GET", "/v1/accounts/p1"),
    ):
        gone = await there.ask(method, path, json={})
        problem(gone, 503, "context-unavailable")
        assert gone.json()["contexts"] == ["orders"]
        assert int(gone.headers["Retry-After"]) > 0
    assert (await there.ask("GET", "/v1/leads")).status_code == 200
    assert (await there.ask("POST", "/v1/partners", json=ENROL)).status_code == 201
    assert (await there.ask("GET", "/v1/me")).status_code == 200
    assert (await there.bed.http.get("/health/ready")).status_code == 200
    problem(await there.ask("GET", "/v1/nothing"), 404, "not-found")
    text = (await there.bed.http.get("/metrics")).text
    assert 'qudao_gateway_reachable{context="orders"} 0.0' in text
    assert 'qudao_gateway_reachable{context="leads"} 1.0' in text
    there.lines["orders"].cut = None
    assert (await there.ask("GET", "/v1/orders")).status_code == 200
    text = (await there.bed.http.get("/metrics")).text
    assert 'qudao_gateway_reachable{context="orders"} 1.0' in text


async def test_who_was_down_at_the_start_is_learnt_when_it_is_asked_for(tmp_path: Path) -> None:
    async with spread(tmp_path, work=False, down=["orders", "leads"]) as there:
        assert (await there.bed.http.get("/health/ready")).status_code == 200
        gone = await there.ask("GET", "/v1/orders")
        problem(gone, 503, "context-unavailable")
        assert gone.json()["contexts"] == ["partners", "leads", "orders"]
        assert (await there.ask("GET", "/v1/notifications")).status_code == 200
        assert "/v1/orders" not in (await there.bed.http.get("/openapi.json")).json()["paths"]
        for name in ("orders", "leads"):
            there.lines[name].cut = None
        there.desk.directory.forget()
        assert (await there.ask("GET", "/v1/orders")).status_code == 200
        assert (await there.ask("GET", "/v1/leads")).status_code == 200
        told = (await there.bed.http.get("/openapi.json")).json()["paths"]
        assert {"/v1/orders", "/v1/leads", "/v1/partners"} <= told.keys()


async def test_it_is_ready_as_soon_as_it_knows_anybody(tmp_path: Path) -> None:
    async with spread(tmp_path, work=False, down=["partners", "orders"]) as there:
        assert (await there.bed.http.get("/health/ready")).status_code == 200
    everybody = [name for group in SOME for name in group]
    async with spread(tmp_path, work=False, down=everybody) as there:
        problem(await there.bed.http.get("/health/ready"), 503, "context-unavailable")
        assert (await there.bed.http.get("/health/live")).status_code == 200
        there.lines["notifications"].cut = None
        there.desk.directory.forget()
        assert (await there.bed.http.get("/health/ready")).status_code == 200
        there.lines["notifications"].cut = ConnectError("planted")
        problem(await there.ask("GET", "/v1/notifications"), 503, "context-unavailable")
        assert (await there.bed.http.get("/health/ready")).status_code == 200


async def test_whoever_is_missing_is_not_asked_all_the_time(tmp_path: Path) -> None:
    async with spread(tmp_path, work=False, down=["orders"]) as there:
        for _ in range(20):
            problem(await there.ask("GET", "/v1/orders"), 503, "context-unavailable")
        assert len(there.lines["orders"].heard) < 5
        for _ in range(20):
            problem(await there.ask("GET", "/v1/nothing"), 503, "context-unavailable")
        assert len(there.lines["leads"].heard) < 5


async def test_two_processes_with_the_same_context_are_asked_as_the_settings_say(
    tmp_path: Path,
) -> None:
    """The one at partners' address hosts orders, too: nobody asks it for that."""
    groups = (("partners", "orders"), ("orders",))
    async with spread(tmp_path, groups, work=False) as there:
        assert [one.contexts for one in there.desk.upstreams] == [("partners",), ("orders",)]
        assert (await there.ask("GET", "/v1/orders")).status_code == 200
        assert there.lines["orders"].asked() == ["GET /v1/orders"]
        assert there.lines["partners"].asked() == []
        at_work = there.beds["orders"].platform
        bus = at_work.workers["orders"].ports.bus
        await bus.publish([Record("PartnerEnrolled", "p1", b"\xff{")])
        await at_work.settle()
        assert (await there.bed.get("/v1/facts")) == {"contexts": {"partners": 0, "orders": 0}}
        parked = [one["context"] for one in (await there.bed.get("/v1/parked"))["items"]]
        assert parked == ["orders"]
        views = [one["view"] for one in (await there.bed.get("/v1/rebuilds"))["items"]]
        assert len(views) == len({*views})
        assert (await there.bed.get("/v1/settled"))["parked"] == 1


def schemas(**given: Any) -> dict[str, Any]:
    return {"components": {"schemas": given}}


def operation(context: str, schema: str) -> dict[str, Any]:
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {CONTEXT: context, "requestBody": {"content": {"application/json": body}}}


def test_a_name_that_means_two_things_is_kept_apart() -> None:
    inner = {"$ref": "#/components/schemas/Inner"}
    one = schemas(Outer={"properties": {"it": inner}}, Inner={"type": "string"}, Same={})
    two = schemas(Outer={"properties": {"it": inner}}, Inner={"type": "integer"}, Same={})
    one["paths"] = {"/v1/a": {"post": operation("a", "Outer")}}
    two["paths"] = {"/v1/b": {"post": operation("b", "Outer")}}
    told = merged(schemas() | {"paths": {}}, [("a", one), ("b", two)])
    assert told["paths"] == {
        "/v1/a": {"post": operation("a", "Outer")},
        "/v1/b": {"post": operation("b", "b.Outer")},
    }
    found = told["components"]["schemas"]
    assert {*found} == {"Outer", "Inner", "Same", "b.Outer", "b.Inner"}
    assert found["b.Outer"] == {"properties": {"it": {"$ref": "#/components/schemas/b.Inner"}}}
    assert (found["Inner"], found["b.Inner"]) == ({"type": "string"}, {"type": "integer"})
