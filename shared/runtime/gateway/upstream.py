"""A process that hosts contexts: the connections to it, and what it means when it is silent."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from httpx2 import (
    URL,
    AsyncBaseTransport,
    AsyncHTTPTransport,
    ConnectError,
    ConnectTimeout,
    InvalidURL,
    Limits,
    LocalProtocolError,
    PoolTimeout,
    Request,
    Response,
    Timeout,
    TransportError,
)

from shared.kernel.errors import Malformed
from shared.runtime.openapi import Document

T = TypeVar("T")
ANSWER = 30.0  # seconds until an answer begins
KNOCK = Timeout(ANSWER, connect=1.0, pool=5.0)
# Connections are left before the other side leaves them, which uvicorn does after 5 s.
LIMITS = Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=4)
Headers = Sequence[tuple[bytes, bytes]]
UNASKED = "nothing was asked: ask again"
UNSURE = "whether it was done is not known: ask again with the same Idempotency-Key"


class Unavailable(Exception):
    """These contexts cannot be asked for now, or did not answer."""

    def __init__(self, contexts: Sequence[str], detail: str = UNASKED) -> None:
        super().__init__(f"{', '.join(contexts)}: {detail}")
        self.contexts, self.detail = tuple(contexts), detail


@dataclass(slots=True)
class Upstream:
    """`document` is its OpenAPI, once it has told, and `stale` when it may tell another one.

    `lost`: the last that was asked of it was not answered.
    """

    address: str
    contexts: tuple[str, ...]
    transport: AsyncBaseTransport
    document: Document | None = None
    stale: bool = True
    lost: bool = False

    async def ask(
        self,
        method: str,
        target: bytes,
        headers: Headers = (),
        content: bytes = b"",
        patience: float = ANSWER,
    ) -> Response:
        """Once, but for connecting. `target` is path and query, byte for byte."""
        request = self._request(method, target, headers, content)
        request.extensions["timeout"] = KNOCK.as_dict() | {"read": patience}
        try:
            answer = await self._sent(request)
        except Unavailable:
            self.lost = self.stale = True
            raise
        self.lost = False
        return answer

    async def _sent(self, request: Request) -> Response:
        try:
            return await self.transport.handle_async_request(request)
        except LocalProtocolError as error:
            raise Malformed("request-malformed", str(error)) from error
        except (ConnectError, ConnectTimeout, PoolTimeout) as error:
            raise Unavailable(self.contexts) from error
        except TransportError as error:
            raise Unavailable(self.contexts, UNSURE) from error

    def _request(self, method: str, target: bytes, headers: Headers, content: bytes) -> Request:
        try:
            url = URL(self.address).copy_with(raw_path=target)
        except InvalidURL as error:
            raise Malformed("request-malformed", str(error)) from error
        exact = {"target": target}  # a URL would be without its dots
        return Request(method, url, headers=[*headers], content=content, extensions=exact)


def hosted(one: Upstream, found: Mapping[str, T]) -> dict[str, T]:
    """What it tells of the contexts that it is asked for."""
    if away := [context for context in one.contexts if context not in found]:
        raise Unavailable(away, "it is not where QUDAO_APIS says")
    return {context: found[context] for context in one.contexts}


async def together(asked: Iterable[Awaitable[T]]) -> list[T]:
    """All answers; or, once everybody is done, what the first failed with."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return [one for one in found if not isinstance(one, BaseException)]


def connected(address: str) -> AsyncBaseTransport:
    """A pool of its own, so that a slow context takes no connection from another."""
    return AsyncHTTPTransport(limits=LIMITS, retries=1)


def upstreams(
    apis: Mapping[str, str], connect: Callable[[str], AsyncBaseTransport] = connected
) -> list[Upstream]:
    """One for each address, in the order of the contexts."""
    places = dict.fromkeys(apis.values())
    return [
        Upstream(
            address, tuple(name for name, at in apis.items() if at == address), connect(address)
        )
        for address in places
    ]
