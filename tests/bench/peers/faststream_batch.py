"""FastStream on aiokafka: a subscriber that is given batches, acknowledged after its commit."""

import asyncio
import logging
import tempfile
from pathlib import Path

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from measured import Meter, tell, told
from views import Totals


async def batches(asked, folder):
    broker = KafkaBroker(asked["servers"], logger=None)
    view, meter, count = Totals(folder), Meter(), asked["facts"] * asked["scale"]
    begun, done = asyncio.Event(), asyncio.Event()

    async def raw(message: KafkaMessage):
        return [record.value for record in message.raw_message]

    @broker.subscriber(
        "CreditLimitSet",
        batch=True,
        group_id=f"bench-{folder.name}",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
        max_records=2_000,
        batch_timeout_ms=200,
        decoder=raw,
    )
    async def fold(values: list[bytes]):
        begun.set()
        meter.done += view.fold(values)
        if meter.done >= count:
            done.set()

    await broker.start()
    await asyncio.wait_for(begun.wait(), 60)
    with meter.running():
        meter.done = 0
        count -= 2_000  # the batch that showed that it reads
        await done.wait()
    await broker.stop()
    return meter


async def main():
    logging.disable(logging.WARNING)
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder:
        tell((await batches(asked, Path(folder))).sample())


if __name__ == "__main__":
    asyncio.run(main())
