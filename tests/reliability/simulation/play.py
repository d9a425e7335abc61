"""Plays a story: moves and their faults first, then everything is healed and must come to rest."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.runtime.platform import Platform
from tests.reliability.simulation.moves import Story
from tests.reliability.simulation.oracle.journal import Oracle
from tests.reliability.simulation.oracle.told import Violation
from tests.reliability.simulation.process import PARTITIONS, Process
from tests.reliability.simulation.world import Client, World

END = datetime(2026, 4, 10, tzinfo=UTC)
ROUNDS = 10_000  # of one actor, before it counts as stuck


@dataclass(slots=True)
class Played:
    """How a story went: the same for the same story, in every process."""

    trace: str
    calls: int
    facts: int
    figures: dict[str, int] = field(default_factory=dict)


async def play(story: Story) -> Played:
    """`Violation`, or whatever a broken product raises."""
    sys.set_asyncgen_hooks(None, None)  # who is killed by hand is no business of the loop's
    world = World(story.processes)
    try:
        return await _played(story, world)
    finally:
        world.end()


async def _played(story: Story, world: World) -> Played:
    oracle = Oracle(world)
    for move in story.moves:
        await world.do(move)
        oracle.look()
    await heal(world)
    oracle.look()
    platform = await come_to_rest(world)
    oracle.look()
    await oracle.judge()
    facts, sent = oracle.facts, len(world.outside.sent)
    await rebuild(platform)
    oracle.judge_again(facts, sent)
    return Played(world.trace, world.calls, facts, oracle.figures())


async def heal(world: World) -> None:
    """Everything arrives again; the first process of each context has all of the work."""
    for process in world.every:
        mend(process)
        process.share.take(process.number == 0, PARTITIONS if process.number == 0 else ())
    for process in world.every:
        for _ in bounded(f"{process.name} does not come to rest"):
            if process.at_rest and not process.requests:
                break
            for actor in process.actors:
                if actor.ready:
                    actor.go_on()
            world.look_after(process)
            mend(process)
    await answered(world)


def mend(process: Process) -> None:
    process.wire.wild = False
    process.wire.cut.clear()
    process.wire.faults.clear()
    process.wire.withheld.clear()


async def answered(world: World) -> None:
    """Every client asks until it knows, and one time more."""
    for client in world.clients.values():
        known = client.settled
        for _ in bounded(f"{client.ask} is never answered"):
            ask(world, client)
            if client.settled:
                break
        if not known:
            ask(world, client)


def ask(world: World, client: Client) -> None:
    process = world.process(client.ask.context, 0)
    world.send(client, 0)
    while process.requests:
        for actor in process.requests:
            actor.go_on()
        world.look_after(process)


def bounded(stuck: str) -> Iterator[None]:
    for _ in range(ROUNDS):
        yield
    raise Violation(stuck)


async def come_to_rest(world: World) -> Platform:
    """Nothing moves any more, today and after every timer until the end."""
    workers = {name: those[0].worker for name, those in world.hosted.items()}
    hosted = {name: one for name, one in workers.items() if one}
    platform = Platform(workers=hosted, clock=world.clock)
    await platform.settle(60)
    turn = Turned(world)
    await platform.advance_to(max(END, world.clock() + timedelta(days=2)), turn, 60)  # type: ignore[arg-type]
    return platform


async def rebuild(platform: Platform) -> None:
    for worker in platform.workers.values():
        for projector in worker.projectors.values():
            await projector.rebuild()
    await platform.settle(60)


@dataclass(slots=True)
class Turned:
    """Our clock, as the platform turns it."""

    world: World

    def set(self, instant: datetime) -> None:
        self.world.clock.set(instant)
