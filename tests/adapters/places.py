"""Places outside, on loopback: an HTTP server in a mood, and a mail server in one."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.testing.contracts.carrier import Mood

REASONS = {200: "OK", 302: "Found", 410: "Gone", 500: "Oops"}


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class HttpPlace:
    """`answers`: (status, body) when it takes; `key`: the address that a robot has."""

    mood: Mood = "takes"
    answer: tuple[int, bytes] = (200, b"")
    refusal: tuple[int, bytes] = (500, b"no")
    key: str = ""
    path: str = "/hook"
    scheme: str = "http"
    host: str = "127.0.0.1"
    secret: Mapping[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    location: str = ""
    _left: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def arrived(self) -> list[str]:
        return [json.dumps(json.loads(r.body), ensure_ascii=False) for r in self.requests]

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._left or int(self._server.sockets[0].getsockname()[1])

    @property
    def base(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def address(self) -> Mapping[str, str]:
        return {"address": self.key or f"{self.base}{self.path}", **self.secret}

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.scheme = "https" if tls else "http"

    async def leave(self) -> None:
        self._left = self.port
        await self.stop()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in [*self._open]:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            request = await read(reader)
            await self._answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # who came has left
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        match self.mood:
            case "takes":
                self.requests.append(request)
                writer.write(answered(*self.answer, self.location))
            case "refuses":
                writer.write(answered(*self.refusal))
            case "babbles":
                writer.write(b"SMTP? no. \x00\xff\r\n\r\n")
            case "hangs":
                await asyncio.sleep(60)
            case "hangs up":
                pass
            case "floods":
                self.requests.append(request)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
                while True:
                    writer.write(b"x" * 65_536)
                    await writer.drain()
        await writer.drain()


def answered(status: int, body: bytes, location: str = "") -> bytes:
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'X')}\r\ncontent-length: {len(body)}\r\n"
    moved = f"location: {location}\r\n" if location else ""
    return f"{head}{moved}connection: close\r\n\r\n".encode() + body


async def read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split(" ")[1], headers, body)


@asynccontextmanager
async def http_place(
    place: HttpPlace | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpPlace]:
    place = place or HttpPlace()
    await place.start(tls)
    try:
        yield place
    finally:
        await place.stop()


@dataclass(slots=True)
class MailPlace:
    """A mail server. `refused`: what it says to a recipient when it refuses."""

    mood: Mood = "takes"
    refused: str = "550 no such mailbox"
    letters: list[bytes] = field(default_factory=list)
    _server: asyncio.Server | None = None
    port: int = 0

    @property
    def arrived(self) -> list[str]:
        return [mailed(letter) for letter in self.letters]

    @property
    def address(self) -> Mapping[str, str]:
        return {"address": "pat@example.com"}

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def leave(self) -> None:
        assert self._server is not None
        self._server.close()

    def _protocol(self) -> asyncio.Protocol:
        match self.mood:
            case "takes" | "refuses" | "floods":
                return SMTP(self, hostname="mail.test", loop=asyncio.get_running_loop())
            case mood:
                return Rude(mood)

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.mood == "refuses":
            return self.refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        return "250 OK"


class Rude(asyncio.Protocol):
    def __init__(self, mood: Mood) -> None:
        self._mood = mood

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._mood == "babbles":
            transport.write(b"\x00\xffno mail here\r\n")
        if self._mood != "hangs":
            transport.close()


def mailed(letter: bytes) -> str:
    mail = message_from_bytes(letter, policy=policy.default)
    return f"{mail['Message-ID']} {mail['Subject']}\n{mail.get_content()}"


@asynccontextmanager
async def mail_place() -> AsyncIterator[MailPlace]:
    place = MailPlace()
    await place.start()
    try:
        yield place
    finally:
        await place.leave()
