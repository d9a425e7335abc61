"""Who leads the platform from event to event sweeps; its own loops rest, and go on afterwards."""

import asyncio
from contextlib import suppress
from pathlib import Path

from shared.testing.platform import Bed, platform

PATIENCE = 60
ACME = {"partner_id": "acme", "type": "agent", "level": "金牌", "regions": ["华东"]}


async def until(bed: Bed, count: int) -> None:
    """By the loops alone: nothing here sweeps."""
    async with asyncio.timeout(PATIENCE):
        while len((await bed.get("/v1/partners"))["items"]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_loops_rest_while_it_is_led_and_go_on_when_it_is_not(tmp_path: Path) -> None:
    async with platform(tmp_path) as bed:
        running = asyncio.create_task(bed.platform.run())
        await bed.post("/v1/partners", ACME)
        await until(bed, 1)
        with bed.platform.led():
            await asyncio.sleep(0.5)  # whoever was sweeping still ends
            moved = [worker.moved for worker in bed.platform.workers.values()]
            await bed.post("/v1/partners", ACME | {"partner_id": "initech"})
            await asyncio.sleep(0.5)
            assert [worker.moved for worker in bed.platform.workers.values()] == moved
            await bed.advance("2026-01-06T09:00:00+08:00")  # leads it too, and swept
            assert len((await bed.get("/v1/partners"))["items"]) == 2
        await bed.post("/v1/partners", ACME | {"partner_id": "umbrella"})
        await until(bed, 3)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
