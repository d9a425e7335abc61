"""The one door for HTTP to where others say: https, checked addresses, no redirect, limits.

A name is resolved once, every address of it is checked, and the connection goes to one that was
checked: what the name says a moment later does not matter. Nothing of the environment (proxies,
certificates of `requests`) is listened to.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore2

from shared.adapters.outside.addresses import Allowed, parsed, public
from shared.kernel.errors import Malformed, Refused

SECONDS = 10.0  # for all of it: name, connection, request, answer
PORTS = (443, 8443)
LOOKUPS = 64  # at once, in threads of their own: a slow name server keeps nobody else waiting
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_RESOLVERS = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="resolve")


class Closed(Exception):
    """It did not get through; `reason` is a slug."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """`body`: as much as was asked for."""

    status: int
    body: bytes = b""


async def resolved(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(
        _RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`plain`: http and any port are allowed, too; together with an `allowed` that lets loopback
    pass, for tests and development.
    """

    allowed: Allowed = public
    plain: bool = False
    resolve: Resolve = resolved
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS

    async def vet(self, url: str) -> None:
        """Refused as a whole, also where only one of its addresses is not public."""
        parts = split(url)
        if parts.scheme != "https" and not self.plain:
            raise Malformed("endpoint-address-insecure", "webhooks go to https only")
        if port(parts) not in PORTS and not self.plain:
            raise Malformed("endpoint-address-malformed", "the port is 443 or 8443")
        try:
            async with asyncio.timeout(self.seconds):
                await self.addresses(str(parts.hostname), port(parts))
        except Closed as closed:
            raise Refused("endpoint-address-forbidden", FORBIDDEN[closed.reason]) from closed
        except TimeoutError as late:
            raise Refused("endpoint-address-forbidden", FORBIDDEN["name-unknown"]) from late

    async def addresses(self, host: str, at: int) -> Sequence[str]:
        try:
            found = await self.resolve(host, at)
        except (OSError, UnicodeError) as unknown:
            raise Closed("name-unknown") from unknown
        if not found or not all(self.allowed(parsed(address)) for address in found):
            raise Closed("address-forbidden")
        return found

    async def post(
        self, url: str, headers: Mapping[str, str], content: bytes, *, keep: int = 0
    ) -> Answer:
        """`keep`: so many bytes of the answer are read, and no more; else none."""
        parts = split(url)
        if not self.plain and (parts.scheme != "https" or port(parts) not in PORTS):
            raise Closed("address-insecure")
        pool = httpcore2.AsyncConnectionPool(ssl_context=self.tls, network_backend=Checked(self))
        try:
            async with asyncio.timeout(self.seconds), pool:
                return await self._posted(pool, url, headers, content, keep)
        except TimeoutError as late:
            raise Closed("timed-out") from late
        except httpcore2.TimeoutException as late:
            raise Closed("timed-out") from late
        except httpcore2.ProtocolError as malformed:
            raise Closed("answer-malformed") from malformed
        except (httpcore2.NetworkError, OSError) as failed:
            raise Closed("connection-failed") from failed

    async def _posted(
        self,
        pool: httpcore2.AsyncConnectionPool,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        keep: int,
    ) -> Answer:
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        async with pool.stream("POST", url, headers=sent, content=content) as response:
            body = b""
            if keep:
                async with aclosing(response.aiter_stream()) as chunks:
                    async for chunk in chunks:
                        body += chunk
                        if len(body) >= keep:
                            break
            return Answer(response.status, body[:keep])


FORBIDDEN = {
    "name-unknown": "its name cannot be resolved: check it",
    "address-forbidden": "it must be reachable at public addresses only",
}


@dataclass(frozen=True, slots=True)
class Checked(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were checked; the name still goes into TLS and the request."""

    door: Door
    behind: httpcore2.AnyIOBackend = field(default_factory=httpcore2.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- as the library names it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failed: Exception = httpcore2.ConnectError(host)
        for address in await self.door.addresses(host, port):
            try:
                return await self.behind.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore2.ConnectError as error:
                failed = error
        raise failed

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> Any:
        raise Closed("address-forbidden")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def split(url: str) -> SplitResult:
    """A url of a host; a user in it is somebody's trick or somebody's password."""
    try:
        parts = urlsplit(url)
        known = parts.port
    except ValueError as malformed:
        raise Malformed("endpoint-address-malformed", "a url like https://…") from malformed
    if parts.scheme not in {"http", "https"} or not parts.hostname or known == 0:
        raise Malformed("endpoint-address-malformed", "a url like https://…")
    if parts.username is not None or parts.fragment:
        raise Malformed("endpoint-address-malformed", "a url without user and fragment")
    return parts


def port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
