"""What the gateway passes on, and what it keeps: to a context that answers with what it heard."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tests.runtime.door import problem
from tests.runtime.spread import DOCUMENT, before

ODD = [
    (b"Etag", b'"7"'),
    (b"retry-after", b"3"),
    (b"idempotent-replayed", b"true"),
    (b"x-two", b"1"),
    (b"x-two", b"2"),
    (b"connection", b"close, X-Mine"),
    (b"x-mine", b"of this hop"),
    (b"keep-alive", b"timeout=5"),
    (b"date", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    (b"server", b"inner"),
]


@dataclass(slots=True)
class Echo:
    """An app that answers 299 with what it was asked, and with odd headers."""

    heard: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.url.path == "/openapi.json":
            await told(send, 200, [], json.dumps(DOCUMENT).encode())
            return
        heard = {
            "method": request.method,
            "target": f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}",
            "headers": [[k.decode(), v.decode("latin-1")] for k, v in request.headers.raw],
            "body": (await request.body()).decode(),
        }
        self.heard.append(heard)
        await told(send, 299, ODD, json.dumps(heard).encode())


async def told(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass(slots=True)
class Asked:
    echo: Echo
    http: AsyncClient
    bearer: str

    async def __call__(self, method: str, path: str, **how: Any) -> Response:
        headers = [("Authorization", self.bearer), *how.pop("headers", [])]
        return await self.http.request(method, path, headers=headers, **how)


@pytest.fixture
async def ask(tmp_path: Path) -> AsyncIterator[Asked]:
    echo = Echo()

    def connect(_: str) -> ASGITransport:
        return ASGITransport(echo)

    async with before(tmp_path, {"orders": "http://orders"}, connect=connect) as (_, http):
        yield Asked(echo, http, http.headers.pop("Authorization"))


def named(heard: dict[str, Any], *names: str) -> list[str]:
    return [value for name, value in heard["headers"] if name in names]


async def test_method_path_query_and_body_arrive_byte_for_byte(ask: Asked) -> None:
    query = "a=1&a=2&b=%E5%90%8D&c=a+b%2B&d&=&e=%zz&token=&f="
    answer = await ask("GET", f"/v1/echo/%E6%B8%A0%20x%25?{query}")
    assert answer.json()["target"] == f"/v1/echo/%E6%B8%A0%20x%25?{query}"
    body = '{"name": "渠道",\n  "n": 1.0}'
    answer = await ask("POST", "/v1/echo", content=body.encode())
    assert (answer.json()["method"], answer.json()["body"]) == ("POST", body)
    assert named(answer.json(), "content-length") == [str(len(body.encode()))]
    answer = await ask("POST", "/v1/echo")
    assert (answer.json()["body"], named(answer.json(), "content-length")) == ("", ["0"])


async def test_headers_that_matter_arrive_and_no_other(ask: Asked) -> None:
    kept = [
        ("Idempotency-Key", "k 1"),
        ("If-Match", '"3"'),
        ("If-None-Match", '"4"'),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Accept", "application/json"),
        ("Accept-Language", "zh-CN, en;q=0.5"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", "a=1"),
        ("Qudao-Token", "orders:7"),
    ]
    lost = [
        ("X-Forwarded-For", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1"),
        ("X-Role", "director"),
        ("X-Partner-Id", "p2"),
        ("X-Original-URL", "/v1/standing"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Cookie", "a=b"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
        ("Proxy-Authorization", "Basic eDp5"),
        ("Connection", "keep-alive, Idempotency-Key"),
        ("Expect", "100-continue"),
    ]
    heard = (await ask("POST", "/v1/echo", headers=kept + lost, content=b"{}")).json()
    wanted = [[name.lower(), value] for name, value in [*kept, ("Authorization", ask.bearer)]]
    ours = [one for one in heard["headers"] if one[0] not in ("host", "content-length")]
    assert sorted(ours) == sorted(wanted)
    assert named(heard, "host") == ["orders"]


async def test_a_header_twice_or_in_odd_bytes_is_the_contexts_to_judge(ask: Asked) -> None:
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    heard = (await ask("POST", "/v1/echo", headers=twice)).json()
    assert named(heard, "idempotency-key") == ["a", "b"]
    odd = [(b"Idempotency-Key", "schlüssel".encode("latin-1"))]
    headers = [(b"Authorization", ask.bearer.encode()), *odd]
    heard = (await ask.http.post("/v1/echo", headers=headers)).json()
    assert named(heard, "idempotency-key") == ["schlüssel"]


async def test_an_answer_comes_back_unchanged_but_for_what_is_of_the_hop(ask: Asked) -> None:
    answer = await ask("GET", "/v1/echo")
    assert answer.status_code == 299
    raw = [(k.lower(), v) for k, v in answer.headers.raw]
    assert [one for one in raw if not one[0].startswith(b"ratelimit")] == [  # the gateway's own
        (b"etag", b'"7"'),
        (b"retry-after", b"3"),
        (b"idempotent-replayed", b"true"),
        (b"x-two", b"1"),
        (b"x-two", b"2"),
    ]


async def test_what_the_guard_refuses_reaches_no_context(ask: Asked) -> None:
    problem(await ask.http.get("/v1/echo"), 401, "token-invalid")
    large = b"x" * ((1 << 20) + 1)
    problem(await ask("POST", "/v1/echo", content=large), 413, "body-too-large")
    nan = {"headers": [("Content-Type", "application/json")], "content": b'{"a": NaN}'}
    problem(await ask("POST", "/v1/echo", **nan), 422, "request-malformed")
    assert ask.echo.heard == []
    exactly = await ask("POST", "/v1/echo", content=large[:-1])
    assert len(exactly.json()["body"]) == 1 << 20


async def test_no_way_leads_to_what_is_not_in_the_document(ask: Asked) -> None:
    for path in (
        "/v1/standing",
        "/v1/standing/passed?token=orders:1&within=1",
        "/v1/echo/%2e%2e/standing",
        "/v1/echo/..%2fstanding",
        "/v1//standing",
        "//v1/standing",
        "/V1/standing",
        "/v1/echo/../standing",
    ):
        answer = await ask("GET", path)
        assert answer.status_code in (404, 307), path
    problem(await ask("POST", "/v1/standing/reached?within=1", json={}), 404, "not-found")
    assert ask.echo.heard == []
