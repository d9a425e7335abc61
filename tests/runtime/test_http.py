"""The front door: what every request meets before and after a context's own routes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed, platform
from tests.runtime.door import ENROL, ask, problem, stored

OPEN = {
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/v1/tokens",
}


def operations(bed: Bed) -> Iterator[tuple[str, str]]:
    """Every operation of the OpenAPI document, with something in the place of its parameters."""
    for path, methods in bed.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), path.replace("{", "").replace("}", "")


async def test_nothing_answers_without_a_token_but_what_is_open(bed: Bed) -> None:
    found = set(operations(bed))
    assert len(found) > 20
    for method, path in found:
        answer = await ask(bed, method, path, headers={"Authorization": None}, content=b"{}")
        if path in OPEN:
            assert answer.status_code != 401, path
        else:
            problem(answer, 401, "token-invalid")
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", sorted(OPEN - {"/v1/tokens"}))
async def test_what_is_open_answers(bed: Bed, path: str) -> None:
    answer = await bed.http.get(path)
    assert answer.status_code == 200


async def test_who_opens_the_address_in_a_browser_comes_to_the_api_page(bed: Bed) -> None:
    front = await bed.http.get("/", headers={"Accept": "text/html"})
    assert (front.status_code, front.headers["Location"]) == (307, "/docs")


async def test_the_api_page_needs_nothing_from_elsewhere(bed: Bed) -> None:
    page = (await bed.http.get("/docs")).text
    assert "//" not in page.replace("http://qudao", "").replace("</", "").replace("/>", "") or (
        "https://" not in page
    )
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert (await bed.http.get(f"/docs/assets/{asset}")).status_code == 200


async def test_the_document_names_what_is_read_off_the_request_itself(bed: Bed) -> None:
    enrol = bed.openapi()["paths"]["/v1/partners"]["post"]
    assert {one["name"]: one["required"] for one in enrol["parameters"]} == {
        "idempotency-key": True,
        "if-match": False,
        "traceparent": False,
        "qudao-token": False,
        "token": False,
    }


async def test_an_unknown_path_and_a_wrong_method_are_problems(bed: Bed) -> None:
    problem(await ask(bed, "GET", "/v1/nothing"), 404, "not-found")
    wrong = await ask(bed, "PUT", "/v1/partners/p1")
    problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["Allow"] == "GET"
    problem(
        await ask(bed, "GET", "/v1/nothing", headers={"Authorization": None}), 401, "token-invalid"
    )


async def test_a_command_needs_a_key_of_visible_characters(bed: Bed) -> None:
    post: dict[str, Any] = {"method": "POST", "path": "/v1/partners", "json": ENROL}
    missing = await ask(bed, **post, headers={"Idempotency-Key": None})
    problem(missing, 400, "idempotency-key-missing")
    for bad in ("x" * 256, "a b", "schlüssel".encode("latin-1"), "tab\tkey"):
        answer = await ask(bed, **post, headers={"Idempotency-Key": bad})
        problem(answer, 422, "idempotency-key-malformed")
    assert await stored(bed) == 0
    answer = await ask(bed, **post, headers={"Idempotency-Key": "!" + "~" * 254})
    assert answer.status_code == 201


async def test_if_match_names_the_version_that_the_caller_saw(bed: Bed) -> None:
    first = await ask(bed, "POST", "/v1/partners", json=ENROL)
    assert (first.headers["ETag"], first.json()["version"]) == ('"1"', 1)
    level = "/v1/partners/p1/level"
    for number, (shown, status) in enumerate(
        [('"0"', 412), ('"1"', 200), ('"1"', 412), ("2", 200), ('W/"3"', 200), ("*", 200)]
    ):
        told = {"If-Match": shown, "Idempotency-Key": f"k{number}"}
        answer = await ask(bed, "POST", level, json={"level": f"l{number}"}, headers=told)
        assert answer.status_code == status, shown
        if status == 412:
            problem(answer, 412, "version-mismatch")
    for bad in ("x", '"x"', '"-1"', '"' + "9" * 5_000 + '"'):
        told = {"If-Match": bad, "Idempotency-Key": "bad"}
        answer = await ask(bed, "POST", level, json={"level": "y"}, headers=told)
        problem(answer, 422, "if-match-malformed")
    seen = await ask(bed, "GET", "/v1/partners/p1")
    assert (seen.headers["ETag"], seen.json()["level"]) == ('"5"', "l5")


async def test_a_read_with_the_token_of_an_answer_sees_what_was_written(bed: Bed) -> None:
    for number in range(20):
        told = ENROL | {"partner_id": f"p{number}"}
        done = await ask(
            bed, "POST", "/v1/partners", json=told, headers={"Idempotency-Key": f"k{number}"}
        )
        token = done.headers["Qudao-Token"]
        assert token == done.json()["token"]
        how: dict[str, Any] = (
            {"headers": {"Qudao-Token": token}} if number % 2 else {"params": {"token": token}}
        )
        page = (await ask(bed, "GET", "/v1/partners", **how)).json()
        assert len(page["items"]) == number + 1


@pytest.mark.parametrize("token", ["x", "partners", "other:1", "partners:" + "9" * 5_000])
async def test_a_token_that_we_did_not_give_is_malformed(bed: Bed, token: str) -> None:
    for how in ({"headers": {"Qudao-Token": token}}, {"params": {"token": token}}):
        problem(await ask(bed, "GET", "/v1/partners", **how), 422, "token-malformed")
        problem(
            await ask(bed, "GET", "/v1/settled", params={"token": token}), 422, "token-malformed"
        )


async def test_what_is_not_settled_in_time_is_said(bed: Bed) -> None:
    how = {"params": {"token": "partners:9", "timeout": "0.1"}}
    problem(await ask(bed, "GET", "/v1/settled", **how), 504, "not-settled")
    settled = (await ask(bed, "GET", "/v1/settled")).json()
    assert {"settled", "parked", "waiting", "positions"} <= settled.keys()
    assert (settled["settled"], settled["parked"], settled["waiting"]) == (True, 0, 0)


async def test_a_partners_client_is_told_its_rate_and_stopped_above_it(bed: Bed) -> None:
    token = {"Authorization": f"Bearer {bed.token(partner='p1')}"}
    limit = int(bed.house.settings.rate.partition("/")[0])
    for number in range(limit):
        answer = await bed.http.get("/v1/me", headers=token)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == f'"client";q={limit};w=60'
        assert answer.headers["RateLimit"].startswith(f'"client";r={limit - number - 1};t=')
    answer = await bed.http.get("/v1/me", headers=token)
    problem(answer, 429, "rate-exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit"].startswith('"client";r=0;t=')
    other = {"Authorization": f"Bearer {bed.token(partner='p2')}"}
    assert (await bed.http.get("/v1/me", headers=other)).status_code == 200
    ours = await ask(bed, "GET", "/v1/me")
    staff = bed.house.settings.rate_staff.partition("/")[0]
    assert ours.headers["RateLimit-Policy"] == f'"client";q={staff};w=60'
    assert ours.headers["RateLimit"].startswith(f'"client";r={int(staff) - 1};t=')


async def test_a_role_that_may_not_is_told_so_before_anything_else(bed: Bed) -> None:
    await ask(bed, "POST", "/v1/partners", json=ENROL)
    sales = {"Authorization": f"Bearer {bed.token('sales')}"}
    answer = await ask(bed, "POST", "/v1/partners/p1/level", json={"level": "x"}, headers=sales)
    problem(answer, 403, "role-insufficient")
    assert await stored(bed) == 1


async def test_forged_headers_change_nothing(bed: Bed) -> None:
    forged = {
        "X-User": "admin",
        "X-Role": "director",
        "X-Partner-Id": "p2",
        "X-Forwarded-User": "root",
        "X-Original-URL": "/v1/parked",
        "Authorization": f"Bearer {bed.token(partner='p1')}",
    }
    me = (await ask(bed, "GET", "/v1/me", headers=forged)).json()
    assert (me["role"], me["partner_id"], me["subject"]) == ("partner", "p1", "p1")


async def test_whoever_did_it_stands_in_the_fact(bed: Bed) -> None:
    await ask(bed, "POST", "/v1/partners", json=ENROL, headers={"Idempotency-Key": "once"})
    (fact,) = await bed.platform.workers["partners"].ports.store.read("partners.partner-p1")
    assert (fact.actor, fact.correlationid) == ("manager", fact.commandid)


async def test_a_command_with_a_token_waits_for_what_other_contexts_must_have_heard(
    tmp_path: Path,
) -> None:
    async with platform(tmp_path, contexts=("partners", "leads", "gateway")) as bed:
        lead = {"lead_id": "l1", "company": "示例甲公司", "source": "web"}
        await bed.post("/v1/leads", lead | {"region": "east", "industry": "i"})
        await bed.settle()
        assigned, picked = "/v1/leads/l1/assignment", {"partner_id": "p1"}
        done = await bed.post("/v1/partners", ENROL)
        early = await bed.post(assigned, picked, expect=409)
        assert early["slug"] == "partner-unknown"
        await bed.post(assigned, picked, headers={"Qudao-Token": done["token"]}, expect=200)


async def test_metrics_are_told_even_while_garbage_lies_on_a_topic(tmp_path: Path) -> None:
    async with platform(tmp_path, contexts=("partners", "leads", "gateway")) as bed:
        await bed.platform.bus.publish([Record("PartnerEnrolled", "p1", b"\xff{")])
        await bed.platform.bus.publish([Record("LeadCaptured", "p1", b"\xff{")])
        text = (await bed.http.get("/metrics")).text
        assert 'qudao_lag_facts{consumer="leads.LeadCaptured"} 1.0' in text
        await bed.platform.settle()
        text = (await bed.http.get("/metrics")).text
        assert 'qudao_parked_facts{context="leads",state="retrying"} 1.0' in text
