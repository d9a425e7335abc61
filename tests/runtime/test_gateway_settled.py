"""When all is settled, though nobody sees all at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.testing.platform import platform
from tests.runtime.door import ENROL, problem
from tests.runtime.spread import SOME, Spread, before, spread

LEAD = {"lead_id": "l1", "company": "示例甲公司", "source": "web", "region": "e", "industry": "i"}


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Spread]:
    async with spread(tmp_path) as there:
        yield there


async def idle(there: Spread) -> bool:
    workers = [worker for bed in there.beds.values() for worker in bed.platform.workers.values()]
    return all([await worker.idle() for worker in workers])


async def test_settled_means_that_nothing_is_left_to_do_in_any_process(there: Spread) -> None:
    """Whatever was just asked for; a rule makes leads go on and on through the contexts."""
    rule = {"rule_id": "east", "regions": ["e"], "weights": {"p1": 1}}
    for number in range(8):
        await there.bed.post("/v1/partners", ENROL | {"partner_id": f"p{number}"})
        if number == 2:
            await there.bed.post("/v1/lead-rules", rule)
        await there.bed.post("/v1/leads", LEAD | {"lead_id": f"l{number}"})
        told = await there.bed.get("/v1/settled")
        assert await idle(there)
        assert (told["settled"], told["parked"], told["waiting"]) == (True, 0, 0)
    lead = await there.bed.get("/v1/leads/l7")
    assert lead["partner_id"] == "p1"
    assert (await there.bed.get("/v1/notifications?recipient=partner:p1"))["items"]


async def test_settled_answers_like_a_single_process(tmp_path: Path) -> None:
    contexts = [name for group in SOME for name in group]
    async with platform(tmp_path, contexts=(*contexts, "gateway")) as up:
        await up.post("/v1/partners", ENROL)
        await up.settle()
        expected = await up.get("/v1/settled")
        shown = await up.get("/v1/settled", partner="p1")
    async with spread(tmp_path) as there:
        told = await there.bed.get("/v1/settled")
        ours = {name for name in expected["positions"] if name.startswith("gateway.")}
        assert told["positions"].keys() == expected["positions"].keys() - ours
        assert told.keys() == expected.keys()
        assert await there.bed.get("/v1/settled", partner="p1") == shown


async def test_what_does_not_settle_in_time_is_said(tmp_path: Path) -> None:
    async with spread(tmp_path, work=False) as there:
        token = (await there.bed.post("/v1/partners", ENROL))["token"]
        for how in ({}, {"token": token}):
            answer = await there.ask("GET", "/v1/settled", params={"timeout": "0.3"} | how)
            problem(answer, 504, "not-settled")
        there.work()
        for how in ({}, {"token": token}):
            answer = await there.ask("GET", "/v1/settled", params=how)
            assert answer.status_code == 200
        bad = await there.ask("GET", "/v1/settled", params={"timeout": "0"})
        problem(bad, 422, "request-malformed")


async def test_with_a_token_settled_waits_for_everybody_who_reads_its_topics(
    tmp_path: Path,
) -> None:
    async with spread(tmp_path, work=False) as there:
        there.work("partners", "orders")
        token = (await there.bed.post("/v1/partners", ENROL))["token"]
        how = {"params": {"token": token, "timeout": "1"}}
        problem(await there.ask("GET", "/v1/settled", **how), 504, "not-settled")  # type: ignore[arg-type]
        there.work("notifications")
        assert (await there.ask("GET", "/v1/settled", params={"token": token})).status_code == 200


@dataclass(slots=True)
class Told:
    """A process that tells how far it is by a script: (idle, mark), the last for ever."""

    context: str
    script: list[tuple[bool, int]]
    rounds: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
        if Request(scope).url.path == "/v1/standing":
            idle, mark = self.script[min(self.rounds, len(self.script) - 1)]
            self.rounds += 1
            one = {"idle": idle, "mark": str(mark), "parked": 0, "waiting": 0}
            told = {self.context: one | {"positions": {f"{self.context}.relay": {"store": mark}}}}
        await JSONResponse(told)(scope, receive, send)


async def rounds(folder: Path, *processes: Told) -> tuple[int, dict[str, Any]]:
    """After how many rounds it was settled, and the positions then."""
    apis = {one.context: f"http://{one.context}" for one in processes}
    by_address = {apis[one.context]: ASGITransport(one) for one in processes}
    async with before(folder, apis, connect=by_address.__getitem__) as (_, http):
        answer = (await http.get("/v1/settled")).json()
    return processes[0].rounds, answer["positions"]


async def test_a_fact_that_passes_between_two_looks_is_not_overlooked(tmp_path: Path) -> None:
    """Orders was looked at before the fact came, leads after it had gone: both were idle."""
    orders = Told("orders", [(True, 1), (True, 2)])
    leads = Told("leads", [(True, 5)])
    count, positions = await rounds(tmp_path, orders, leads)
    assert (count, positions["orders.relay"]) == (3, {"store": 2})


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ([(True, 1)], 2),
        ([(False, 1), (True, 1)], 3),
        ([(True, 1), (False, 1), (True, 1)], 4),
        ([(True, 1), (True, 2), (True, 1), (True, 3)], 5),
    ],
)
async def test_it_takes_two_rounds_in_which_nothing_moved(
    tmp_path: Path, script: list[tuple[bool, int]], count: int
) -> None:
    for still, moves in (("orders", "leads"), ("leads", "orders")):
        processes = (Told(still, [(True, 7)]), Told(moves, [*script]))
        assert (await rounds(tmp_path, *processes))[0] == count
