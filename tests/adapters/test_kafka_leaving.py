"""A client of Kafka is left while a fetch of its pauses: a broker is gone that had records."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka import KafkaBus, Link, Topic, apply
from shared.adapters.kafka.leaving import left
from shared.adapters.kafka.reader import SETTINGS
from shared.testing.contracts.bus import things
from shared.testing.servers.kafka.local import Local
from shared.testing.servers.server import running

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]
LONG = 60_000  # milliseconds


@asynccontextmanager
async def pausing(broker: Local) -> AsyncIterator[AIOKafkaConsumer]:
    """One whose fetch has failed, and which has not begun another one."""
    link, places = Link(servers=broker.servers), [TopicPartition("ThingDone", n) for n in range(6)]
    await apply(link, [Topic("ThingDone", 6)])
    bus = KafkaBus(link)
    await bus.publish(things(20))
    await bus.close()
    slow = {"retry_backoff_ms": LONG, "fetch_max_wait_ms": LONG, "fetch_min_bytes": 1 << 20}
    consumer = AIOKafkaConsumer(**link.asyncio(), **SETTINGS | slow | {"request_timeout_ms": LONG})
    await consumer.start()
    consumer.assign(places)
    for place in places:
        consumer.seek(place, 0)
    reading = asyncio.create_task(consumer.getmany(timeout_ms=LONG))
    await asyncio.sleep(1)
    await asyncio.to_thread(broker.kill)
    await asyncio.sleep(1)
    yield consumer
    reading.cancel()
    await asyncio.wait([reading])


async def test_the_library_hands_on_what_it_has_cancelled_itself(tmp_path: Path) -> None:
    """Should it do so no more, `left` can go."""
    with running(Local(tmp_path / "kafka", "PLAINTEXT", {})) as broker:
        async with pausing(broker) as consumer:
            with pytest.raises(asyncio.CancelledError):
                await consumer.stop()
            await consumer._client.close()


async def test_who_leaves_goes_on_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(Local(tmp_path / "kafka", "PLAINTEXT", {})) as broker:
        async with pausing(broker) as consumer:
            await left(consumer)
            assert not any(conn.connected() for conn in consumer._client._conns.values())
            assert consumer._client._sync_task is None
