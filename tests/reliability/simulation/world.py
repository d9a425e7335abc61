"""The world of a story: processes, what survives them, clients, and moves one after another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from shared.kernel.errors import PortFailed, Refused, StaleVersion
from shared.kernel.ports import Record
from shared.runtime.hosting import load
from shared.runtime.http import Caller
from shared.testing.clock import HandClock
from tests.reliability.simulation.actor import Actor
from tests.reliability.simulation.doors import CONTEXTS, cause_of, post
from tests.reliability.simulation.memory import MemoryBus
from tests.reliability.simulation.moves import (
    Ask,
    AskAgain,
    Break,
    Crash,
    Cut,
    Go,
    Jump,
    Move,
    Repeat,
    Report,
    Share,
    Withhold,
    Work,
)
from tests.reliability.simulation.oracle.told import Violation
from tests.reliability.simulation.process import Outside, Process, Shelf

START = datetime(2026, 3, 20, 1, tzinfo=UTC)
AGAIN = (PortFailed, StaleVersion)
"""What leaves a client without an answer: it asks again, with the same key."""


def written(report: Report) -> bytes:
    about = {"specversion": "1.0", "id": report.id, "source": "sim", "type": report.topic}
    return msgspec.json.encode(about | {"data": report.data})


@dataclass(slots=True)
class Client:
    """A request and everything that was answered to it."""

    ask: Ask
    caller: Caller
    running: list[Actor] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        return bool(self.answers or self.refusals)


Seen = Callable[["World"], None]


@dataclass(slots=True)
class World:
    processes: int = 2
    clock: HandClock = field(default_factory=lambda: HandClock(START))
    bus: MemoryBus = field(default_factory=MemoryBus)
    outside: Outside = field(default_factory=Outside)
    shelves: dict[str, Shelf] = field(default_factory=lambda: {one: Shelf() for one in CONTEXTS})
    hosted: dict[str, list[Process]] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    reported: list[Report] = field(default_factory=list)
    published: list[Record] = field(default_factory=list)
    calls: int = 0
    _trace: Any = field(default_factory=sha256)

    def __post_init__(self) -> None:
        for context in load(CONTEXTS):
            shelf = self.shelves[context.name]
            self.hosted[context.name] = [
                Process(context, n, shelf, self) for n in range(self.processes)
            ]

    @property
    def alone(self) -> bool:
        return self.processes == 1

    @property
    def every(self) -> list[Process]:
        return [process for those in self.hosted.values() for process in those]

    @property
    def trace(self) -> str:
        """Of every call of a port, and of all that is stored."""
        whole = self._trace.copy()
        for shelf in self.shelves.values():
            for raw, _ in shelf.store.log:
                whole.update(raw)
        return str(whole.hexdigest())

    @property
    def calls_stored(self) -> int:
        """How much there is in the stores and on the bus."""
        return sum(len(one.store.log) for one in self.shelves.values()) + len(self.bus)

    def told(self, what: str) -> None:
        self.calls += 1
        self._trace.update(what.encode())

    def end(self) -> None:
        for actor in [actor for process in self.every for actor in process.actors]:
            actor.kill()

    def process(self, context: str, at: int) -> Process:
        those = self.hosted[context]
        return those[at % len(those)]

    async def do(self, move: Move) -> None:
        match move:
            case Ask():
                who = move.partner or move.role
                role: Any = "partner" if move.partner else move.role
                caller = Caller(issuer="sim", subject=who, role=role, partner_id=move.partner)
                self.clients[move.number] = Client(move, caller)
                self.send(self.clients[move.number], move.at)
            case AskAgain(number, at):
                if number in self.clients:
                    self.send(self.clients[number], at)
            case Report():
                await self._report(move)
            case Go(pick, calls):
                self._go(pick, calls)
            case Work(rounds):
                self._work(rounds)
            case Crash(context, at):
                self.process(context, at).crash()
            case _:
                await self._trouble(move)

    async def _trouble(self, move: Move) -> None:
        match move:
            case Break(context, at, after, fate):
                self.process(context, at).wire.faults.append((after, fate))
            case Cut(context, at, port):
                self.process(context, at).wire.cut ^= {port}
            case Withhold(context, at, topic):
                held = self.process(context, at).wire.withheld
                if held.pop(topic, None) is None:
                    held[topic] = dict(await self.bus.ends([topic]))
            case Repeat(pick, count):
                await self._repeat(pick, count)
            case Share(context, at, leads, partitions):
                self.process(context, at).share.take(leads, partitions)
            case Jump(seconds):
                self.clock.advance(timedelta(seconds=seconds))

    def send(self, client: Client, at: int) -> None:
        ask = client.ask
        cause = cause_of(client.caller, f"k{ask.number}")
        process = self.process(ask.context, at)
        asked = process.serve(
            f"answers {ask.number}", lambda: post(ask.path, ask.body, client.caller, cause)
        )
        if asked is not None:
            client.running.append(asked)

    async def _report(self, report: Report) -> None:
        self.reported.append(report)
        key = report.data.get("partner_id", report.id)
        record = Record(report.topic, key, written(report))
        await self.bus.publish([record] * report.times)

    async def _repeat(self, pick: int, count: int) -> None:
        """Whatever lies on the bus: facts as well as claims."""
        ends = await self.bus.ends(self.bus.topics)
        logs = sorted(ends)
        for n in range(count if logs else 0):
            log = logs[(pick + n) % len(logs)]
            place = (pick // 7 + n) % ends[log]
            topic = log.rpartition("/")[0]
            others = {one: end for one, end in ends.items() if one != log}
            after = {**others, log: place}
            for found in await self.bus.fetch([topic], after=after, limit=1):
                await self.bus.publish([found.record])

    def _go(self, pick: int, calls: int) -> None:
        ready = [(p, a) for p in self.every for a in p.actors if a.ready]
        if not ready:
            return
        process, actor = ready[pick % len(ready)]
        for _ in range(calls):
            if not actor.ready:
                break
            actor.go_on()
            if actor is process.life and process.at_rest:
                break  # it has swept once: another one's turn
        self.look_after(process)

    def _work(self, rounds: int) -> None:
        """Until each that has a part of the work has swept once, unless something stops it; who
        was not answered asks again.
        """
        for client in self.clients.values():
            if not (client.settled or client.running):
                self.send(client, client.ask.at + 1)
        for process in self.every * rounds:
            if not process.share.idle:
                for actor in process.actors:
                    process.sweep(actor)
                self.look_after(process)

    def look_after(self, process: Process) -> None:
        """What ended is answered; a process whose port failed starts anew."""
        for actor in [one for one in process.requests if one.done]:
            process.requests.remove(actor)
            self._answered(actor)
        if process.life.done:
            if not isinstance(process.life.error, PortFailed):
                raise Violation(f"{process.name} ended: {process.life.error!r}")
            process.crash()

    def _answered(self, actor: Actor) -> None:
        client = next(one for one in self.clients.values() if actor in one.running)
        client.running.remove(actor)
        match actor.error:
            case None:
                client.answers.append(actor.answer)
            case Refused() as refusal:
                client.refusals.append(refusal.slug)
            case error if not isinstance(error, AGAIN):
                raise Violation(f"{client.ask}: {error!r}") from error
