"""The gateway on real connections: what is left, lost, slow, or never made."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from httpx2 import ASGITransport, AsyncClient, RemoteProtocolError
from starlette.types import Message, Send

from tests.runtime.door import problem
from tests.runtime.spread import DOCUMENT, before

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


async def request_line(reader: asyncio.StreamReader) -> bytes:
    """Of the next request, which is read to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = [one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")]
    if length:
        await reader.readexactly(int(length[0].partition(b":")[2]))
    return head.partition(b"\r\n")[0]


@asynccontextmanager
async def serving(folder: Path, serve: Serve) -> AsyncIterator[tuple[AsyncClient, list[bytes]]]:
    """A gateway before a raw server: what it answers but the document is `serve`'s business."""
    lines: list[bytes] = []
    talks: set[asyncio.Task[Any] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        try:
            while True:
                line = await request_line(reader)
                if b"openapi" in line:
                    body = json.dumps(DOCUMENT).encode()
                    writer.write(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
                    continue
                lines.append(line)
                await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    apis = {"orders": f"http://127.0.0.1:{port}"}
    async with server, before(folder, apis) as (_, http):
        http.headers["Idempotency-Key"] = "k"
        yield http, lines
    await asyncio.gather(*[talk for talk in talks if talk])


async def test_what_was_sent_is_never_sent_again(tmp_path: Path) -> None:
    """The context hung up after it had read the command: perhaps it was done."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serving(tmp_path, hang_up) as (http, lines):
        for number in range(1, 4):
            answer = await http.post("/v1/echo", json={})
            problem(answer, 503, "context-unavailable")
            assert "Idempotency-Key" in answer.json()["detail"]
            assert lines == [b"POST /v1/echo HTTP/1.1"] * number


async def test_a_connection_that_was_left_is_not_used_again(tmp_path: Path) -> None:
    async def answer_and_leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with serving(tmp_path, answer_and_leave) as (http, lines):
        for _ in range(5):
            assert (await http.post("/v1/echo", json={})).status_code == 200
            await asyncio.sleep(0.01)
        assert len(lines) == 5


async def test_nobody_listening_is_said_at_once(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with before(tmp_path, {"orders": f"http://127.0.0.1:{port}"}) as (_, http):
        answer = await http.get("/v1/echo")
    problem(answer, 503, "context-unavailable")
    assert answer.json()["contexts"] == ["orders"]


async def raw(http: AsyncClient, path: str, send: Send) -> None:
    """A GET whose path no client has tidied up."""
    transport = http._transport
    assert isinstance(transport, ASGITransport)
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", http.headers["Authorization"].encode())],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await transport.app(scope, receive, send)


async def test_an_answer_is_passed_on_while_it_comes(tmp_path: Path) -> None:
    more = asyncio.Event()

    async def slowly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await more.wait()
        writer.write(b"4\r\nlast\r\n0\r\n\r\n")

    async with serving(tmp_path, slowly) as (http, _):
        sent: asyncio.Queue[Message] = asyncio.Queue()
        asking = asyncio.create_task(raw(http, "/v1/echo", sent.put))
        start, first = await sent.get(), await sent.get()
        assert (start["status"], first["body"], first["more_body"]) == (200, b"first", True)
        assert b"transfer-encoding" not in dict(start["headers"])
        more.set()
        await asking
        rest = [sent.get_nowait() for _ in range(sent.qsize())]
        assert b"".join(one["body"] for one in rest) == b"last"
        assert rest[-1]["more_body"] is False


async def test_an_answer_that_breaks_off_does_not_look_whole(tmp_path: Path) -> None:
    async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 9\r\n\r\nfirst")
        await writer.drain()
        writer.close()

    async with serving(tmp_path, half) as (http, _):
        sent: asyncio.Queue[Message] = asyncio.Queue()
        with pytest.raises(RemoteProtocolError):
            await raw(http, "/v1/echo", sent.put)
        told = [sent.get_nowait() for _ in range(sent.qsize())]
        assert [one.get("more_body", True) for one in told] == [True] * len(told)


async def test_a_path_is_asked_for_as_it_came(tmp_path: Path) -> None:
    """Nothing between the match and the context makes another path of it."""

    async def empty(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 2\r\n\r\n{}")

    async with serving(tmp_path, empty) as (http, lines):
        for path in ("/v1/echo/..", "/v1/echo/.", "/v1/echo/%2e%2e", "/v1/echo/%E6%B8%A0"):
            sent: asyncio.Queue[Message] = asyncio.Queue()
            await raw(http, path, sent.put)
            assert sent.get_nowait()["status"] == 200
            assert lines.pop() == f"GET {path} HTTP/1.1".encode()
