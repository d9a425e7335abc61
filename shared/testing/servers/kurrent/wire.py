"""The line between clients and the double: it can be cut, frozen, and taken up again."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

CHUNK = 1 << 16


class Wire:
    """Bytes from a loopback port to a server behind it, TLS or not."""

    def __init__(self, port: int, behind: int) -> None:
        self._port, self._behind = port, behind
        self._server: asyncio.Server | None = None
        self._lines: set[StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            self.cut()
            self.thaw()  # whoever carries notices then that both ends are gone
            await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        """Every connection breaks, whatever is on its way."""
        for line in self._lines:
            line.transport.abort()

    def freeze(self) -> None:
        """Connections stay, and nothing comes through."""
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._lines.add(writer)
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:  # the server is just being stopped
            writer.transport.abort()
            return
        self._lines.add(outer)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._carry(reader, outer))
            both.create_task(self._carry(inner, writer))

    async def _carry(self, source: StreamReader, sink: StreamWriter) -> None:
        with suppress(ConnectionError):  # one end broke: so does the other
            while data := await source.read(CHUNK):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        self._lines.discard(sink)
        sink.close()
