"""A worker whose views a test has wrapped: it is slow, or freezes itself before a commit.

`python -m tests.reliability.bus.altered worker CONTEXT… --port N`, with ALTERED_SLOW (seconds for
each fact from the bus) or ALTERED_FREEZE (a file; see `Freezing`) in its environment.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID

from shared.adapters.sqlite.lane import Lane
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Key, Move, People, Views
from shared.runtime.adapters import Adapters
from shared.runtime.cli.reach import shared
from shared.runtime.cli.starting import started
from shared.runtime.clocks import clock
from shared.runtime.hosting import Hosting, load
from shared.runtime.metrics import Metrics
from shared.runtime.platform import Platform
from shared.runtime.probes import silent
from shared.runtime.serving import address, listening, ready, serve
from shared.runtime.settings import Settings

GATHERING = Lane._gathered.__name__
PAUSE = 0.002  # seconds
SLOW, FREEZE = "ALTERED_SLOW", "ALTERED_FREEZE"
PROGRAM = (sys.executable, "-m", "tests.reliability.bus.altered")
Puts = Mapping[Key, Document | None]


@dataclass(frozen=True, slots=True)
class Slow:
    """So many seconds for each fact from the bus, before it is committed."""

    views: Any
    seconds: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.views, name)

    async def commit(
        self, consumer: str, moves: Sequence[Move], puts: Puts, seen: Collection[UUID] = ()
    ) -> None:
        facts = sum(move.new - move.old for move in moves if "/" in move.log)
        await asyncio.sleep(self.seconds * max(0, facts))
        await self.views.commit(consumer, moves, puts, seen)


@dataclass(frozen=True, slots=True)
class Freezing:
    """At the next commit of the consumer that the file names, the whole process stops until
    somebody sends SIGCONT. Then it says whether the commit was taken.
    """

    views: Any
    file: Path

    def __getattr__(self, name: str) -> Any:
        return getattr(self.views, name)

    async def commit(
        self, consumer: str, moves: Sequence[Move], puts: Puts, seen: Collection[UUID] = ()
    ) -> None:
        if not (moves and self._mine(consumer)):
            await self.views.commit(consumer, moves, puts, seen)
            return
        _at_rest()
        os.kill(os.getpid(), signal.SIGSTOP)
        try:
            await self.views.commit(consumer, moves, puts, seen)
        except StaleOwner:
            _say(f"awake: {consumer} was refused")
            raise
        _say(f"awake: {consumer} wrote")

    def _mine(self, consumer: str) -> bool:
        """Of several processes that come here, one takes the file away, and freezes."""
        try:
            if self.file.read_text() != consumer:
                return False
            self.file.unlink()
        except FileNotFoundError:
            return False
        return True


class Altered(Adapters):
    async def views(self, context: str) -> tuple[Views, People]:
        views, people = await super().views(context)
        if seconds := os.environ.get(SLOW):
            return Slow(views, float(seconds)), people
        return Freezing(views, Path(os.environ[FREEZE])), people


def _at_rest() -> None:
    """No thread is inside a transaction, whose lock would stop everybody else too. The loop stands
    still meanwhile, so nothing new is asked for.
    """
    while any(name != GATHERING for name in _places()):
        sleep(PAUSE)


def _places() -> list[str]:
    """In which function each thread is that writes to a file."""
    frames = sys._current_frames()
    writers = [one.ident for one in threading.enumerate() if one.name.endswith(" writes")]
    return [frames[ident].f_code.co_name for ident in writers if ident in frames]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(contexts: Sequence[str], port: int) -> None:
    """As `qudao worker` does."""
    settings, metrics = Settings(), Metrics()
    ticking = clock(settings.data, None)
    async with AsyncExitStack() as stack:
        adapters = Altered(settings, ticking, stack)
        await adapters.checked(load(), make=False)
        platform = Platform(workers={}, clock=ticking)
        for context in load(contexts):
            platform.add(await Hosting(adapters, platform, metrics, "worker").worker(context))
        on = listening(settings.host, port)
        app = silent(platform, metrics)
        await serve(app, on, work=platform.run(), begun=ready(address(on)))


if __name__ == "__main__":
    _, *named, _, number = sys.argv[1:]
    with started(Settings(), "worker"), shared(Settings().data):
        asyncio.run(main(named, int(number)))
