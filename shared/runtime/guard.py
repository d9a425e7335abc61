"""What every request passes: an id, a limit on its size, a verified token, a limit on its rate."""

from dataclasses import dataclass, field

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.ids import named
from shared.kernel.errors import Malformed, Refused
from shared.runtime.http import Caller
from shared.runtime.problems import answer
from shared.runtime.tokens import Unauthorized, Verifier

OPEN = ("/health", "/metrics", "/docs", "/openapi.json", "/v1/tokens")


@dataclass(slots=True)
class Guard:
    app: ASGIApp
    verifier: Verifier
    body_limit: int
    rate: str
    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bounded = Bounded(receive, self.body_limit)
        try:
            await self._admit(scope, Headers(scope=scope))
            await self.app(scope, bounded, Unless(send, bounded))
            if bounded.over:
                raise too_large(self.body_limit)
        except (Refused, Unauthorized) as refusal:
            await answer(refusal)(scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:20]) > self.body_limit:
            raise too_large(self.body_limit)
        if any(scope["path"].startswith(path) for path in OPEN):
            return
        caller = self.verifier.caller(headers.get("authorization"))
        scope.setdefault("state", {})["caller"] = caller
        structlog.contextvars.bind_contextvars(actor=caller.subject, role=caller.role)
        await self._within_rate(caller)

    async def _within_rate(self, caller: Caller) -> None:
        if caller.role != "partner":
            return
        item: RateLimitItem = parse(self.rate)
        if not await self._limiter.hit(item, str(named(caller.issuer, caller.subject))):
            raise Refused("rate-exceeded", f"at most {self.rate}: wait and ask again")


@dataclass(slots=True)
class Bounded:
    """A body without declared length is counted as it comes."""

    receive: Receive
    limit: int
    over: bool = False
    _read: int = 0

    async def __call__(self) -> Message:
        message = await self.receive()
        self._read += len(message.get("body", b""))
        if self._read > self.limit:
            self.over = True
            raise too_large(self.limit)
        return message


@dataclass(slots=True)
class Unless:
    """Whatever the app makes of a body that was cut off is not its answer."""

    send: Send
    bounded: Bounded

    async def __call__(self, message: Message) -> None:
        if not self.bounded.over:
            await self.send(message)


def too_large(limit: int) -> Malformed:
    return Malformed("body-too-large", f"at most {limit} bytes")
