"""A process that hosts everything does what follows from a request at once, not by the clock."""

import asyncio
from dataclasses import replace
from pathlib import Path

from httpx2 import ASGITransport, AsyncClient

from shared.runtime.app import build
from shared.runtime.cli.reach import OPERATOR
from shared.runtime.hosting import opened
from shared.runtime.platform import Platform
from shared.runtime.settings import Settings
from tests.kernel.test_platform import running
from tests.kernel.test_waking import NEVER, PATIENCE, Asked

ACME = {"partner_id": "acme", "type": "agent", "level": "金牌", "regions": ["华东"]}


async def test_what_follows_from_a_request_wakes_those_that_read_it_and_nobody_else(
    tmp_path: Path,
) -> None:
    async with opened(Settings(data=tmp_path)) as house:
        platform, house.platform.idle = house.platform, NEVER
        gateway = platform.workers["gateway"]  # it reads nothing of others
        bus = Asked(gateway.ports.bus)
        gateway.ports, gateway.ask = replace(gateway.ports, bus=bus), 0.0  # asked in each sweep
        headers = {"Authorization": f"Bearer {house.issuer.token(OPERATOR)}"}
        here = ASGITransport(build(house))
        async with (
            asyncio.timeout(PATIENCE),
            running(platform),
            AsyncClient(transport=here, base_url="http://here", headers=headers) as http,
        ):
            await asleep(platform, bus)
            before = bus.times
            answer = await http.post("/v1/partners", json=ACME, headers={"Idempotency-Key": "1"})
            assert answer.status_code == 201
            while not any((await platform.bus.ends({"PartnerEnrolled"})).values()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            for name in ("orders", "rebates", "leads"):  # they read it, each by its own loop
                while not await platform.workers[name].idle():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert bus.times == before > 0


async def asleep(platform: Platform, bus: Asked) -> None:
    """What there is to do at a start is done, and each loop has had its last look."""
    for worker in platform.workers.values():
        while not await worker.idle():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    seen = -1
    while seen < (seen := bus.times):  # noqa: ASYNC110
        await asyncio.sleep(1)
