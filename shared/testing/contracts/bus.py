"""The contract of the bus."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from shared.kernel.ports import Bus, Delivery, Record

TOPICS = ["ThingDone", "ThingUndone"]


def things(count: int, topic: str = "ThingDone", keys: int = 5) -> list[Record]:
    return [Record(topic, f"k{n % keys}", b"%d" % n) for n in range(count)]


def values(deliveries: Sequence[Delivery], key: str) -> list[bytes]:
    mine = [d for d in deliveries if d.record.key == key]
    return [d.record.value for d in sorted(mine, key=lambda d: d.position)]


async def drained(bus: Bus, topics: Sequence[str], limit: int) -> list[Delivery]:
    """Everything, as a consumer that remembers its positions gets it."""
    found: list[Delivery] = []
    after: dict[str, int] = {}
    while batch := await bus.fetch(topics, after=after, limit=limit):
        assert len(batch) <= limit
        for delivery in batch:
            assert delivery.position > after.get(delivery.log, 0)
            after[delivery.log] = delivery.position
        found += batch
    return found


class BusContract:
    retains = False
    """Its topics have a retention of their own, so there is nothing to expire."""

    async def test_delivers_what_was_published(self, bus: Bus) -> None:
        record = Record("ThingDone", "渠道", b"\x00\xff{}", {"reason": "订单不明", "n": "1"})
        await bus.publish([record])
        (delivery,) = await bus.fetch(["ThingDone"], after={}, limit=9)
        assert delivery.record == record
        assert delivery.log.rpartition("/")[0] == "ThingDone"
        assert delivery.position == 1

    async def test_an_empty_publication_is_nothing(self, bus: Bus) -> None:
        await bus.publish([])
        assert await bus.fetch(TOPICS, after={}, limit=9) == []
        assert await bus.ends(TOPICS) == {}

    async def test_a_key_keeps_one_log_and_its_order(self, bus: Bus) -> None:
        records = things(40)
        for at in range(0, 40, 8):
            await bus.publish(records[at : at + 8])
        fetched = await bus.fetch(["ThingDone"], after={}, limit=99)
        for key in {record.key for record in records}:
            mine = [d for d in fetched if d.record.key == key]
            assert [d.record for d in mine] == [r for r in records if r.key == key]
            assert len({d.log for d in mine}) == 1

    async def test_a_key_has_the_same_partition_on_every_topic(self, bus: Bus) -> None:
        await bus.publish([*things(12, keys=12), *things(12, "ThingUndone", keys=12)])
        partitions = defaultdict(set)
        for delivery in await bus.fetch(TOPICS, after={}, limit=99):
            partitions[delivery.record.key].add(delivery.log.rpartition("/")[2])
        assert {len(found) for found in partitions.values()} == {1}
        assert len(set.union(*partitions.values())) > 1

    async def test_positions_of_a_log_count_from_one(self, bus: Bus) -> None:
        await bus.publish(things(30))
        logs = defaultdict(list)
        for delivery in await bus.fetch(["ThingDone"], after={}, limit=99):
            logs[delivery.log].append(delivery.position)
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in logs.values())

    async def test_fetches_behind_the_position_and_only_these_topics(self, bus: Bus) -> None:
        wanted = [Record("ThingDone", "k", b"1"), Record("ThingDone", "k", b"2")]
        await bus.publish([*wanted, Record("ThingUndone", "k", b"3")])
        first, second = await bus.fetch(["ThingDone"], after={}, limit=99)
        assert [first.record, second.record] == wanted
        after = {first.log: first.position, "ThingUndone/0": 7}
        assert await bus.fetch(["ThingDone"], after=after, limit=9) == [second]
        assert await bus.fetch(["ThingDone"], after={second.log: 99}, limit=9) == []
        assert await bus.fetch([], after={}, limit=9) == []

    async def test_a_repeat_is_a_record_of_its_own(self, bus: Bus) -> None:
        record = Record("ThingDone", "k", b"1")
        await bus.publish([record, record])
        await bus.publish([record])
        fetched = await bus.fetch(["ThingDone"], after={}, limit=9)
        assert [(d.position, d.record) for d in fetched] == [(n, record) for n in (1, 2, 3)]

    async def test_in_small_batches_everything_comes_once(self, bus: Bus) -> None:
        records = [*things(50), *things(7, "ThingUndone", keys=2)]
        await bus.publish(records)
        for limit in (1, 3, 1_000):
            found = [d.record for d in await drained(bus, TOPICS, limit)]
            assert sorted(map(repr, found)) == sorted(map(repr, records))

    async def test_a_busy_log_starves_no_other(self, bus: Bus) -> None:
        await bus.publish([Record("ThingDone", "busy", b"%d" % n) for n in range(500)])
        await bus.publish([Record("ThingUndone", "busy", b"%d" % n) for n in range(400)])
        await bus.publish([Record("Quiet", "quiet", b"!")])
        batch = await bus.fetch([*TOPICS, "Quiet"], after={}, limit=20)
        assert {delivery.record.topic for delivery in batch} == {*TOPICS, "Quiet"}
        assert len(batch) == 20

    async def test_knows_the_ends_of_its_logs(self, bus: Bus) -> None:
        assert await bus.ends(TOPICS) == {}
        await bus.publish(things(20))
        await bus.publish([Record("ThingUndone", "k", b"")])
        last: dict[str, int] = {}
        for delivery in await drained(bus, ["ThingDone"], 99):
            last[delivery.log] = delivery.position
        assert await bus.ends(["ThingDone"]) == last
        assert len(await bus.ends(TOPICS)) == len(last) + 1
        assert await bus.fetch(["ThingDone"], after=last, limit=9) == []

    async def test_what_expires_is_gone_and_no_position_moves(self, bus: Bus) -> None:
        for topic in TOPICS:
            await bus.publish([Record(topic, "k", b"old")])
        if self.retains:
            assert await bus.expire(["ThingDone"], keep=timedelta(0)) == 0
            assert len(await bus.fetch(["ThingDone"], after={}, limit=9)) == 1
            return
        assert await bus.expire(["ThingDone"], keep=timedelta(days=30)) == 0
        assert await bus.expire(["ThingDone"], keep=timedelta(0)) == 1
        assert await bus.fetch(["ThingDone"], after={}, limit=9) == []
        await bus.publish([Record("ThingDone", "k", b"new")])
        (found,) = await bus.fetch(["ThingDone"], after={}, limit=9)
        assert (found.position, found.record.value) == (2, b"new")
        assert (await bus.ends(["ThingDone"]))[found.log] == 2

    async def test_many_publish_at_once_and_each_keeps_its_order(self, bus: Bus) -> None:
        async def publish(who: int) -> None:
            for n in range(10):
                pair = [Record("ThingDone", f"p{who}", b"%d" % m) for m in (2 * n, 2 * n + 1)]
                await bus.publish(pair)

        await asyncio.gather(*(publish(who) for who in range(12)))
        found = await drained(bus, ["ThingDone"], 17)
        assert len(found) == 240
        for who in range(12):
            assert values(found, f"p{who}") == [b"%d" % n for n in range(20)]

    async def test_what_was_published_is_fetched_at_once(self, bus: Bus) -> None:
        after: dict[str, int] = {}
        for n in range(20):
            await bus.publish([Record("ThingDone", f"k{n}", b"%d" % n)])
            (delivery,) = await bus.fetch(["ThingDone"], after=after, limit=9)
            assert delivery.record.value == b"%d" % n
            after[delivery.log] = delivery.position
