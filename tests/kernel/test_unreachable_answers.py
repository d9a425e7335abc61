"""What is answered while a server is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient

from shared.runtime.metrics import Metrics
from shared.runtime.probes import silent
from tests.kernel.conftest import Toys
from tests.kernel.test_unreachable import Away, Bed, answering, enrolment, some


@pytest.fixture
def bed(toys: Toys) -> Iterator[Bed]:
    ports = toys.ports["things"]
    ways = {f"things.{name}": Away(getattr(ports, name)) for name in ("views", "store")}
    yield Bed(toys, {"bus": Away(ports.bus), **ways})


async def test_a_command_is_answered_with_503_while_the_store_is_gone(
    toys: Toys, tmp_path: Path
) -> None:
    async with answering(toys, tmp_path) as (http, ways, platform):
        ways["store"].away = True
        refused = await http.post("/v1/partners", **enrolment(1))
        assert (refused.status_code, refused.json()["slug"]) == (503, "server-unreachable")
        assert int(refused.headers["Retry-After"]) > 0
        assert (await http.get("/health/ready")).status_code == 503
        assert (await http.get("/health/live")).status_code == 200
        ways["store"].away = False
        assert (await http.post("/v1/partners", **enrolment(1))).status_code == 201
        await platform.settle()
        assert (await http.get("/health/ready")).status_code == 200
        assert len((await http.get("/v1/partners")).json()["items"]) == 1


async def test_commands_succeed_while_the_bus_is_gone(toys: Toys, tmp_path: Path) -> None:
    async with answering(toys, tmp_path) as (http, ways, platform):
        ways["bus"].away = True
        for number in range(3):
            assert (await http.post("/v1/partners", **enrolment(number))).status_code == 201
            await platform.sweep()
        found = await http.get("/health/ready")
        assert (found.status_code, found.json()["slug"]) == (503, "server-unreachable")
        settled = await http.get("/v1/settled", params={"timeout": 0.3})
        assert settled.status_code in {503, 504}
        assert (await http.get("/metrics")).status_code == 200
        ways["bus"].away = False
        assert (await http.get("/v1/settled")).json()["settled"]
        ends = await toys.ports["things"].bus.ends(["PartnerEnrolled"])
        assert sum(ends.values()) == 3


async def test_a_process_without_routes_says_it_as_well(bed: Bed) -> None:
    platform = await bed.host()
    transport = ASGITransport(silent(platform, Metrics()), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://q") as http:
        assert (await http.get("/health/ready")).status_code == 200
        bed.ports["bus"].away = True
        await some(bed.toys, range(1))
        await platform.sweep()
        assert (await http.get("/health/ready")).status_code == 503
        assert (await http.get("/health/live")).status_code == 200
