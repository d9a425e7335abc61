"""A server behind a port goes away for a while: what can go on goes on, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from structlog.testing import capture_logs

from shared.kernel.decider import Command
from shared.kernel.errors import PortFailed, Unreachable
from shared.runtime.app import House, build
from shared.runtime.hiring import Hire, hire
from shared.runtime.hosting import load
from shared.runtime.http import Caller
from shared.runtime.metrics import Metrics
from shared.runtime.platform import NotSettled, Platform
from shared.runtime.settings import Settings
from shared.runtime.tokens import LOCAL, Issuer
from tests.kernel.commands import MakeThing, SellThing, SetAlarm
from tests.kernel.conftest import Toys
from tests.kernel.sharing import Part
from tests.kernel.test_platform import running
from tests.kernel.test_shared_work import claims
from tests.kernel.things import THINGS, WATCH

PORTS = ("bus", "views", "store")


class Away:
    """A port whose server is gone while `away` is set; `flaky` is how often a call fails, in half
    of these only after it was done; `outages` are those that others in this process have met.
    """

    def __init__(self, port: Any, error: type[PortFailed] = Unreachable) -> None:
        self.port, self.error, self.away = port, error, False
        self.flaky, self.random, self.outages = 0.0, Random(0), 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if not iscoroutinefunction(found):
            return found

        async def call(*given: Any, **named: Any) -> Any:
            fails = self.random.random() < self.flaky
            if self.away or (fails and self.random.random() < 0.5):
                raise self.error("it does not answer")
            answer = await found(*given, **named)
            if fails:
                raise self.error("it went before it answered")
            return answer

        return call


@dataclass
class Bed:
    toys: Toys
    ports: dict[str, Away] = field(default_factory=dict)

    async def host(self, terms: Hire | None = None) -> Platform:
        for context in (THINGS, WATCH):
            ports: Any = replace(self.toys.ports[context.name], **self._of(context.name))
            self.toys.workers[context.name] = await hire(context, ports, terms)
        return self.toys.platform

    def _of(self, context: str) -> dict[str, Any]:
        """Views and store are the context's, the bus is everybody's."""
        mine = {name: self.ports.get(f"{context}.{name}") for name in ("views", "store")}
        mine["bus"] = self.ports["bus"]
        return {name: port for name, port in mine.items() if port}


@pytest.fixture
def bed(toys: Toys) -> Iterator[Bed]:
    ports = toys.ports["things"]
    ways = {f"things.{name}": Away(getattr(ports, name)) for name in ("views", "store")}
    yield Bed(toys, {"bus": Away(ports.bus), **ways})


def away(bed: Bed, port: str) -> Away:
    return bed.ports["bus" if port == "bus" else f"things.{port}"]


async def some(toys: Toys, numbers: range) -> None:
    for number in numbers:
        await toys.make(f"t{number}", f"p{number % 3}", number)
        await toys.alarm(f"t{number}", "a", 0)
        await toys.sell(f"t{number}")


async def once(toys: Toys, count: int) -> None:
    """Everything has arrived, and nothing has arrived twice."""
    rows = await toys.rows()
    assert {row["facts"] for row in rows.values()} == {5}  # made, primed, alarm set, sold, rung
    types = await toys.types()
    assert types.count("AlarmRung") == types.count("ThingSold") == len(rows) == count
    sums = await toys.rows("watch.sums")
    assert sum(row["made"] for row in sums.values()) == sum(range(count))
    assert sum(row["sold"] for row in sums.values()) == sum(range(count))
    tallies = [await toys.watch.service.read.fold(f"watch.tally-p{n}") for n in range(3)]
    assert sum(tallies) == sum(range(count))
    assert len({id_ for id_, _ in toys.out.deliveries}) == count
    assert await toys.parked() == await toys.parked("watch") == []


@pytest.mark.parametrize("port", PORTS)
async def test_while_it_is_gone_it_is_said_and_afterwards_everything_arrives_once(
    bed: Bed, port: str
) -> None:
    platform = await bed.host()
    await some(bed.toys, range(3))
    await platform.sweep()
    away(bed, port).away = True
    if port != "store":
        await some(bed.toys, range(3, 6))
    for _ in range(3):
        await platform.sweep()
    assert "it does not answer" in bed.toys.things.unreachable
    with pytest.raises((NotSettled, Unreachable)):
        await platform.settle(within=0.3)
    away(bed, port).away = False
    if port == "store":
        await some(bed.toys, range(3, 6))
    await platform.settle()
    assert bed.toys.things.unreachable == ""
    await once(bed.toys, 6)
    assert len(bed.toys.out.deliveries) == 6


async def test_without_the_bus_what_follows_the_store_goes_on(bed: Bed) -> None:
    platform = await bed.host()
    bed.ports["bus"].away = True
    await some(bed.toys, range(3))
    for _ in range(4):
        await platform.sweep()
    assert {row["facts"] for row in (await bed.toys.rows()).values()} == {5}
    assert len(bed.toys.out.deliveries) == 3
    assert bed.toys.watch.unreachable.startswith("watch.")


async def test_one_contexts_servers_are_not_another_ones(bed: Bed) -> None:
    platform = await bed.host()
    await some(bed.toys, range(3))
    await bed.toys.things.relay.step()
    bed.ports["things.views"].away = bed.ports["things.store"].away = True
    for _ in range(3):
        await platform.sweep()
    assert (bed.toys.watch.unreachable, bed.toys.things.unreachable) != ("", "")
    assert bed.toys.watch.unreachable == ""
    assert sum(row["made"] for row in (await bed.toys.rows("watch.sums")).values()) == 0 + 1 + 2


@pytest.mark.parametrize("seed", range(4))
async def test_calls_that_fail_before_or_after_they_were_done_change_nothing(
    bed: Bed, seed: int
) -> None:
    platform, random = await bed.host(Hire(alone=False)), Random(seed)
    for port in bed.ports.values():
        port.flaky, port.random = 0.2, random
    for number in range(8):
        await insisting(bed, number)
        await platform.sweep()
    for port in bed.ports.values():
        port.flaky = 0.0
    await platform.settle()
    await once(bed.toys, 8)


async def insisting(bed: Bed, number: int) -> None:
    """As a client who asks with the same key until it is answered."""
    toys, asked = bed.toys, 10 * number + 1
    now, thing = toys.clock(), f"t{number}"
    commands: tuple[Command, ...] = (
        MakeThing(thing_id=thing, partner_id=f"p{number % 3}", price=number, at=now),
        SetAlarm(name="a", due=now, at=now),
        SellThing(at=now),
    )
    for at, command in enumerate(commands):
        while True:
            try:
                await toys.ask(thing, command, asked + at)
            except Unreachable:
                continue
            break


@pytest.mark.parametrize("port", PORTS)
async def test_the_loop_goes_on_through_an_outage(bed: Bed, port: str) -> None:
    platform = await bed.host()
    async with running(platform):
        await some(bed.toys, range(2))
        with capture_logs() as logs:
            away(bed, port).away = True
            await until(lambda: bool(bed.toys.things.unreachable))
            away(bed, port).away = False
            platform.nudge()
            await until(lambda: not bed.toys.things.unreachable)
        told = [one["event"] for one in logs if one.get("context") == "things"]
        assert told == ["unreachable", "reachable again"]
        await platform.settle()
    await once(bed.toys, 2)


async def until(so: Any) -> None:
    async with asyncio.timeout(30):
        while not so():  # noqa: ASYNC110 - what it waits for says nothing when it happens
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("port", PORTS)
async def test_who_takes_over_while_it_is_gone_does_so_when_it_is_back(
    bed: Bed, port: str
) -> None:
    part = Part()
    platform = await bed.host(Hire(share=part, alone=False))
    await some(bed.toys, range(2))
    away(bed, port).away = True
    part.whole()
    for _ in range(2):
        await platform.sweep()
    assert bed.toys.things.unreachable
    away(bed, port).away = False
    await platform.settle()
    await once(bed.toys, 2)


@pytest.mark.parametrize("port", PORTS)
async def test_what_will_not_heal_ends_the_loop(bed: Bed, port: str) -> None:
    platform = await bed.host()
    failing = away(bed, port)
    failing.error = PortFailed
    running = asyncio.create_task(platform.run())
    await some(bed.toys, range(1))
    failing.away = True
    platform.nudge()
    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(running, 30)
    assert ended.group_contains(PortFailed)
    assert not ended.group_contains(Unreachable)


async def test_claims_that_come_while_the_store_is_gone_are_believed_later(bed: Bed) -> None:
    platform = await bed.host()
    await bed.toys.ports["things"].bus.publish(claims())
    bed.ports["things.store"].away = True
    for _ in range(2):
        await platform.sweep()
    assert await bed.toys.parked() == []
    bed.ports["things.store"].away = False
    await platform.settle()
    types = await bed.toys.types()
    assert (types.count("ThingMade"), types.count("ClaimRejected")) == (5, 1)


@asynccontextmanager
async def answering(toys: Toys, folder: Path) -> AsyncIterator[tuple[AsyncClient, Any, Platform]]:
    """The partners over HTTP; their ports may be away."""
    (context,) = load(["partners"])
    ports: Any = toys.ports["things"]
    ways = {name: Away(getattr(ports, name)) for name in PORTS}
    worker = await hire(context, replace(ports, **ways))
    platform = Platform(workers={"partners": worker}, clock=toys.clock)
    house = House(
        platform=platform,
        settings=Settings(data=folder, test=True),
        issuer=Issuer.of(folder),
        metrics=Metrics(),
    )
    app = build(house)
    caller = Caller(issuer=LOCAL, subject="pat", role="manager", partner_id=None)
    headers = {"Authorization": f"Bearer {house.issuer.token(caller)}"}
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://q", headers=headers) as http:
        yield http, ways, platform


def enrolment(number: int) -> dict[str, Any]:
    body = {"partner_id": f"p{number}", "type": "agent", "level": "gold"}
    return {"json": body, "headers": {"Idempotency-Key": f"k{number}"}}
