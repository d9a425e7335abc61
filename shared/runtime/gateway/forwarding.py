"""A request on its way to a context, and the answer on its way back."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.runtime.gateway.upstream import Headers

# What is not named here stays at the gateway: whatever a client invents reaches no context.
PASSED = frozenset(
    b"accept accept-language authorization content-type idempotency-key if-match if-none-match"
    b" qudao-token traceparent tracestate".split()
)
TOKEN = b"qudao-token"
HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade".split()
)
OURS = frozenset((b"date", b"server"))  # the gateway's server says its own
WHO = frozenset((b"authorization", b"traceparent", b"tracestate"))


@dataclass(frozen=True, slots=True)
class Sent:
    """What a context is asked."""

    method: str
    target: bytes
    headers: Headers
    content: bytes


async def sent(request: Request, *, with_token: bool) -> Sent:
    scope, names = request.scope, PASSED if with_token else PASSED - {TOKEN}
    query = scope["query_string"] if with_token else without_token(scope["query_string"])
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    return Sent(
        method=request.method,
        target=path + b"?" + query if query else path,
        headers=chosen(request, names),
        content=await request.body(),
    )


def chosen(request: Request, names: Iterable[bytes] = WHO) -> Headers:
    return [(name, value) for name, value in request.headers.raw if name in names]


def shown(request: Request) -> str | None:
    """The token to read back what was written, as a context would find it."""
    return request.headers.get("qudao-token") or request.query_params.get("token") or None


def without_token(query: bytes) -> bytes:
    parts = query.split(b"&")
    return b"&".join(p for p in parts if unquote_plus(p.partition(b"=")[0].decode()) != "token")


class Passed(Response):
    """An answer as it comes, with what belongs to this hop left out."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__(status_code=answer.status_code)
        named = answer.headers.get("connection", "").lower().encode().replace(b" ", b"")
        dropped = HOP | OURS | {*named.split(b",")}
        raw = ((name.lower(), value) for name, value in answer.headers.raw)
        self.raw_headers = [(name, value) for name, value in raw if name not in dropped]
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        try:
            await send({"type": "http.response.start", **start})
            async for part in _parts(self.answer):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self.answer.aclose()


async def _parts(answer: httpx2.Response) -> AsyncIterator[bytes]:
    if answer.is_stream_consumed:
        yield answer.content
        return
    async for part in answer.aiter_raw():
        yield part
