"""A call of a Kafka client that is cut short: by the client itself, or by who ends us."""

import asyncio

import pytest

from shared.adapters.kafka.failures import answered
from shared.kernel.errors import Unreachable


async def test_what_the_client_cancels_by_itself_is_an_outage() -> None:
    fetch = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(fetch.cancel)
    with pytest.raises(Unreachable):
        async with answered("reading"):
            await fetch


async def test_who_is_told_to_end_ends() -> None:
    async def read() -> None:
        async with answered("reading"):
            await asyncio.sleep(60)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert reading.cancelled()
