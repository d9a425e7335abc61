"""The end of a client of aiokafka, whatever its own one does."""

import asyncio

from aiokafka import AIOKafkaConsumer

from shared.adapters.kafka.failures import PATIENCE


async def left(consumer: AIOKafkaConsumer) -> None:
    """Its connections are closed when this returns.

    `stop` awaits the fetches that it cancels: one that pauses after a failure hands its
    cancellation on, and whoever has called would end of it, in silence and with the connections
    open. So it runs in a task of its own.
    """
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping], timeout=PATIENCE)
    if stopping.cancel() or stopping.cancelled():
        await consumer._client.close()
    else:
        stopping.result()
