"""Which producer should the relay have? `python -m tests.bench.relay [ROUNDS [BATCH]]`.

On a real Kafka and in one run, taken in turns: records of 400 bytes confirmed per second when a
batch of them (500, as the relay has it) is published at a time, to 1, 8 and 45 topics; and how
long it takes until a single record is confirmed. Everything is a multiple of the first row, which
is what the bus does.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from aiokafka import AIOKafkaProducer

from shared.adapters.kafka import Link, Topic, apply
from shared.adapters.kafka.names import Names
from shared.adapters.kafka.publisher import Publisher
from shared.kernel.ports import Record
from shared.testing.servers import kafka

PARTITIONS, RECORDS, SINGLES = 6, 10_000, 40
SPREADS = (1, 8, 45)
VALUE = b"x" * 400
Publish = Callable[[Sequence[Record]], Awaitable[None]]


def records(topics: int, count: int) -> list[Record]:
    return [Record(f"T{n % topics}", f"partner-{n % 97}", VALUE) for n in range(count)]


async def confluent(link: Link, stack: AsyncExitStack, linger: float) -> Publish:
    publisher = Publisher(link, Names())
    publisher._config["linger.ms"] = linger
    stack.callback(publisher.close)
    return publisher.publish


async def aiokafka(link: Link, stack: AsyncExitStack, linger: int) -> Publish:
    producer = AIOKafkaProducer(
        **link.asyncio(),
        enable_idempotence=True,
        acks="all",
        linger_ms=linger,
        max_batch_size=256 << 10,
        max_request_size=4 << 20,
    )
    await producer.start()
    stack.push_async_callback(producer.stop)

    async def publish(batch: Sequence[Record]) -> None:
        sent = [await producer.send(r.topic, r.value, key=r.key.encode()) for r in batch]
        await asyncio.gather(*sent)

    return publish


async def producers(link: Link, stack: AsyncExitStack) -> dict[str, Publish]:
    lingers = {"0": 0, "1 ms": 1, "5 ms": 5}
    return {
        **{
            f"confluent-kafka, linger {n}": await confluent(link, stack, ms)
            for n, ms in lingers.items()
        },
        **{f"aiokafka, linger {n}": await aiokafka(link, stack, ms) for n, ms in lingers.items()},
    }


async def per_second(publish: Publish, topics: int, batch: int) -> float:
    waiting = records(topics, RECORDS)
    began = perf_counter()
    for at in range(0, RECORDS, batch):
        await publish(waiting[at : at + batch])
    return RECORDS / (perf_counter() - began)


async def milliseconds(publish: Publish) -> float:
    times = []
    for record in records(1, SINGLES):
        began = perf_counter()
        await publish([record])
        times.append(1_000 * (perf_counter() - began))
    return median(times)


async def measured(link: Link, rounds: int, batch: int) -> dict[str, list[list[float]]]:
    """By producer, for each round: records per second by spread, then milliseconds."""
    await apply(link, [Topic(f"T{n}", PARTITIONS) for n in range(max(SPREADS))])
    async with AsyncExitStack() as stack:
        found: dict[str, list[list[float]]] = {}
        made = await producers(link, stack)
        for publish in made.values():
            await publish(records(max(SPREADS), batch))
        for _ in range(rounds):
            for name, publish in made.items():
                rates = [await per_second(publish, topics, batch) for topics in SPREADS]
                found.setdefault(name, []).append([*rates, await milliseconds(publish)])
        return found


def table(found: dict[str, list[list[float]]]) -> Iterator[str]:
    middle = {name: [median(c) for c in zip(*rows, strict=True)] for name, rows in found.items()}
    first = next(iter(middle.values()))
    yield f"| topics | {' | '.join(map(str, SPREADS))} | one record |"
    yield "|---|---|---|---|---|"
    for name, columns in middle.items():
        ratios = [f"{mine / base:.2f}" for mine, base in zip(columns, first, strict=True)]
        yield f"| {name} | {' | '.join(ratios)} |"
    *rates, wait = first
    yield f"| 1.00 is | {' | '.join(f'{rate:,.0f}/s' for rate in rates)} | {wait:.1f} ms |"


def main() -> None:
    rounds, batch = [*map(int, sys.argv[1:]), *(5, 500)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as folder, kafka.broker(Path(folder)) as broker:
        found = asyncio.run(measured(Link(servers=broker.servers), rounds, batch))
        sys.stdout.write(f"{broker.against}; {rounds} rounds, {batch} at a time\n\n")
    sys.stdout.write("\n".join(table(found)) + "\n")


if __name__ == "__main__":
    main()
