"""A TCP proxy that is slow, cut in one direction or both, or resets its connections.

A cut holds what was sent and delivers it when it is healed, as TCP does over a link that is gone
for a while. One difference from a real link stays: a new connection seems to be made, and is
silent.
"""

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Literal

from shared.testing.servers.ports import Port

Way = Literal["up", "down"]  # to the server, to the client
CHUNK, QUEUED = 16 << 10, 64
LOOK = 0.02
LINGER = struct.pack("ii", 1, 0)  # a close sends RST


@dataclass(slots=True)
class Faults:
    """Seconds until a chunk arrives; bytes a second in each direction; directions that are cut."""

    latency: float = 0.0
    bandwidth: int | None = None
    cut: frozenset[Way] = frozenset()


class Proxy:
    """Listens in a thread from `start` to `close`; faults may be set at any time."""

    def __init__(self, target: str = "") -> None:
        self._port = Port()
        self.address, self.target = f"127.0.0.1:{self._port.number}", target
        self.faults = Faults()
        self.passed: dict[Way, int] = {"up": 0, "down": 0}
        self.resets = self.held = 0  # `held`: chunks that wait for a cut to be healed
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._began, self._over = Event(), asyncio.Event()
        self._thread = Thread(target=self._run, name="proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._began.wait(30):
            raise TimeoutError("the proxy did not begin")

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(30)
        self._port.release()

    @property
    def open(self) -> int:
        """Connections of clients that stand now."""
        return len(self._writers) // 2

    def cut(self, *ways: Way) -> None:
        self.faults = Faults(cut=frozenset(ways or ("up", "down")))

    def slow(self, *, latency: float = 0.0, bandwidth: int | None = None) -> None:
        self.faults = Faults(latency=latency, bandwidth=bandwidth)

    def heal(self) -> None:
        self.faults = Faults()

    def reset(self) -> None:
        """Every connection that stands ends with a RST."""
        self._loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        for writer in [*self._writers]:
            self.resets += 1
            with suppress(OSError):
                plain: socket.socket = writer.get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            writer.transport.abort()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._met, "127.0.0.1", self._port.number)
        self._began.set()
        await self._over.wait()
        server.close()
        self._reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _met(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        mine = {back}
        self._writers |= mine
        try:
            host, _, port = self.target.rpartition(":")
            server, on = await asyncio.open_connection(host, int(port))
            mine |= {on}
            self._writers |= {on}
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._carried("up", client, on))
                ways.create_task(self._carried("down", server, back))
        except* OSError:
            """One side is gone: the other one is told."""
        finally:
            for writer in mine:
                writer.transport.abort()
            self._writers -= mine

    async def _carried(
        self, way: Way, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        under_way = asyncio.Queue[tuple[float, bytes]](QUEUED)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._take(source, under_way))
            both.create_task(self._give(way, under_way, target))

    async def _take(
        self, source: asyncio.StreamReader, under_way: "asyncio.Queue[tuple[float, bytes]]"
    ) -> None:
        chunk = b"."
        while chunk:
            narrow = self.faults.bandwidth
            chunk = await source.read(min(CHUNK, narrow // 4) if narrow else CHUNK)
            await under_way.put((self._loop.time() + self.faults.latency, chunk))

    async def _give(
        self,
        way: Way,
        under_way: "asyncio.Queue[tuple[float, bytes]]",
        target: asyncio.StreamWriter,
    ) -> None:
        """An empty chunk is the end."""
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            if narrow := self.faults.bandwidth:
                await asyncio.sleep(len(chunk) / narrow)
            await self._healed(way)
            if not chunk:
                with suppress(OSError):
                    target.write_eof()
                return
            self.passed[way] += len(chunk)
            target.write(chunk)
            await target.drain()

    async def _healed(self, way: Way) -> None:
        if way not in self.faults.cut:
            return
        self.held += 1
        try:
            while way in self.faults.cut:  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(LOOK)
        finally:
            self.held -= 1


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    proxy = Proxy(target)
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.close()
