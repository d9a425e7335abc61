"""Producing with aiokafka's `send` and with Faust's `topic.send`, confirmed by all."""

import asyncio
import json
import tempfile
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faust_agent import app_of
from measured import Meter, tell, told
from traffic import encoded

PARTITIONS, WAITING = 4, 2_000
SIZE = 700  # of our records, envelope and all
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def value(number):
    return json.dumps({"data": encoded(number).decode(), "rest": "x" * 400}).encode()


async def topic(asked, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=asked["servers"])
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    await admin.close()
    await asyncio.sleep(1)  # until every partition has a leader


async def handed(meter, count, send):
    waiting = []
    with meter.running():
        for number in range(count):
            waiting.append(await send(number))
            if len(waiting) >= WAITING:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
        meter.done = count


async def aiokafka_send(asked, folder):
    name, meter = f"send-{folder.name}", Meter()
    await topic(asked, name)
    producer = AIOKafkaProducer(
        bootstrap_servers=asked["servers"],
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 << 10,
    )
    await producer.start()

    async def send(number):
        key = b"partner-%d" % (number % 997)
        return await producer.send(name, value(number), key=key, headers=HEADERS)

    await handed(meter, int(asked["facts"] * asked["scale"]), send)
    await producer.stop()
    return meter


async def faust_send(asked, folder):
    name, meter = f"send-{folder.name}", Meter()
    await topic(asked, name)
    app = app_of(
        asked, folder, producer_linger=0.005, producer_max_batch_size=256 << 10, producer_acks=-1
    )
    to = app.topic(name, value_type=bytes, value_serializer="raw")
    await app.producer.start()

    async def send(number):
        key = b"partner-%d" % (number % 997)
        return await to.send(key=key, value=value(number), headers=dict(HEADERS))

    await handed(meter, min(30_000, int(asked["facts"] * asked["scale"])), send)
    await app.producer.stop()
    return meter


async def main():
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder:
        meter = await globals()[asked["what"]](asked, Path(folder))
        tell(meter.sample())


if __name__ == "__main__":
    asyncio.run(main())
