"""Several processes share a context out: what they have made is what one alone would have made."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.kernel.ports import Record
from tests.kernel.commands import MakeThing, PaintThing, SellThing, SetAlarm
from tests.kernel.conftest import START
from tests.kernel.sharing import Process, Together, documents, shared_out

FEW, MANY = range(4), range(4, 44)
Between = Callable[[Random, list[Process]], Awaitable[None]]
Told = tuple[int, str, Any]


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


def story(random: Random, things: int = 8) -> list[Told]:
    """Numbered commands: those of a thing in their order, the things mixed."""
    chains = [chain(number) for number in range(things)]
    told = []
    while chains := [left for left in chains if left]:
        told.append(random.choice(chains).pop(0))
    return told


def chain(number: int) -> list[Told]:
    thing, due = f"t{number}", START + timedelta(minutes=1 + number % 3)
    partner = f"p{number % 5}"
    commands = [
        MakeThing(thing_id=thing, partner_id=partner, price=number, at=START),
        PaintThing(colours=("red", "blue"), at=START),
        SetAlarm(name="a", due=due, after_inputs=number % 2 == 0, at=START),
        SellThing(at=START),
        PaintThing(colours=("green",), at=START),
    ]
    return [(1_000 * number + n, thing, command) for n, command in enumerate(commands, start=1)]


def claims(count: int = 6) -> list[Record]:
    """Of another system: the first is rejected, the others are believed."""
    found = []
    for number in range(count):
        data = {"thing_id": f"c{number}", "partner_id": f"p{number}", "price": number - 1}
        event = {"specversion": "1.0", "id": str(number), "source": "/other"}
        told = event | {"type": "ThingReported", "data": data}
        found.append(Record("ThingReported", f"k{number}", json.dumps(told).encode()))
    return found


async def played(together: Together, seed: int, count: int, between: Between) -> dict[str, Any]:
    """The story with whatever comes between its commands, then rest, then what is due, then rest.

    What the views hold in the end is compared with what one alone folds of the same facts.
    """
    random = Random(seed)
    processes = await together.processes_of(count)
    processes[0].part.whole()
    await processes[0].ports["things"].bus.publish(claims())
    for number, thing, command in story(random):
        await random.choice(processes).ask(thing, command, number)
        await between(random, processes)
    shared_out(random, processes)
    await together.settle()
    for minutes in (1, 2, 3):
        together.clock.set(START + timedelta(minutes=minutes))
        await between(random, processes)
        shared_out(random, processes)
        await together.settle()
    ended = await together.ended()
    await folded_alone(together)
    return ended


async def folded_alone(together: Together) -> None:
    views = ("things.rows", "things.timers", "watch.sums")
    ports = together.processes[0].ports
    before = [await documents(ports, view) for view in views]
    alone = together.process()
    alone.part.whole()
    await alone.host()
    for worker in alone.workers.values():
        for projector in worker.projectors.values():
            await projector.rebuild()
    while await alone.sweep():
        continue
    assert [await documents(ports, view) for view in views] == before


async def nothing(random: Random, processes: list[Process]) -> None:
    await processes[0].sweep()


async def one_after_the_other(random: Random, processes: list[Process]) -> None:
    """Shares change between sweeps, and no two processes ever have the same."""
    for _ in range(random.randint(0, 3)):
        if random.random() < 0.3:
            shared_out(random, processes)
        await random.choice(processes).sweep()


async def anything(random: Random, processes: list[Process]) -> None:
    """At the same time; who leads and who holds what may be doubtful, and some start anew."""
    for _ in range(random.randint(0, 3)):
        one = random.choice(processes)
        match random.randrange(7):
            case 0:
                shared_out(random, processes)
            case 1:
                one.part.whole()  # and nobody has told the others
            case 2:
                one.part.given()
            case 3:
                await one.host()
            case 4:
                await one.things.service.read.get("things.rows", "t1")
            case _:
                await asyncio.gather(*[process.sweep() for process in processes])


async def alone(folder: Path, seed: int) -> dict[str, Any]:
    folder.mkdir()
    with ExitStack() as stack:
        return comparable(await played(Together(folder, stack), seed, 1, nothing))


def comparable(ended: dict[str, Any]) -> dict[str, Any]:
    """The colours of a thing come in another order when its primer comes later."""
    return ended | {"documents": ended["documents"][1:]}


@pytest.mark.parametrize("seed", FEW)
async def test_shares_that_change_between_sweeps_come_to_the_same_and_nothing_leaves_twice(
    together: Together, seed: int, tmp_path: Path
) -> None:
    ended = await played(together, seed, 2, one_after_the_other)
    assert comparable(ended) == await alone(tmp_path / "alone", seed)
    assert len(together.out.deliveries) == len(ended["delivered"]) == 8


@pytest.mark.parametrize("seed", FEW)
async def test_whoever_sweeps_beside_whomever_comes_to_the_same(
    together: Together, seed: int, tmp_path: Path
) -> None:
    ended = await played(together, seed, 3, anything)
    assert comparable(ended) == await alone(tmp_path / "alone", seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
async def test_many_ways_of_sharing_come_to_the_same(
    together: Together, seed: int, tmp_path: Path
) -> None:
    ended = await played(together, seed, 2 + seed % 3, anything)
    assert comparable(ended) == await alone(tmp_path / "alone", seed)


async def test_the_story_is_one_that_would_tell(tmp_path: Path) -> None:
    """Everything that the contexts have takes part in it."""
    ended = await alone(tmp_path / "alone", 0)
    types = {type_ for all_ in ended["facts"].values() for _, type_ in all_}
    assert types >= {"ThingMade", "ThingSold", "AlarmRung", "ClaimRejected", "Tallied"}
    assert sum(ended["accounts"].values()) == sum(range(8)) + sum(range(5))
    assert ended["parked"] == [[], []]
    assert [len(ids) for ids in ended["seen"]] == [0, 0, 0, 0, 8, 13, 21]
    assert len(ended["delivered"]) == 8
