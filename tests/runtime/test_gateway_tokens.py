"""Who wrote in one process reads in another what followed from it."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from httpx2 import ConnectError

from shared.runtime.http import Role
from shared.testing.platform import platform
from tests.runtime.door import ENROL, problem
from tests.runtime.spread import Line, Spread, spread

APART = (("partners",), ("leads",), ("orders",))
LEAD = {"source": "web", "region": "east", "industry": "i"}


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Spread]:
    async with spread(tmp_path, APART) as there:
        yield there


def asked(line: Line, path: str) -> list[tuple[str | None, list[str]]]:
    """The tokens with which a path was asked for: in the header, and in the query."""
    return [
        (one.headers.get("qudao-token"), parse_qs(one.url.query.decode()).get("token", []))
        for one in line.heard
        if one.url.path == path
    ]


async def test_a_command_elsewhere_waits_for_what_its_context_must_have_heard(
    there: Spread,
) -> None:
    """As often as it is tried; without the token the partner may not be known yet."""
    for number in range(12):
        body = LEAD | {"lead_id": f"l{number}", "company": f"示例{number}号"}
        await there.bed.post("/v1/leads", body)
    await there.bed.get("/v1/settled")
    for number in range(12):
        partner, lead = f"p{number}", f"l{number}"
        done = await there.bed.post("/v1/partners", ENROL | {"partner_id": partner})
        how: dict[str, Any] = (
            {"headers": {"Qudao-Token": done["token"]}}
            if number % 2
            else {"params": {"token": done["token"]}}
        )
        path = f"/v1/leads/{lead}/assignment"
        await there.bed.post(path, {"partner_id": partner}, expect=200, **how)


async def test_a_token_goes_to_its_own_context_and_to_no_other(there: Spread) -> None:
    token = (await there.bed.post("/v1/partners", ENROL))["token"]
    for how in ({"headers": {"Qudao-Token": token}}, {"params": {"token": token, "limit": 7}}):
        for path in ("/v1/partners", "/v1/leads"):
            page = await there.ask("GET", path, **how)  # type: ignore[arg-type]
            assert page.status_code == 200
    assert asked(there.lines["partners"], "/v1/partners")[1:] == [(token, []), (None, [token])]
    assert asked(there.lines["leads"], "/v1/leads") == [(None, []), (None, [])]
    assert there.lines["leads"].heard[-1].url.query == b"limit=7"


async def test_a_partner_reads_what_it_wrote_as_well(there: Spread) -> None:
    token = (await there.bed.post("/v1/partners", ENROL))["token"]
    page = await there.ask("GET", "/v1/orders", partner="p1", headers={"Qudao-Token": token})
    assert (page.status_code, page.json()["items"]) == (200, [])


async def test_a_token_that_nobody_gave_is_malformed_everywhere(there: Spread) -> None:
    paths = ("/v1/partners", "/v1/leads", "/v1/me", "/v1/parked", "/v1/settled")
    tokens = ("x", "partners", "other:1", "gateway:1", "partners:1x", f"partners:{'9' * 5_000}")
    for token, path in product(tokens, paths):
        problem(await there.ask("GET", path, params={"token": token}), 422, "token-malformed")
        if "settled" not in path:
            told = {"Qudao-Token": token}
            problem(await there.ask("GET", path, headers=told), 422, "token-malformed")


@pytest.mark.slow
async def test_a_read_that_cannot_be_as_new_as_its_token_says_so(tmp_path: Path) -> None:
    """Nobody works at leads; then nobody at partners."""
    async with spread(tmp_path, APART, work=False) as there:
        there.work("partners")
        token = {"Qudao-Token": (await there.bed.post("/v1/partners", ENROL))["token"]}
        problem(await there.ask("GET", "/v1/leads", headers=token), 503, "read-behind")
        assert (await there.ask("GET", "/v1/partners", headers=token)).status_code == 200
        there.work("leads")
        assert (await there.ask("GET", "/v1/leads", headers=token)).status_code == 200
        token = {"Qudao-Token": "partners:99"}
        problem(await there.ask("GET", "/v1/leads", headers=token), 503, "read-behind")


async def test_whose_token_it_is_must_be_there_to_be_asked(there: Spread) -> None:
    token = {"Qudao-Token": (await there.bed.post("/v1/partners", ENROL))["token"]}
    there.lines["partners"].cut = ConnectError("planted")
    gone = await there.ask("GET", "/v1/leads", headers=token)
    problem(gone, 503, "context-unavailable")
    assert gone.json()["contexts"] == ["partners"]
    assert (await there.ask("GET", "/v1/leads")).status_code == 200


async def test_how_far_a_process_is_is_told_behind_the_gateway_only(tmp_path: Path) -> None:
    async with platform(tmp_path, contexts=("partners", "leads", "gateway")) as up:
        told = {"Authorization": f"Bearer {up.token()}"}
        problem(await up.http.get("/v1/standing", headers=told), 404, "not-found")
    async with spread(tmp_path, APART, work=False) as there:
        problem(await there.ask("GET", "/v1/standing"), 404, "not-found")
        problem(await there.ask("GET", "/v1/standing/passed"), 404, "not-found")


@pytest.mark.parametrize("role", ["partner", "sales"])
async def test_how_far_a_process_is_tells_a_partner_no_names_and_no_numbers(
    there: Spread, role: Role
) -> None:
    await there.bed.post("/v1/partners", ENROL)
    bed = there.beds["partners"]
    told = {"Authorization": f"Bearer {bed.token(role, 'p2' if role == 'partner' else None)}"}
    (standing,) = (await bed.http.get("/v1/standing", headers=told)).json().values()
    assert standing.keys() == {"idle", "mark", "parked", "waiting", "positions"}
    assert bool(standing["positions"]) == (role != "partner")
    problem(await bed.http.get("/v1/standing"), 401, "token-invalid")
    problem(await bed.http.get("/v1/standing/passed"), 401, "token-invalid")
