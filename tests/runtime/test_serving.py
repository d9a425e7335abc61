"""The socket that a process listens on."""

import asyncio
import socket

from shared.runtime.serving import listening
from tests.runtime.running import free_port


async def test_a_small_answer_is_sent_at_once_and_not_when_the_client_has_acknowledged() -> None:
    loop = asyncio.get_running_loop()
    delayed: asyncio.Future[int] = loop.create_future()

    def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = writer.get_extra_info("socket")
        delayed.set_result(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    on = listening("127.0.0.1", free_port())
    async with await asyncio.start_server(accepted, sock=on):
        _, writer = await asyncio.open_connection(*on.getsockname())
        assert await asyncio.wait_for(delayed, 60)
        writer.close()
