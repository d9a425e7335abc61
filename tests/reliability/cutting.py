"""A way to a server that breaks: before a request arrives, or after it was done, in its answer."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Literal

Cut = Literal["before", "after"]
LINGER = 0.01  # seconds that an answer may still take, so that what was asked is done


class Cutting:
    """Cuts `share` of the requests that carry `mark`, half before and half after they are done.

    A cut ends the connection, both ways, with everything that is on it.
    """

    def __init__(self, port: int, mark: bytes, random: Random, share: float = 0.3) -> None:
        self._behind, self._mark, self._random, self._share = port, mark, random, share
        self.cuts: Counter[Cut] = Counter()
        self.whole = 0  # marked requests that were let through

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """The port in front."""
        self._ends = set[StreamWriter]()
        self._lines = set[asyncio.Task[None]]()
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for end in self._ends:
                end.transport.abort()
            await asyncio.gather(*self._lines, return_exceptions=True)
            await server.wait_closed()

    async def _line(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        there, behind = await asyncio.open_connection("127.0.0.1", self._behind)
        self._ends |= {writer, behind}
        broken = asyncio.Event()
        pumps = (self._ask(reader, behind, broken), self._answer(there, writer, broken))
        running = [asyncio.create_task(pump) for pump in pumps]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, behind):
            end.transport.abort()
            with suppress(OSError):
                await end.wait_closed()
            self._ends.discard(end)
        await asyncio.gather(*running, return_exceptions=True)
        self._lines.discard(task)

    async def _ask(
        self, reader: StreamReader, behind: StreamWriter, broken: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65_536):
            cut = self._cut(chunk) if self._mark in chunk else None
            if cut == "before":
                return
            if cut == "after":
                broken.set()
            behind.write(chunk)
            await behind.drain()

    def _cut(self, chunk: bytes) -> Cut | None:
        if self._random.random() >= self._share:
            self.whole += 1
            return None
        cut: Cut = self._random.choice(("before", "after"))
        self.cuts[cut] += 1
        return cut

    async def _answer(
        self, there: StreamReader, writer: StreamWriter, broken: asyncio.Event
    ) -> None:
        while chunk := await there.read(65_536):
            if broken.is_set():
                await asyncio.sleep(LINGER)
                return
            writer.write(chunk)
            await writer.drain()
