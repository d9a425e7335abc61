"""The topics from a shell, whatever they lie on: made, written to, read."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import typer

from shared.adapters.kafka.topics import apply
from shared.kernel.errors import Incompatible
from shared.kernel.ports import Bus, Delivery, Record
from shared.runtime.adapters import Adapters, link
from shared.runtime.clocks import now
from shared.runtime.hosting import load
from shared.runtime.settings import Settings
from shared.runtime.topics import every

topics = typer.Typer(help="The topics of the bus.", no_args_is_help=True)
PAGE = 500


@asynccontextmanager
async def _bus() -> AsyncIterator[Bus]:
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        yield await Adapters(settings, now, stack).bus()


@topics.command("apply")
def apply_() -> None:
    """Make every topic that the contexts need on Kafka; the second time there is nothing to do."""
    settings = Settings()
    if not settings.kafka:
        raise Incompatible("QUDAO_KAFKA is not set: the embedded bus makes its topics itself")
    wanted = every(load(), settings.partitions)
    said = asyncio.run(
        apply(
            link(settings),
            wanted,
            replication=settings.kafka_replication,
            prefix=settings.topic_prefix,
        )
    )
    for line in said:
        typer.echo(line)
    typer.echo(f"{len(wanted)} topics are as they should be")


@topics.command()
def publish(
    topic: str, key: Annotated[str, typer.Option(help="The key of every record.")] = ""
) -> None:
    """Publish standard input, a record a line."""
    lines = [line.rstrip(b"\r\n") for line in sys.stdin.buffer]
    records = [Record(topic, key, line) for line in lines if line]
    asyncio.run(_publish(records))
    typer.echo(f"{len(records)} published to {topic}", err=True)


@topics.command()
def read(
    topic: str, headers: Annotated[bool, typer.Option("--headers", help="Show them too.")] = False
) -> None:
    """Print every record of a topic, a line each."""
    asyncio.run(_print(topic, headers))


async def _publish(records: list[Record]) -> None:
    async with _bus() as bus:
        await bus.publish(records)


async def _print(topic: str, headers: bool) -> None:
    after: dict[str, int] = {}
    async with _bus() as bus:
        while found := await bus.fetch([topic], after=after, limit=PAGE):
            for delivery in found:
                after[delivery.log] = max(delivery.position, after.get(delivery.log, 0))
                typer.echo(_line(delivery, headers))


def _line(delivery: Delivery, headers: bool) -> bytes:
    value = delivery.record.value
    if not headers:
        return value
    told = [f"{name}={text}" for name, text in sorted(delivery.record.headers.items())]
    return f"{delivery.log}@{delivery.position}\t{' '.join(told)}\t".encode() + value
