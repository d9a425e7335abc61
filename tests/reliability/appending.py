"""A process that appends to a store and says on stdout what it asks and what it is answered.

Run as `python -m tests.reliability.appending PATH SYNCHRONOUS CHECKPOINT COUNT STREAM…`: COUNT
appends of one or two facts to each stream at once; the WAL is emptied after CHECKPOINT pages.
Each line is one write: `asked 7`, `ok 7`, `failed PortFailed: …`.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import cast

from shared.adapters.sqlite import SqliteStore, file
from shared.adapters.sqlite.file import Synchronous
from shared.contracts.event import Envelope
from shared.kernel.errors import PortFailed, Unreachable
from shared.testing.contracts.store import sealed

NUMBERS = count(1)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def append(store: SqliteStore, stream: str, times: int) -> None:
    """The number of the operation is in what is stored."""
    version = len(await store.read(stream))
    for _ in range(times):
        number, size = next(NUMBERS), 1 + version % 2
        say(f"asked {number} {size}")
        data = b'{"op":%d,"filling":"%s"}' % (number, b"x" * (number * 37 % 900))
        facts = [sealed(stream, version + n, data, by=f"{number}") for n in range(1, size + 1)]
        await insist(store, stream, facts, version)
        version += size
        say(f"ok {number}")


async def insist(
    store: SqliteStore, stream: str, facts: Sequence[Envelope], expected: int
) -> None:
    """What is called passing is asked again, as the runtime does; what fails for good is not."""
    while True:
        try:
            await store.append(stream, facts, expected=expected)
        except Unreachable:
            await asyncio.sleep(0.01)
            continue
        return


async def main(path: str, synchronous: str, checkpoint: str, times: str, *streams: str) -> None:
    file.CHECKPOINT = int(checkpoint)
    with closing(SqliteStore(Path(path), cast(Synchronous, synchronous))) as store:
        say("ready")
        async with asyncio.TaskGroup() as tasks:
            for stream in streams:
                tasks.create_task(append(store, stream, int(times)))


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except* PortFailed as failed:
        say(f"failed {failed.exceptions[0]}")
        sys.exit(1)
    finally:
        say("ended")
