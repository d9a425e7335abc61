"""The careless bus keeps the promise of every bus, and nothing beyond."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.kernel.ports import Bus
from shared.testing.careless import CarelessBus
from shared.testing.contracts.bus import TOPICS, drained, things


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[Bus]:
    with closing(SqliteBus(tmp_path / "bus.db", "OFF")) as bus:
        yield bus


@pytest.mark.parametrize("seed", range(5))
async def test_delivers_everything_at_least_once_some_again(inner: Bus, seed: int) -> None:
    bus = CarelessBus(inner, Random(seed))
    records = [*things(40), *things(20, "ThingUndone")]
    for at in range(0, 60, 5):
        await bus.publish(records[at : at + 5])
    found = await drained(bus, TOPICS, 99)
    counted = Counter(delivery.record.value for delivery in found)
    assert {repr(d.record) for d in found} == set(map(repr, records))
    assert len(found) > len(records)
    assert max(counted.values()) > 1
    assert await bus.ends(TOPICS) == await inner.ends(TOPICS)


async def test_mixes_the_logs_and_keeps_the_order_of_each(inner: Bus) -> None:
    await inner.publish([*things(40), *things(40, "ThingUndone")])
    orders = set()
    for seed in range(5):
        found = await drained(CarelessBus(inner, Random(seed)), TOPICS, 99)  # checks each log
        assert len(found) == 80
        orders.add(tuple((d.log, d.position) for d in found))
    assert len(orders) == 5


async def test_the_same_seed_is_the_same_story(tmp_path: Path) -> None:
    stories = []
    for name in ("one", "two"):
        with closing(SqliteBus(tmp_path / name, "OFF")) as inner:
            bus = CarelessBus(inner, Random(7))
            await bus.publish(things(30))
            stories.append(await drained(bus, TOPICS, 99))
    assert stories[0] == stories[1]
