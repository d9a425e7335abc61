"""A client on bare sockets, with keep-alive: it costs less than any server it asks."""

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    from measured import Meter, in_flight, open_loop  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from tests.bench.peers.measured import Meter, in_flight, open_loop

FIRST, LAST = {0}, {(os.cpu_count() or 1) - 1}
PATIENCE = 60.0
POOL = 256
END = b"\r\n\r\n"
Ask = Callable[[int], Awaitable[bytes]]


class Connection:
    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, key: str) -> bytes:
        """The answer's head; anything but a success is an error."""
        reader, writer = await self._opened()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: qudao\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nIdempotency-Key: {key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(END)
        lower = answer.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        rest = await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError((answer + rest).decode(errors="replace"))
        return answer

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams


def enrolment(partner: str) -> bytes:
    return json.dumps(
        {
            "partner_id": partner,
            "type": "distributor",
            "level": "gold",
            "regions": ["East"],
            "industries": ["water"],
            "product_lines": ["A", "B"],
        }
    ).encode()


async def closed(port: int, token: str, clients: int, seconds: float) -> Meter:
    """Each client asks again when it is answered."""
    connections = [Connection(port, token) for _ in range(clients)]

    async def call(client: int, number: int) -> None:
        partner = f"P{client}-{number}"
        await connections[client].post("/v1/partners", enrolment(partner), partner)

    return await in_flight(call, clients, seconds)


async def opened(
    port: int,
    token: str,
    per_second: float,
    seconds: float,
    acknowledged: Callable[[str], None] = lambda partner: None,
) -> Meter:
    """At fixed times, on whatever connection is free."""
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(POOL):
        free.put_nowait(Connection(port, token))

    async def call(number: int) -> None:
        connection = await free.get()
        partner = f"P{per_second:.0f}-{number}"
        await connection.post("/v1/partners", enrolment(partner), partner)
        acknowledged(partner)
        free.put_nowait(connection)

    await asyncio.gather(*(call(-n) for n in range(1, 33)))  # connections, code, caches
    return await open_loop(call, per_second, seconds)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def server(command: Sequence[str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the first core that answers at this port; we are on the last one from now."""
    os.sched_setaffinity(0, FIRST)
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    os.sched_setaffinity(0, LAST)
    try:
        until = time.perf_counter() + PATIENCE
        while time.perf_counter() < until and running.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        if running.poll() is not None:
            raise RuntimeError((folder / "server.log").read_text()[-2_000:])
        yield running
    finally:
        running.terminate()
        running.wait()
