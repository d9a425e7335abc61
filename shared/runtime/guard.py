"""What every request passes: a limit on its size, a verified token, a limit on its rate.

The body is read here, up to its limit, so that nothing behind has to expect more, or other JSON
than every reader understands alike.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import Malformed, Refused
from shared.kernel.schema import strictly
from shared.runtime.problems import answer
from shared.runtime.rate import Rate
from shared.runtime.tokens import Unauthorized, Verifier

OPEN = ("/health", "/metrics", "/docs", "/openapi.json", "/asyncapi.json", "/v1/tokens")


FILES = re.compile(r"/v1/mdf/requests/[^/]+/evidence")
"""Paths that take a file: it may be larger than any JSON."""

HEARD_OUT = 64 << 20


class Gone(Exception):
    """The client hung up: nobody is there to be answered."""


@dataclass(slots=True)
class Guard:
    app: ASGIApp
    verifier: Verifier
    body_limit: int
    file_limit: int
    rate: Rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, told = Headers(scope=scope), Told(send)
        try:
            self._admit(scope, headers, told)
            body = await self._read(receive, self._limit(scope))
            _well_formed(headers, body)
        except (Refused, Unauthorized) as refusal:
            await answer(refusal)(scope, receive, told)
        except Gone:
            return
        else:
            await self.app(scope, Replayed(body, receive), told)

    def _admit(self, scope: Scope, headers: Headers, told: "Told") -> None:
        if scope["path"] == "/" or scope["path"].startswith(OPEN):
            return
        caller = self.verifier.caller(headers.get("authorization"))
        scope.setdefault("state", {})["caller"] = caller
        structlog.contextvars.bind_contextvars(actor=caller.subject, role=caller.role)
        counted = self.rate.count(caller)
        told.headers |= counted.headers
        if limit := counted.exceeded:
            raise Refused("rate-exceeded", f"at most {limit.text}: wait and ask again")

    def _limit(self, scope: Scope) -> int:
        return self.file_limit if FILES.fullmatch(scope["path"]) else self.body_limit

    async def _read(self, receive: Receive, limit: int) -> bytes:
        """The body, up to its limit. What is beyond is thrown away, up to a bound of its own, so
        that a client which is still sending hears why it is refused.
        """
        body, read = b"", 0
        async for part in _parts(receive):
            read += len(part)
            if read <= limit:
                body += part
            elif read > limit + HEARD_OUT:
                break
        if read > limit:
            raise too_large(limit)
        return body


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


@dataclass(slots=True)
class Told:
    """Adds its headers to the answer, whoever gives it."""

    send: Send
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(self.headers)
        await self.send(message)


@dataclass(slots=True)
class Replayed:
    """The body that was read, once, and then what the client does."""

    body: bytes
    receive: Receive
    _done: bool = False

    async def __call__(self) -> Message:
        if self._done:
            return await self.receive()
        self._done = True
        return {"type": "http.request", "body": self.body, "more_body": False}


def _well_formed(headers: Headers, body: bytes) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind.endswith(("/json", "+json")):
        try:
            strictly(body)
        except ValueError as error:
            raise Malformed("request-malformed", str(error)) from None


def too_large(limit: int) -> Malformed:
    return Malformed("body-too-large", f"at most {limit} bytes")
