"""Every operation of the OpenAPI document, as every role, with seeded nonsense: never a 5xx.

Bodies follow their schema just closely enough to get past it now and then, so that nonsense also
reaches the deciders; what they accept has to flow through all contexts and park nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response

from shared.runtime.http import STAFF
from tests.runtime.two_partners import MINE, THEIRS, Ids, seeded

ROUNDS = 4
CALLERS = (*((role, None) for role in STAFF), ("partner", MINE), ("partner", THEIRS))
LATE = {"not-settled", "read-behind"}
JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    7,
    1.5,
    2**63,
    10**400,
    "",
    " ",
    "x",
    "0",
    "-0.01",
    "NaN",
    "1e9",
    "1" * 60,
    "a\x00b",
    "%s{0}{x.__class__}",
    "../..",
    "\u202e𝄞",
    "0001-01-01",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30",
    "2026-02",
    "2026Q1",
    "P1D",
    "ZZZ",
    "y" * 5_000,
    [],
    {},
    [[]],
    {"amount": "1", "currency": "ZZZ"},
)
PLAIN = ("1", "2026-01-06", "2026-01", "2026-01-06T09:00:00+08:00", "A", "east", "pumps", "won")
FORMATS = {"date": "2026-01-06", "date-time": "2026-01-06T09:00:00+08:00", "duration": "PT1H"}
FITTING = {
    "currency": ("CNY", "CNY", "CNY", "USD"),
    "amount": ("1", "2.50", "100000", "600000"),
    "quantity": ("1", "3", "600"),
    "tax_rate": ("0", "0.13"),
    "rate": ("0.03", "0.05"),
    "from": ("1", "10"),
    "basis": ("collected",),
    "month": ("2026-01", "2026-02"),
    "period": ("2026-01", "2026Q1"),
    "role": ("manager", "director"),
    "on": ("OrderApproved", "LeadAssigned"),
    "recipients": ("role:finance", "partner:{partner_id}"),
    "context": ("orders", "leads"),
    "view": ("orders.orders", "leads.pipeline"),
    "uscc": ("91350100M000100Y43",),
}
RAW = (b"", b"{", b"null", b"[" * 50_000, b'{"a":NaN}', b"\xff\xfe{}", b'"\\ud800"', b"1e999")


@dataclass(slots=True)
class Nonsense:
    """Values for schemas: mostly what they ask for, now and then what nobody expects."""

    random: Random
    schemas: dict[str, Any]
    ids: Ids
    share: float = 0

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        if self.random.random() < self.share:
            return self.random.choice(JUNK)
        if reference := schema.get("$ref"):
            return self.value(self.schemas[reference.rpartition("/")[2]], name)
        if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("enum"):
            one = self.random.choice(options)
            return self.value(one, name) if isinstance(one, dict) else one
        return self.of_kind(schema, name)

    def of_kind(self, schema: dict[str, Any], name: str) -> Any:
        match schema.get("type"):
            case "object":
                needed = schema.get("required", ())
                given = schema.get("properties", {}).items()
                some = {n: s for n, s in given if n in needed or self.random.random() < 0.5}
                return {n: self.value(one, n) for n, one in some.items()} or {MINE: 1}
            case "array":
                return [self.value(schema.get("items", {}), name) for _ in range(self.count())]
            case "integer" | "number":
                return self.random.choice((1, 1, 2, 3, 8))
            case "boolean":
                return self.random.random() < 0.5
            case "null":
                return None
            case _:
                return FORMATS.get(schema.get("format", ""), self.text(name))

    def text(self, name: str) -> str:
        if name in FITTING:
            return self.random.choice(FITTING[name])
        known = [of[name] for of in (self.ids.mine, self.ids.theirs) if name in of]
        return self.random.choice((*known, *known, MINE, *PLAIN))

    def count(self) -> int:
        return self.random.choice((0, 1, 1, 2, 3))

    def part(self, name: str) -> str:
        """One part of a path: an id that there is, one that there is not, or nonsense."""
        known = self.text(name)
        strange = str(self.random.choice(JUNK))[:200] or "-"
        return known if self.random.random() < 0.7 else strange


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    described: dict[str, Any]

    def request(self, nonsense: Nonsense) -> dict[str, Any]:
        path, params = self.path, {"timeout": "0.2"}
        for parameter in self.described.get("parameters", []):
            name = parameter["name"]
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", quote(nonsense.part(name), safe=""))
            elif parameter["in"] == "query" and nonsense.random.random() < asked(name):
                params[name] = nonsense.part(name)
        return {"method": self.method, "url": path, "params": params, **self.body(nonsense)}

    def body(self, nonsense: Nonsense) -> dict[str, Any]:
        described = self.described.get("requestBody", {}).get("content", {})
        if not described or nonsense.random.random() < 0.08:
            return {"content": nonsense.random.choice(RAW), "headers": {}} if described else {}
        if "application/json" not in described:  # a file
            return {"content": nonsense.random.choice((b'"%PDF-"', *RAW)), "headers": {}}
        nonsense.share = nonsense.random.choice((0, 0, 0.03, 0.12))
        value = nonsense.value(described["application/json"]["schema"])
        return {"content": json.dumps(value).encode(), "headers": {}}


def asked(name: str) -> float:
    """A read that shows a token we never got ends there."""
    return 0.05 if name == "token" else 0.6


def operations(document: dict[str, Any]) -> list[Operation]:
    return [
        Operation(method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def wrong(answer: Response) -> bool:
    kind = answer.headers.get("content-type", "")
    if answer.status_code < 400:
        return False
    if kind != "application/problem+json":
        return True
    told = answer.json()
    typed = told["status"] == answer.status_code and {"zh", "en"} <= told["titles"].keys()
    return not typed or (answer.status_code >= 500 and told["slug"] not in LATE)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_nonsense_is_answered_with_a_problem(tmp_path: Path, seed: int) -> None:
    async with seeded(tmp_path) as (bed, ids):
        document = (await bed.http.get("/openapi.json")).json()
        nonsense = Nonsense(Random(seed), document["components"]["schemas"], ids)
        found: list[tuple[Any, ...]] = []
        accepted = 0
        for turn in range(ROUNDS):
            for operation in operations(document):
                for number, (role, partner) in enumerate(CALLERS):
                    request = operation.request(nonsense)
                    headers = {
                        "Authorization": f"Bearer {bed.token(role, partner)}",
                        "Idempotency-Key": f"{operation.path}-{turn}-{number}",
                        "Content-Type": "application/json",
                    }
                    answer = await bed.http.request(**{**request, "headers": headers})
                    accepted += answer.is_success
                    if wrong(answer):
                        found.append((request, role, answer.status_code, answer.text[:300]))
        assert found == []
        assert accepted > len(CALLERS) * ROUNDS
        await bed.platform.settle(120)
        assert [one["error"] for one in await bed.platform.parked()] == []
