"""X-07: a partner's token sees its own and nothing else, in every operation of the API.

The operations come from the OpenAPI document. One that the table does not know fails the test:
whoever adds a route says here how a partner meets it.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from shared.runtime.http import Caller
from shared.runtime.tokens import LOCAL
from shared.testing.platform import Bed
from tests.runtime.operations import LIST, OBJECT, TABLE, Kind, Row
from tests.runtime.two_partners import MINE, MISSING, THEIRS, Ids, order, request, seeded

NAMED = {"POST /v1/orders": order, "POST /v1/mdf/requests": request}
TAKEN = {"POST /v1/orders": ["order_id"], "POST /v1/mdf/requests": ["request_id"]}
LOOSE = ("partner", "partner_id", "recipient", "customer_id", "subject")
"""Query parameters that may name somebody."""


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Bed, Ids]]:
    async with seeded(tmp_path) as (bed, ids):
        yield bed, ids


@dataclass(slots=True)
class Probe:
    """Asks as my partner, and remembers what must not have been said."""

    bed: Bed
    ids: Ids
    said: list[str] = field(default_factory=list)
    _keys: "count[int]" = field(default_factory=count)

    async def ask(self, operation: str, row: Row, ids: dict[str, str], **how: Any) -> Response:
        method, _, path = operation.partition(" ")
        known = {"programme_id": "growth", "proposal": "1", "rule_id": "east"}
        known |= {
            "template_id": "fair",
            "delegation_id": "leave",
            "stream": f"orders.order-{ids['order_id']}",
            "person_id": ids["account_id"],
        }
        headers = {"Authorization": f"Bearer {self.bed.token(partner=MINE)}"}
        if method != "GET":
            headers["Idempotency-Key"] = f"probe-{next(self._keys)}"
            how |= {"content": row.content} if row.content else {}
            if "content" not in how:
                how.setdefault("json", row.filled({**known, **ids}))
        how["params"] = {**row.query, **how.get("params", {})}
        answer = await self.bed.http.request(
            method, path.format(**known | ids), headers=headers, **how
        )
        self._listen(operation, answer)
        return answer

    def _listen(self, operation: str, answer: Response) -> None:
        heard = answer.text + str(answer.headers)
        for canary in self.ids.canaries:
            if canary in heard:
                self.said.append(f"{operation} says {canary}")
        if answer.status_code >= 500:
            self.said.append(f"{operation} answers {answer.status_code}")

    async def alike(self, operation: str, row: Row, status: int, *asked: dict[str, Any]) -> None:
        """Whoever is named, the answer is the same, byte by byte."""
        heard = []
        for one in asked:
            ids = {**self.ids.mine, **one.get("ids", {})}
            answer = await self.ask(operation, row, ids, params=one.get("params", {}))
            heard.append((answer.status_code, answer.content, plain(answer)))
        if {code for code, _, _ in heard} != {status}:
            self.said.append(f"{operation} answers {[code for code, _, _ in heard]}")
        if any(one != heard[0] for one in heard):
            self.said.append(f"{operation} tells foreign from missing: {heard}")


def plain(answer: Response) -> list[tuple[str, str]]:
    """Without what counts requests."""
    return [(k, v) for k, v in answer.headers.items() if not k.startswith("ratelimit")]


def operations(document: dict[str, Any]) -> set[str]:
    paths = document["paths"]
    return {f"{method.upper()} {path}" for path in paths for method in paths[path]}


def of(kind: Kind) -> Iterable[tuple[str, Row]]:
    return [(operation, row) for operation, row in TABLE.items() if row.kind == kind]


def unknown(document: dict[str, Any]) -> set[str]:
    return operations(document) ^ TABLE.keys()


async def test_the_table_knows_every_operation_and_no_other(both: tuple[Bed, Ids]) -> None:
    bed, _ = both
    assert unknown(bed.openapi()) == set()
    planted = {**bed.openapi(), "paths": {**bed.openapi()["paths"], "/v1/secrets": {"get": {}}}}
    assert unknown(planted) == {"GET /v1/secrets"}


async def test_lists_hold_my_own_whatever_is_asked_for(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    for operation, row in of("own-list"):
        parameters = bed.openapi()["paths"][operation.partition(" ")[2]]["get"]["parameters"]
        names = {one["name"] for one in parameters if one["in"] == "query"}
        mine = await probe.ask(operation, row, ids.mine)
        items = mine.json()["items"]
        assert items, operation
        assert {one["partner_id"] for one in items} == {MINE}, operation
        for name in names & {*LOOSE}:
            for value in (THEIRS, MISSING, f"partner:{THEIRS}", ids.theirs["customer_id"]):
                answer = await probe.ask(operation, row, ids.mine, params={name: value})
                assert answer.json().get("items", []) == [], (operation, name, value)
    assert probe.said == []


async def test_what_is_foreign_answers_as_what_never_was(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    before = await stored(bed)
    for operation, row in (*of("own-object"), *of("own-command")):
        theirs, missing = {"ids": ids.theirs}, {"ids": ids.missing}
        if "{" not in operation:
            theirs |= {"params": {"partner": THEIRS}}
            missing |= {"params": {"partner": MISSING}}
        await probe.alike(operation, row, 404, theirs, missing)
    assert probe.said == []
    assert await stored(bed) == before


async def test_what_is_mine_answers(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    for operation, row in (*of("own-object"), *of("own-command"), *of("shared")):
        params = {} if "{" in operation or row.kind == "shared" else {"partner": MINE}
        answer = await probe.ask(operation, row, ids.mine, params=params)
        allowed = {200, 201, 409} if row.kind == "own-command" else {200}
        assert answer.status_code in allowed, (operation, answer.text)
    assert probe.said == []


async def test_who_else_was_offered_my_lead_is_not_told(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    for operation in ("GET /v1/leads/{lead_id}", "GET /v1/leads/{lead_id}/explanation"):
        answer = await probe.ask(operation, OBJECT, {**ids.mine, "lead_id": "lead-3"})
        assert answer.status_code == 200
        assert MINE in answer.text
    assert probe.said == []


async def test_a_partner_orders_for_itself_only(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    for operation, row in of("own-body"):
        before = await stored(bed)
        named = partial(naming, operation, row, ids)
        bodies = [named(partner, "new-9") for partner in (THEIRS, MISSING)]
        theirs, missing = [await probe.ask(operation, row, ids.mine, json=one) for one in bodies]
        assert (theirs.status_code, theirs.content) == (missing.status_code, missing.content)
        assert theirs.status_code == 403
        assert await stored(bed) == before
        mine = await probe.ask(operation, row, ids.mine, json=named(MINE, "new-9"))
        assert mine.status_code == 201
        for name in TAKEN.get(operation, ()):
            taken = named(MINE, ids.theirs[name])
            path = operation.partition(" ")[2]
            answer = await bed.call("POST", path, json=taken, partner=MINE, expect=409)
            assert {THEIRS, *REVEALING} & {*str(answer).split()} == set()
    assert probe.said == []


def naming(operation: str, row: Row, ids: Ids, partner: str, id_: str) -> dict[str, Any]:
    if operation in NAMED:
        return NAMED[operation](partner, id_)
    return row.filled(ids.mine) | {"partner_id": partner}


REVEALING = ("sku-canary-b", "100000", "100000.00")


async def test_what_is_forbidden_is_so_whoever_is_named(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    before = await stored(bed)
    for operation, row in of("forbidden"):
        named = [{"ids": one} for one in (ids.mine, ids.theirs, ids.missing)]
        await probe.alike(operation, row, 403, *named)
    assert probe.said == []
    assert await stored(bed) == before


async def test_a_key_of_another_partner_is_another_key(both: tuple[Bed, Ids]) -> None:
    """Both have the same user name and the same idea of a key: each gets its own answer."""
    bed, _ = both
    for partner in (THEIRS, MINE):
        caller = Caller(issuer=LOCAL, subject="pat", role="partner", partner_id=partner)
        told = {"Authorization": f"Bearer {bed.house.issuer.token(caller)}"}
        body = order(partner, f"same-{partner}")
        answer = await bed.post("/v1/orders", body, headers=told, key="same", expect=201)
        assert answer["order_id"] == f"same-{partner}"


async def test_a_cursor_of_another_partner_opens_nothing(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    probe = Probe(bed, ids)
    for path in ("/v1/orders", "/v1/notifications"):
        cursor = (await bed.get(path, params={"limit": 1}, partner=THEIRS))["cursor"]
        answer = await probe.ask(f"GET {path}", LIST, ids.mine, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["slug"]) == (422, "cursor-malformed")
    assert probe.said == []


async def test_what_is_open_says_nothing_of_anybody(both: tuple[Bed, Ids]) -> None:
    bed, ids = both
    for operation, _ in of("open"):
        method, _, path = operation.partition(" ")
        answer = await bed.http.request(method, path, json={} if method == "POST" else None)
        assert not [one for one in {MINE, *ids.canaries} if one in answer.text], operation


async def stored(bed: Bed) -> dict[str, int]:
    workers = bed.platform.workers.items()
    return {name: await worker.ports.store.end() for name, worker in workers}
