"""The embedded bus from a shell: what other systems do with Kafka's own tools."""

import asyncio
import sys
from contextlib import closing
from typing import Annotated

import typer

from shared.adapters.sqlite import SqliteBus
from shared.kernel.ports import Delivery, Record
from shared.runtime.settings import Settings

topics = typer.Typer(help="The topics of the embedded bus.", no_args_is_help=True)
PAGE = 500


def _bus() -> SqliteBus:
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    return SqliteBus(settings.data / "bus.db", partitions=settings.partitions)


@topics.command()
def publish(
    topic: str, key: Annotated[str, typer.Option(help="The key of every record.")] = ""
) -> None:
    """Publish standard input, a record a line."""
    lines = [line.rstrip(b"\r\n") for line in sys.stdin.buffer]
    records = [Record(topic, key, line) for line in lines if line]
    with closing(_bus()) as bus:
        asyncio.run(bus.publish(records))
    typer.echo(f"{len(records)} published to {topic}", err=True)


@topics.command()
def read(
    topic: str, headers: Annotated[bool, typer.Option("--headers", help="Show them too.")] = False
) -> None:
    """Print every record of a topic, a line each."""
    with closing(_bus()) as bus:
        asyncio.run(_print(bus, topic, headers))


async def _print(bus: SqliteBus, topic: str, headers: bool) -> None:
    after: dict[str, int] = {}
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
