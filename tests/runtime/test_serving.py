"""The socket that a process listens on, and what it does once requests are answered."""

import asyncio
import gc
import socket
from pathlib import Path

from fastapi import FastAPI

from shared.runtime.hosting import GARBAGE, opened
from shared.runtime.serving import Server, listening, serve
from shared.runtime.settings import Settings
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


async def test_what_was_loaded_by_then_is_never_looked_at_again_by_the_collector() -> None:
    """Each look stops every request for as long as it takes."""
    frozen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def begun(_: Server) -> None:
        frozen.set_result(gc.get_freeze_count())

    async def work() -> None:
        await frozen

    try:
        await serve(FastAPI(), listening("127.0.0.1", free_port()), work=work(), begun=begun)
        assert frozen.result() > 10_000
    finally:
        gc.unfreeze()


async def test_who_hosts_contexts_has_the_collector_look_at_everything_seldom(
    tmp_path: Path,
) -> None:
    usual = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        async with opened(Settings(data=tmp_path), contexts=["partners"]):
            assert gc.get_threshold() == GARBAGE
    finally:
        gc.set_threshold(*usual)
