"""Faust: an agent that commits a row for each event, and one that takes a thousand at once."""

import asyncio
import logging
import tempfile
from pathlib import Path

import faust
from measured import Meter, tell, told
from views import Totals

ENOUGH = 20_000  # events of the slow way: its rate does not change with more


def app_of(asked, folder, **more):
    for noisy in ("faust", "mode", "aiokafka"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    return faust.App(
        f"bench-{folder.name}",
        broker=f"kafka://{asked['servers']}",
        consumer_auto_offset_reset="earliest",
        value_serializer="raw",
        key_serializer="raw",
        store="memory://",
        datadir=str(folder),
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        **more,
    )


async def consumed(asked, folder, count, size, **more):
    app, view, meter = app_of(asked, folder, **more), Totals(folder), Meter()
    begun, done = asyncio.Event(), asyncio.Event()

    async def fold(stream):
        batches = stream.take(size, within=0.1) if size > 1 else stream
        async for batch in batches:
            begun.set()
            meter.done += view.fold(batch if size > 1 else [batch])
            if meter.done >= count:
                done.set()

    app.agent(app.topic("CreditLimitSet", value_type=bytes, value_serializer="raw"))(fold)
    app.finalize()
    await app.start()
    await asyncio.wait_for(begun.wait(), 60)
    meter.done = 0
    with meter.running():
        meter.done, already = 0, meter.done
        await done.wait()
        found = meter.done + already
    meter.done = found
    await app.stop()
    return meter


def idiomatic(asked, folder):
    return consumed(asked, folder, min(ENOUGH, asked["facts"] * asked["scale"]), 1)


def tuned(asked, folder):
    count = asked["facts"] * asked["scale"] * 0.9  # the last batch waits for more
    return consumed(asked, folder, count, 1_000, stream_buffer_maxsize=131_072)


async def main():
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder:
        meter = await globals()[asked["what"]](asked, Path(folder))
        tell(meter.sample())


if __name__ == "__main__":
    asyncio.run(main())
