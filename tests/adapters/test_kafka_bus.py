"""The bus on a real Kafka keeps the port's promises, and those of the embedded one."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from shared.adapters.kafka import KafkaBus
from shared.adapters.sqlite.partitioner import partition_of
from shared.kernel.errors import PortFailed, Unreachable
from shared.kernel.ports import Delivery, Record
from shared.testing.contracts.bus import BusContract, things
from tests.adapters.kafka_bed import Corner, everything

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]


class TestKafkaBus(BusContract):
    retains = True

    @pytest.fixture
    async def bus(self, corner: Corner) -> KafkaBus:
        await corner.topics("ThingDone", "ThingUndone", "Quiet")
        return corner.bus()


@pytest.mark.parametrize("partitions", [6, 7])
async def test_a_key_lies_where_the_embedded_bus_puts_it(corner: Corner, partitions: int) -> None:
    await corner.topics("ThingDone", partitions=partitions)
    bus = corner.bus()
    draw = random.Random(partitions)
    keys = [
        "",
        "渠道",
        "partner-acme",
        *(draw.randbytes(draw.randint(1, 20)).hex() for _ in "x" * 2_000),
    ]
    await bus.publish([Record("ThingDone", key, b"") for key in keys])
    lies = {d.record.key: d.log for d in await everything(bus, "ThingDone")}
    assert lies == {key: f"ThingDone/{partition_of(key, partitions)}" for key in keys}


async def test_a_topic_that_nobody_made_is_named_with_what_to_do(corner: Corner) -> None:
    await corner.topics("ThingDone")
    bus = corner.bus()
    await bus.publish(things(3))
    for ask in (
        bus.publish([*things(1), *things(1, "Nowhere")]),
        bus.fetch(["ThingDone", "Nowhere"], after={}, limit=9),
        bus.ends(["Nowhere"]),
    ):
        with pytest.raises(
            PortFailed, match=r"no topic \S*Nowhere: run `qudao topics apply`"
        ) as raised:
            await ask
        assert not isinstance(raised.value, Unreachable)
    await corner.topics("ThingDone", "Nowhere")
    await bus.publish(things(2, "Nowhere"))
    assert len(await everything(bus, "ThingDone", "Nowhere")) >= 5


async def test_what_another_process_publishes_is_fetched_at_once(corner: Corner) -> None:
    await corner.topics("ThingDone")
    reader, writer = corner.bus(), corner.bus()
    after: dict[str, int] = {}
    for n in range(20):
        assert await reader.fetch(["ThingDone"], after=after, limit=9) == []
        await asyncio.sleep(0.06)  # ends are believed for 50 ms
        await writer.publish([Record("ThingDone", f"k{n}", b"%d" % n)])
        (delivery,) = await reader.fetch(["ThingDone"], after=after, limit=9)
        after[delivery.log] = delivery.position


async def test_only_the_logs_that_are_held_are_fetched_and_all_ends_are_known(
    corner: Corner,
) -> None:
    await corner.topics("ThingDone")
    bus = corner.bus()
    held = {"ThingDone/0", "ThingDone/4"}
    mine = bus.holding(held.__contains__)
    await bus.publish(things(120, keys=40))
    assert {d.log for d in await everything(mine, "ThingDone")} == held
    assert len(await mine.ends(["ThingDone"])) == 6
    held.clear()
    assert await mine.fetch(["ThingDone"], after={}, limit=9) == []
    assert len(await everything(bus, "ThingDone")) == 120


async def test_readers_at_one_place_share_one_reading(corner: Corner) -> None:
    await corner.topics("ThingDone")
    bus = corner.bus()
    await bus.publish(things(3_000, keys=60))
    at: list[dict[str, int]] = [{}, {}, {}]
    loads = 0
    while batch := await bus.fetch(["ThingDone"], after=at[0], limit=300):
        windows = {log: bus._reader._windows.get(log) for log in {d.log for d in batch}}
        for other in at[1:]:
            assert await bus.fetch(["ThingDone"], after=other, limit=300) == batch
            assert windows == {log: bus._reader._windows.get(log) for log in windows}
        for one in at:
            one |= {d.log: d.position for d in batch}
        loads += 1
    assert loads >= 10


async def test_readers_far_apart_each_get_everything_in_order(corner: Corner) -> None:
    await corner.topics("ThingDone", "ThingUndone", partitions=2)
    bus = corner.bus()
    large = b"x" * 400  # so that one fetch brings a part of a log
    sizes = {"ThingDone": 9_000, "ThingUndone": 2_000}
    for topic, count in sizes.items():
        await bus.publish([Record(topic, f"k{n % 60}", large) for n in range(count)])
    draw = random.Random(4)
    places: list[dict[str, int]] = [{} for _ in range(5)]
    counts = [0] * 5
    while any(count < 11_000 for count in counts):
        who = draw.choice([n for n in range(5) if counts[n] < 11_000])
        topics = draw.choice([["ThingDone"], ["ThingUndone"], ["ThingDone", "ThingUndone"]])
        for one in await bus.fetch(topics, after=places[who], limit=draw.randint(1, 2_000)):
            assert one.position == places[who].get(one.log, 0) + 1
            places[who][one.log] = one.position
            counts[who] += 1
    assert counts == [11_000] * 5


async def test_what_has_expired_is_passed_over_and_no_position_moves(corner: Corner) -> None:
    await corner.topics("ThingDone", partitions=1)
    bus = corner.bus()
    await bus.publish(things(10))
    await _expire(corner, 7)
    for after in ({}, {"ThingDone/0": 3}, {"ThingDone/0": 7}):
        found = await _passed_over(corner.bus(), after)
        assert [d.position for d in found] == [8, 9, 10]
    assert await bus.ends(["ThingDone"]) == {"ThingDone/0": 10}
    await _expire(corner, 10)
    fresh = corner.bus()
    assert await fresh.fetch(["ThingDone"], after={}, limit=99) == []
    assert await fresh.ends(["ThingDone"]) == {"ThingDone/0": 10}
    await bus.publish(things(1))
    (found_,) = await _passed_over(fresh, {"ThingDone/0": 2})
    assert found_.position == 11


async def test_a_topic_made_anew_is_read_from_its_start(corner: Corner) -> None:
    await corner.topics("ThingDone", partitions=1)
    bus = corner.bus()
    await bus.publish([Record("ThingDone", "k", b"old")] * 5)
    assert len(await everything(bus, "ThingDone")) == 5
    async with AsyncExitStack() as stack:
        admin = AIOKafkaAdminClient(bootstrap_servers=corner.servers)
        stack.push_async_callback(admin.close)
        await admin.start()
        await admin.delete_topics([f"{corner.prefix}ThingDone"])
        async with asyncio.timeout(60):
            while f"{corner.prefix}ThingDone" in await admin.list_topics():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await corner.topics("ThingDone", partitions=1)
    await bus.publish([Record("ThingDone", "k", b"new")])
    await asyncio.sleep(0.06)
    assert await bus.ends(["ThingDone"]) == {"ThingDone/0": 1}
    (found,) = await bus.fetch(["ThingDone"], after={}, limit=9)
    assert found.record.value == b"new"
    assert await bus.fetch(["ThingDone"], after={"ThingDone/0": 5}, limit=9) == []


async def test_a_large_record_goes_through_and_a_too_large_one_stops_nothing_else(
    corner: Corner,
) -> None:
    await corner.topics("ThingDone")
    bus = corner.bus()
    large = Record("ThingDone", "k", b"x" * (3 << 20))
    await bus.publish([large])
    for size in (4 << 20, 6 << 20):
        with pytest.raises(PortFailed) as raised:
            await bus.publish([Record("ThingDone", "k", b"x" * size)])
        assert not isinstance(raised.value, Unreachable)
    await bus.publish([large, large])
    assert len(await everything(bus, "ThingDone")) == 3


async def _passed_over(bus: KafkaBus, after: Mapping[str, int]) -> Sequence[Delivery]:
    """An answer may be empty while what has expired is passed over."""
    async with asyncio.timeout(60):
        while not (found := await bus.fetch(["ThingDone"], after=after, limit=99)):
            continue
    return found


async def _expire(corner: Corner, before: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=corner.servers)
    await admin.start()
    try:
        place = TopicPartition(f"{corner.prefix}ThingDone", 0)
        await admin.delete_records({place: RecordsToDelete(before)})
    finally:
        await admin.close()
