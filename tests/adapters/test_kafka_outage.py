"""A Kafka that goes away and comes back: nothing that was confirmed is lost, nothing hangs."""

import asyncio
import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import pytest

from shared.adapters.kafka import Group, KafkaBus, Membership, apply, lead
from shared.adapters.kafka.publisher import PATIENCE
from shared.adapters.kafka.reader import FRESH
from shared.kernel.errors import PortFailed, Unreachable
from shared.kernel.ports import Record
from shared.testing.contracts.bus import things
from shared.testing.servers.kafka.local import Local
from tests.adapters.kafka_bed import Corner, everything

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]
LIVENESS = 180.0
"""Ten times longer than an outage takes to be noticed, or to be over."""


@pytest.fixture(scope="module")
def local(
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[Local]:
    """A broker of this file's own, whatever the environment names."""
    broker = Local(tmp_path_factory.mktemp("kafka"), "PLAINTEXT", {})
    record_testsuite_property("kafka", broker.against)
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@pytest.fixture
async def corner(local: Local) -> AsyncIterator[Corner]:
    local.start()
    async with AsyncExitStack() as stack:
        corner = Corner(local.servers, stack)
        await _answered(lambda: corner.topics("ThingDone", "ThingUndone"))
        yield corner


async def _unreachable(ask: Awaitable[object]) -> None:
    began = monotonic()
    with pytest.raises(Unreachable):
        await ask
    assert monotonic() - began < LIVENESS


async def _all_unreachable(bus: KafkaBus) -> None:
    await asyncio.gather(
        _unreachable(bus.publish(things(3, "ThingUndone"))),
        _unreachable(bus.fetch(["ThingDone"], after={}, limit=9)),
        _unreachable(bus.ends(["ThingDone"])),
    )


async def _healed(bus: KafkaBus, records: list[Record]) -> None:
    """As the relay does it: the same again until it is confirmed."""
    await _answered(lambda: bus.publish(records))


async def _answered(ask: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(LIVENESS):
        while True:
            try:
                return await ask()
            except Unreachable:
                await asyncio.sleep(0.1)


async def test_a_bus_made_while_the_broker_is_away_works_when_it_is_there(
    corner: Corner, local: Local
) -> None:
    await asyncio.to_thread(local.stop)
    bus = corner.bus()
    await _all_unreachable(bus)
    await asyncio.to_thread(local.start)
    await _healed(bus, things(20))
    assert len(await everything(bus, "ThingDone")) >= 20
    assert sum((await bus.ends(["ThingDone"])).values()) >= 20


@pytest.mark.parametrize("end", [Local.stop, Local.kill])
async def test_a_bus_at_work_says_so_and_goes_on_with_the_same_object(
    corner: Corner, local: Local, end: Callable[[Local], None]
) -> None:
    bus = corner.bus()
    await bus.publish(things(20))
    assert len(await everything(bus, "ThingDone")) == 20
    await asyncio.to_thread(end, local)
    await asyncio.sleep(2 * FRESH)  # until then what was read may be answered from memory
    await _all_unreachable(bus)
    await _all_unreachable(bus)
    await asyncio.to_thread(local.start)
    await _healed(bus, things(20))
    assert len(await everything(bus, "ThingDone")) >= 40
    assert await everything(bus, "ThingUndone") == []  # what was refused does not come later


async def test_an_outage_is_met_though_nobody_asks_for_anything(
    corner: Corner, local: Local
) -> None:
    bus = corner.bus()
    await bus.publish(things(20))
    assert len(await everything(bus, "ThingDone")) == 20
    known = bus.outages
    await asyncio.to_thread(local.kill)
    async with asyncio.timeout(LIVENESS):
        while bus.outages == known:  # noqa: ASYNC110 - the producer's thread
            await asyncio.sleep(0.01)
    await asyncio.to_thread(local.start)
    await _healed(bus, things(20))
    assert len(await everything(bus, "ThingDone")) >= 40
    await asyncio.sleep(2)  # until the producer that met it is gone
    known = bus.outages
    await bus.publish(things(20))
    await bus.ends(["ThingDone"])
    assert bus.outages == known


async def test_a_broker_that_hangs_keeps_nobody_waiting(corner: Corner, local: Local) -> None:
    bus, fresh = corner.bus(), corner.bus()
    await bus.publish(things(20))
    assert local.pid
    os.kill(local.pid, signal.SIGSTOP)
    try:
        await _all_unreachable(bus)
        await _all_unreachable(fresh)
    finally:
        os.kill(local.pid, signal.SIGCONT)
    await _healed(bus, things(20))
    assert len(await everything(fresh, "ThingDone")) >= 40


async def test_who_waits_for_a_turn_during_an_outage_is_told_with_the_first(
    corner: Corner, local: Local
) -> None:
    bus = corner.bus()
    await bus.ends(["ThingDone"])
    assert local.pid
    os.kill(local.pid, signal.SIGSTOP)
    try:
        await asyncio.gather(*(_unreachable(bus.ends(["ThingDone"])) for _ in range(60)))
    finally:
        os.kill(local.pid, signal.SIGCONT)


async def test_a_member_stays_one_over_an_outage(corner: Corner, local: Local) -> None:
    await apply(corner.link, [lead("things")], prefix=corner.prefix)
    member = Membership(corner.link, _group(corner), asyncio.Lock())
    await member.start()
    corner.stack.push_async_callback(member.stop)
    running, logs = asyncio.create_task(member.run()), member.assigned
    await asyncio.to_thread(local.kill)
    with pytest.raises(Unreachable):
        await member.report({"ThingDone/0": 1})
    await asyncio.to_thread(local.start)
    async with asyncio.timeout(LIVENESS):
        while not (member.leads and member.assigned == logs):  # noqa: ASYNC110 - the broker's
            await asyncio.sleep(0.1)
    await _answered(lambda: member.report({"ThingDone/0": 1}))
    assert not running.done()


async def test_who_stops_during_an_outage_is_not_kept_waiting(
    corner: Corner, local: Local
) -> None:
    await apply(corner.link, [lead("things")], prefix=corner.prefix)
    member = Membership(corner.link, _group(corner), asyncio.Lock())
    await member.start()
    running = asyncio.create_task(member.run())
    await asyncio.to_thread(local.kill)
    await asyncio.wait_for(member.stop(), LIVENESS)
    await asyncio.wait_for(running, LIVENESS)
    late = Membership(corner.link, _group(corner), asyncio.Lock())
    await _unreachable(late.start())


def _group(corner: Corner) -> Group:
    return Group(
        name=f"{corner.prefix}things",
        topics=["ThingDone", "ThingUndone"],
        lead="qudao.lead.things",
        prefix=corner.prefix,
    )


def _frozen(local: Local) -> None:
    """Longer than a publisher waits: it asks anew while its first question is still to come."""
    assert local.pid
    os.kill(local.pid, signal.SIGSTOP)
    time.sleep(PATIENCE + 2)
    os.kill(local.pid, signal.SIGCONT)


@pytest.mark.timeout(900)
async def test_what_was_confirmed_under_outages_is_there_in_the_order_of_its_key(
    corner: Corner, local: Local
) -> None:
    """Each of six publishers sends numbers in order, and again what was not confirmed."""
    bus, confirmed, over = corner.bus(), defaultdict[str, int](int), asyncio.Event()

    async def publish(who: str) -> None:
        while not over.is_set():
            first = confirmed[who]
            batch = [Record("ThingDone", who, b"%d" % n) for n in range(first, first + 50)]
            await _healed(bus, batch)
            confirmed[who] += 50

    async def progress() -> None:
        before = sum(confirmed.values())
        async with asyncio.timeout(LIVENESS):
            while sum(confirmed.values()) < before + 2_000:  # noqa: ASYNC110 - the publishers'
                await asyncio.sleep(0.01)

    publishers = [asyncio.create_task(publish(f"p{n}")) for n in range(6)]
    for outage in (Local.kill, Local.stop, _frozen, Local.kill):
        await progress()
        await asyncio.to_thread(outage, local)
        await asyncio.to_thread(local.start)
    await progress()
    over.set()
    await asyncio.gather(*publishers)
    lies: dict[str, dict[bytes, None]] = defaultdict(dict)
    for one in sorted(await everything(bus, "ThingDone"), key=lambda d: (d.log, d.position)):
        lies[one.record.key].setdefault(one.record.value)  # as each number came first
    for who, count in confirmed.items():
        assert list(lies[who]) == [b"%d" % n for n in range(count)]


async def test_a_broker_that_lost_everything_shows_shorter_logs_and_goes_on(
    corner: Corner, local: Local
) -> None:
    bus = corner.bus()
    await bus.publish([*things(20), *things(20, "ThingUndone")])
    places = {d.log: d.position for d in await everything(bus, "ThingDone", "ThingUndone")}
    await asyncio.to_thread(local.kill)
    shutil.rmtree(Path(local.folder) / "data")
    await asyncio.to_thread(local.start)
    for ask in (bus.publish(things(1)), bus.ends(["ThingDone"])):
        with pytest.raises(PortFailed):
            await ask
    await _answered(lambda: corner.topics("ThingDone", "ThingUndone"))
    await _healed(bus, [Record("ThingDone", f"k{n % 5}", b"new") for n in range(60)])
    read = await everything(bus, "ThingDone")
    assert [d.record.value for d in read] == [b"new"] * 60  # nothing is remembered
    assert await bus.ends(["ThingUndone"]) == {}
    assert await bus.fetch(["ThingUndone"], after=places, limit=9) == []
