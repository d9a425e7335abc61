"""E3, E15: the whole OpenAPI document, as each role, with what Schemathesis makes of it.

Every answer is one that the document promises: status, media type, headers and shape; none is a
500; and no answer to a partner's token names another partner or anything that is another's.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok

from shared.runtime.http import STAFF, Role
from shared.testing.platform import Bed
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials
from tests.runtime.two_partners import MINE, THEIRS, Ids, seeded

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(7_200)]
EACH = trials(2, 60)  # of each operation that follow its schema, and that break it
ROLES: tuple[Role, ...] = ("partner", *STAFF)
WAYS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
load_all_checks()
PROMISES = CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "allow_header_conformance",
    ]
)
TOKENS = ("token", "qudao-token")
"""A read that shows a token which nobody got ends there: now and then is enough."""
WHO = ("partner", "partner_id", "recipient", "order_id", "customer_id", "lead_id")


@dataclass(slots=True)
class Caller:
    """Asks as one role and notes what should not have been answered."""

    bed: Bed
    ids: Ids
    role: Role
    loop: asyncio.AbstractEventLoop
    answers: "Counter[int]" = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def partner(self) -> str | None:
        return MINE if self.role == "partner" else None

    def ask(self, case: Any, random: Random) -> None:
        self._aim(case, random)
        sent = case.as_transport_kwargs(base_url="http://qudao")
        headers = {**(sent.get("headers") or {})}
        headers["Authorization"] = f"Bearer {self.bed.token(self.role, self.partner)}"
        parts = {name: sent[name] for name in ("params", "json") if sent.get(name) is not None}
        parts |= {"content": sent["data"]} if sent.get("data") is not None else {}
        request = self.bed.http.request(sent["method"], sent["url"], headers=headers, **parts)
        self._hear(case, self.loop.run_until_complete(request))

    def _aim(self, case: Any, random: Random) -> None:
        """At things that are there, mine and theirs; a random name never meets one."""
        known = [self.ids.mine, self.ids.theirs]
        for of in (case.path_parameters, case.query, case.body):
            for name in [*of] if isinstance(of, dict) else ():
                thing = random.choice(known).get("partner_id" if name == "partner" else name)
                if thing and (of is case.path_parameters or name in WHO) and random.random() < 0.6:
                    of[name] = thing
        for of in (case.query, case.headers):
            for name in [one for one in of or () if one.lower() in TOKENS]:
                if random.random() < 0.9:
                    del of[name]

    def _hear(self, case: Any, answer: Response) -> None:
        self.answers[answer.status_code] += 1
        asked = f"{answer.request.method} {answer.request.url} {answer.request.content[:300]!r}"
        if answer.status_code == 500:
            self.failed.append(f"{asked}: {answer.text[:300]}")
        if self.partner:
            heard = answer.text + str(answer.headers)
            self.told += [f"{asked}: {one}" for one in self.ids.canaries if one in heard]
        try:
            case.validate_response(answer, checks=[*PROMISES])
        except (Failure, FailureGroup) as group:
            every = group.exceptions if isinstance(group, FailureGroup) else [group]
            self.broken += [f"{asked}: {answer.status_code} {one}" for one in every]


@contextmanager
def calling(folder: Path, role: Role) -> Iterator[Caller]:
    """Hypothesis asks synchronously, so the platform's loop only turns while it asks."""
    loop = asyncio.new_event_loop()
    hosted = seeded(folder)
    bed, ids = loop.run_until_complete(hosted.__aenter__())
    try:
        yield Caller(bed, ids, role, loop)
        loop.run_until_complete(bed.platform.settle(300))
    finally:
        loop.run_until_complete(hosted.__aexit__(None, None, None))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def operations(document: Mapping[str, Any]) -> list[Any]:
    found = schemathesis.openapi.from_dict(dict(document)).get_all_operations()
    return [one.ok() for one in found if isinstance(one, Ok)]


def cases(operation: Any, way: GenerationMode, number: int) -> list[tuple[Any, int]]:
    """Each with a number for what is random about aiming it. Making them is most of the work."""
    made: list[tuple[Any, int]] = []

    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @seed(number)
    @given(operation.as_strategy(generation_mode=way), st.integers(0, 2**32))
    def collected(case: Any, chance: int) -> None:
        made.append((case, chance))

    try:
        collected()
    except Unsatisfiable:  # it takes nothing that could be wrong
        assert way == GenerationMode.NEGATIVE
    return made


def fresh(case: Any) -> Any:
    """Who asks aims it anew."""
    body = case.body
    return case.operation.Case(
        path_parameters=deepcopy(case.path_parameters),
        headers=deepcopy(case.headers),
        cookies=deepcopy(case.cookies),
        query=deepcopy(case.query),
        body=deepcopy(body) if isinstance(body, dict | list) else body,
        media_type=case.media_type,
    )


@pytest.mark.parametrize("half", range(2))
def test_every_operation_answers_as_documented_and_tells_a_partner_nothing_of_others(
    tmp_path: Path, tally: Tally, half: int
) -> None:
    """Of every second operation: the same cases for all roles."""
    made: list[tuple[Any, int]] = []
    for role in ROLES:
        (folder := tmp_path / role).mkdir()
        with calling(folder, role) as caller:
            if not made:
                document = caller.bed.openapi()
                every = operations(document)
                assert len(every) == sum(len(methods) for methods in document["paths"].values())
                described = every[half::2]
                for number, operation in enumerate(described):
                    for way in WAYS:
                        made += cases(operation, way, number)
            for case, chance in made:
                caller.ask(fresh(case), Random(f"{chance} {role}"))
            parked = caller.loop.run_until_complete(caller.bed.platform.parked())
        judge(caller, len(described), parked, tally)


def judge(caller: Caller, described: int, parked: list[Any], tally: Tally) -> None:
    answers = caller.answers
    tally(
        f"E15 OpenAPI as {caller.role}",
        {"requests": answers.total()},
        seen={
            "operations": described,
            "of them answered": sum(n for code, n in answers.items() if code < 300),
            "of them refused": sum(n for code, n in answers.items() if 400 <= code < 500),
        },
        never={
            "500s": caller.failed,
            "undocumented answers": caller.broken,
            "words about others": caller.told,
            "parked facts": [one["error"] for one in parked],
        },
    )
    assert len({THEIRS, *caller.ids.canaries}) > 4


async def test_a_late_settling_is_documented_and_answered_so(tmp_path: Path) -> None:
    async with seeded(tmp_path) as (bed, _):
        told = bed.openapi()["paths"]["/v1/settled"]["get"]["responses"]
        late = await bed.get("/v1/settled?timeout=1e-9", expect=504)
        assert "504" in told and late["slug"] == "not-settled"
