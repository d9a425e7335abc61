"""Lives of a worker that end or freeze where they are told to, each a process of its own.

Run as `python -m tests.reliability.mortal`: it imports the product once, then forks a life for
each line of JSON on stdin and says its pid. A life hosts contexts on embedded files, sweeps until
nothing moves, and ends with 0; unless at the n-th pass of a point it kills or stops itself. Points
lie in wrapped ports, and between the statements of SQLite's transactions.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from shared.contracts.event import Envelope
from shared.kernel import step
from shared.kernel.errors import StaleOwner, StaleVersion
from shared.runtime.context import Ports
from shared.runtime.hiring import Hire, hire
from shared.runtime.hosting import load
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.worker import Worker
from shared.testing.embedded import embedded

END = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}


@dataclass(slots=True)
class Fate:
    """Counts passes; at the one it is told it ends the process, or stops it."""

    point: str = ""
    number: int = 0
    how: str = "kill"
    said: Path = Path(os.devnull)
    passed: Counter[str] = field(default_factory=Counter)
    _moved: bool = False

    def pass_(self, point: str, what: str = "") -> None:
        self.passed[point] += 1
        if point == self.point and self.passed[point] == self.number:
            self.say(f"{self.how} {point} {what}")
            os.kill(os.getpid(), END[self.how])

    def say(self, line: str) -> None:
        with self.said.open("a") as file:
            file.write(line + "\n")

    def watch(self, db: apsw.Connection) -> None:
        """Of every connection to a file of views, each statement before it runs."""
        if "views.db" in db.filename or not db.filename:
            db.exec_trace = self._traced

    def _traced(self, cursor: Any, sql: str, bindings: Any) -> bool:
        moves = sql.startswith("INSERT OR REPLACE INTO positions")
        if moves:
            self.pass_("before the position", str(bindings))
        elif self._moved and sql == "COMMIT":
            self.pass_("effect and position written, not committed")
        elif self._moved and sql.startswith("INSERT INTO documents_"):
            self.pass_("position written, effect not", str(bindings)[:80])
        self._moved = moves or (self._moved and sql not in {"COMMIT", "ROLLBACK"})
        return True


@dataclass(slots=True)
class Store:
    inner: Any
    fate: Fate

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        self.fate.pass_("before the append", stream)
        try:
            position: int = await self.inner.append(stream, facts, expected=expected)
        except StaleVersion:
            self.fate.say(f"stale append {stream}")
            raise
        self.fate.say(f"appended {stream}")
        self.fate.pass_("after the append", stream)
        return position

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass(slots=True)
class Views:
    inner: Any
    fate: Fate

    async def commit(self, consumer: str, moves: Any, puts: Any, seen: Any = ()) -> None:
        self.fate.pass_("before the commit", consumer)
        try:
            await self.inner.commit(consumer, moves, puts, seen)
        except StaleOwner:
            self.fate.say(f"stale commit {consumer}")
            raise
        self.fate.say(f"committed {consumer}")
        self.fate.pass_("after the commit", consumer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def wrapped(ports: Ports, fate: Fate) -> Ports:
    store: Any = Store(ports.store, fate)
    views: Any = Views(ports.views, fate)
    return replace(ports, store=store, views=views)


async def live(wish: Mapping[str, Any]) -> None:
    """`at` is where its clock stands; `until`, if there is one, to where it is turned then."""
    fate = Fate(wish.get("point", ""), wish.get("number", 0), wish.get("how", "kill"))
    fate.said = Path(wish["said"])
    step.BATCH = wish.get("batch", 7)
    apsw.connection_hooks.append(fate.watch)
    clock = HandTurned(datetime.fromisoformat(wish["at"]).astimezone(UTC))
    folder, names = Path(wish["folder"]), wish["contexts"]
    with embedded(folder, *names, clock=clock) as found:
        workers: dict[str, Worker] = {}
        for context in load(names):
            ports = wrapped(found[context.name], fate)
            workers[context.name] = await hire(context, ports, Hire(alone=False))
        platform = Platform(workers=workers, clock=clock)
        await platform.settle(300)
        if until := wish.get("until"):
            await platform.advance_to(datetime.fromisoformat(until), clock)
        parked = await platform.parked()
    fate.say(f"ended, {len(parked)} parked")


def fork(wish: Mapping[str, Any]) -> int:
    if pid := os.fork():
        return pid
    try:
        asyncio.run(live(wish))
        os._exit(0)
    finally:
        Fate(said=Path(wish["said"])).say(f"raised {sys.exc_info()[1]!r}")
        os._exit(1)


if __name__ == "__main__":
    load()
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:  # for a change of that process
            _, status = os.waitpid(told["wait"], os.WUNTRACED)
            answer = {"stopped": os.WIFSTOPPED(status), "status": status}
        else:
            answer = {"pid": fork(told)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
