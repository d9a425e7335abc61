"""A12. A stream without an end: it loads whole, lets others have their turn, and is folded once.

There are no snapshots: long streams are closed per period, so this is how bad it may get.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from shared.adapters.sqlite import SqliteStore
from shared.contracts.event import Envelope
from shared.kernel.handler import Cause, Handler
from shared.testing.clock import HandClock
from tests.kernel.commands import MakeThing, PaintThing
from tests.kernel.things import THINGS
from tests.reliability.oracle import facts_in
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

FACTS, AT_ONCE, STREAM, PAGE = trials(20_000, 100_000), 1_000, "things.thing-1", 500
SECONDS, MEGABYTES = 50, 1_500  # ten times what the row allows
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(600, 3_600))]


class Counted:
    """A store that says how many facts were read from it."""

    def __init__(self, store: SqliteStore) -> None:
        self._store, self.read_facts = store, 0
        self.append, self.position, self.end = store.append, store.position, store.end

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        found = await self._store.read(stream, after=after)
        self.read_facts += len(found)
        return found


def cause(number: int) -> Cause:
    commandid = uuid5(UUID(int=12), str(number))
    return Cause(commandid=commandid, actor="pat", correlationid=commandid)


def handler(store: Any) -> Handler:
    return Handler("things", THINGS.aggregates, store, HandClock())


async def grown(path: Path) -> None:
    at = HandClock()()
    with closing(SqliteStore(path, "OFF")) as store:
        handle = handler(store)
        make = MakeThing(thing_id="1", partner_id="p", price=1, at=at)
        await handle(STREAM, make, cause(0))
        for first in range(0, FACTS, AT_ONCE):
            colours = tuple(f"c{n}" for n in range(first, first + AT_ONCE))
            await handle(STREAM, PaintThing(colours=colours, at=at), cause(first + 1))


async def turns(over: asyncio.Event) -> int:
    """How often somebody else gets the loop until it is over."""
    counted = 0
    while not over.is_set():
        await asyncio.sleep(0)
        counted += 1
    return counted


async def test_a_stream_without_an_end_loads_whole_and_once(tmp_path: Path, tally: Tally) -> None:
    path = tmp_path / "things.store.db"
    await grown(path)
    with closing(SqliteStore(path, "OFF")) as store:
        counted, over = Counted(store), asyncio.Event()
        handle, others = handler(counted), asyncio.create_task(turns(over))
        await asyncio.sleep(0)
        began = time.monotonic()
        state = await handle.fold(STREAM)
        seconds, loaded = time.monotonic() - began, counted.read_facts
        over.set()
        await handle(STREAM, PaintThing(colours=("last",), at=HandClock()()), cause(-1))
        again = counted.read_facts - loaded
        shared = await others
    facts = [one.envelope["data"] for one in facts_in(path)]
    wanted = tuple(one["colour"] for one in facts if "colour" in one)
    memory = int(loading(path))
    tally(
        "A12 a stream without an end",
        {"facts": len(facts)},
        seen={"turns of others while it loads": shared},
        never={
            "folded otherwise": [] if state.colours == wanted[-11:-1] else [state.colours],
            "not loaded": range(FACTS + 1 - loaded),
            "loaded again": range(again),
            "pages that kept the loop": range(FACTS // PAGE - shared),
            "too slow": [seconds] if seconds > SECONDS else [],
            "too large": [memory] if memory > MEGABYTES else [],
        },
        told={"loads in, s": round(seconds, 2), "a process that loads it, MiB": memory},
    )


def loading(path: Path) -> str:
    """The memory of a process that does nothing else, in MiB."""
    command = [sys.executable, "-m", "tests.reliability.test_long_stream", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return done.stdout


def peak() -> int:
    """Of this program: `ru_maxrss` begins with the peak of the one that started it."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) // 1_024


async def load(path: Path) -> None:
    with closing(SqliteStore(path, "OFF")) as store:
        await handler(store).fold(STREAM)


if __name__ == "__main__":
    asyncio.run(load(Path(sys.argv[1])))
    sys.stdout.write(str(peak()))
