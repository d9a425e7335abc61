"""A process that appends to a store, run as `appender.py PATH STREAM WHO COUNT`."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path

from shared.adapters.sqlite import SqliteStore
from shared.adapters.sqlite.file import Synchronous
from shared.kernel.errors import StaleVersion
from shared.testing.contracts.store import sealed


async def append(store: SqliteStore, stream: str, who: str, count: int) -> None:
    """Says which versions it was told are there, as soon as it knows."""
    for n in range(count):
        while True:
            version = len(await store.read(stream))
            fact = sealed(stream, version + 1, by=f"{who}/{n}")
            try:
                await store.append(stream, [fact], expected=version)
                break
            except StaleVersion:
                continue
        sys.stdout.write(f"{stream} {version + 1}\n")
        sys.stdout.flush()


async def main(path: str, stream: str, who: str, count: str, synchronous: Synchronous) -> None:
    with closing(SqliteStore(Path(path), synchronous)) as store:
        streams = stream.split(",")
        await asyncio.gather(*(append(store, one, who, int(count)) for one in streams))


if __name__ == "__main__":
    path, stream, who, count, synchronous = sys.argv[1:]
    assert synchronous in {"FULL", "OFF"}
    asyncio.run(main(path, stream, who, count, "FULL" if synchronous == "FULL" else "OFF"))
