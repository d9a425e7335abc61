"""A view is folded again beside the live one, which goes on answering until the swap."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from shared.contracts.event import Envelope
from shared.kernel.consumer import Place
from shared.kernel.errors import StaleOwner
from shared.kernel.filling import Filling
from shared.kernel.ports import Document, Index, Query
from shared.kernel.projector import Projector
from shared.kernel.step import Own
from shared.runtime.context import Context, Ports
from tests.kernel.conftest import Broken, Toys
from tests.kernel.facts import ThingPainted
from tests.kernel.things import PRIME, ROWS, THINGS, WATCH

PLAIN = replace(THINGS, processes=())


async def story(toys: Toys, things: int = 9) -> None:
    for number in range(things):
        await toys.make(f"t{number}", f"p{number % 3}", number)
        await toys.paint(f"t{number}", "red", f"c{number}")
        await toys.sell(f"t{number}")
    await toys.settle()


async def hashed(toys: Toys, view: str) -> str:
    rows = await toys.rows(view)
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize("view", ["things.rows", "watch.sums"])
async def test_a_rebuilt_view_equals_the_live_one(toys: Toys, view: str) -> None:
    await toys.host()
    await story(toys)
    before = await hashed(toys, view)
    projector = toys.workers[view.partition(".")[0]].projectors[view]
    generations = await projector.rebuild()
    assert (generations.live, generations.filling) == (1, 2)
    await toys.settle()
    after = await projector.generations()
    assert (after.live, after.filling) == (2, None)
    assert await hashed(toys, view) == before


async def test_questions_are_answered_while_it_is_rebuilt_and_it_tells_how_far_it_is(
    toys: Toys,
) -> None:
    await toys.host(PLAIN, WATCH)
    for number in range(400):
        await toys.make(f"t{number}")
        await toys.paint(f"t{number}", "red", "blue")
    await toys.settle()
    projector = toys.things.projectors["things.rows"]
    await projector.rebuild()
    done = []
    while (progress := await projector.progress()) is not None:
        done.append(progress.get("store", 0))
        assert len(await toys.rows()) == 400
        await projector.step()
    assert done == [0, 500, 1_000, 1_200]
    assert len(await toys.rows()) == 400


async def test_what_is_stored_meanwhile_is_in_both(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await story(toys)
    projector = toys.things.projectors["things.rows"]
    await projector.rebuild()
    await projector.step()
    await toys.make("late")
    assert (await toys.things.service.read.get("things.rows", "late") or {})["facts"] == 1
    await toys.settle()
    assert (await projector.generations()).live == 2
    assert (await toys.rows())["late"]["facts"] == 1


async def test_a_rebuild_that_is_begun_again_leaves_nothing_of_the_first(toys: Toys) -> None:
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    broken.mended = True
    await toys.host(replace(PLAIN, projections=(broken.projection,)), WATCH)
    await story(toys)
    broken.mended = False
    projector = toys.things.projectors["things.rows"]
    await projector.rebuild()
    await projector.step()
    assert {one["consumer"] for one in await toys.parked()} == {"things.rows.v1.g2"}
    broken.mended = True
    assert (await projector.rebuild()).filling == 3
    assert await toys.parked() == []
    await toys.settle()
    assert (await projector.generations()).live == 3


def more(key: str, row: Document | None, fact: Any, envelope: Envelope) -> Document:
    return (ROWS.fold(key, row, fact, envelope) or {}) | {"shade": "dark"}


NEWER: Context = replace(
    THINGS, projections=(replace(ROWS, version=2, fold=more, indexes=(Index("shade"),)),)
)


async def test_a_changed_fold_is_a_new_version_and_rebuilds_itself_at_start(toys: Toys) -> None:
    await toys.host()
    await story(toys)
    await toys.host(NEWER, WATCH)
    assert all("shade" not in row for row in (await toys.rows()).values())
    await toys.settle()
    found = await toys.ports["things"].views.find(
        "things.rows", Query((("shade", "eq", "dark"),), limit=99)
    )
    assert len(found.documents) == 9
    assert (await toys.things.projectors["things.rows"].generations()).version == 2


async def test_nothing_reacts_before_the_views_are_of_its_own_version(toys: Toys) -> None:
    await toys.host()
    await story(toys)
    shades = []

    async def look(fact: Any, envelope: Envelope, read: Any) -> Sequence[Any]:
        found = await read.get("things.rows", fact.thing_id)
        shades.append((found or {}).get("shade"))
        return []

    looking = replace(PRIME, name="things.look", react=look)
    await toys.host(replace(NEWER, processes=(looking,)), WATCH)
    await toys.make("late")
    await toys.settle()
    assert shades == ["dark"] * 10


async def test_what_a_dropped_generation_had_parked_goes_with_it(toys: Toys) -> None:
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    await toys.host(replace(PLAIN, projections=(broken.projection,)), WATCH)
    await story(toys)
    assert len(await toys.parked()) == 9 * 3
    broken.mended = True
    await toys.things.projectors["things.rows"].rebuild()
    await toys.settle()
    assert await toys.parked() == []
    assert (await toys.rows())["t1"]["facts"] == 4


async def test_a_rebuild_does_nothing_but_fold(toys: Toys) -> None:
    """No command, no record, no delivery: replay has no side effects."""
    await toys.host()
    await story(toys)
    before = await everything(toys)
    for worker in toys.workers.values():
        for projector in worker.projectors.values():
            await projector.rebuild()
    await toys.settle()
    assert await everything(toys) == before


async def everything(toys: Toys) -> tuple[Any, ...]:
    ends = await toys.ports["things"].bus.ends(["ThingMade", "ThingSold"])
    return await toys.types(), await toys.types("watch"), ends, [*toys.out.deliveries]


def filling(ports: Ports, toys: Toys, generation: int = 1) -> Filling:
    codec = toys.things.service.handle.codec.only(ROWS.facts)
    place = Place(context="things", views=ports.views, clock=ports.clock)
    return Filling(ROWS, codec, generation, Own(ports.store), place)


def projector(ports: Ports, toys: Toys) -> Projector:
    codec = toys.things.service.handle.codec.only(ROWS.facts)
    place = Place(context="things", views=ports.views, clock=ports.clock)
    return Projector(ROWS, codec, Own(ports.store), place)


async def test_a_stale_owner_writes_nothing_and_looks_where_it_is(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    ports = toys.ports["things"]
    ours, theirs = projector(ports, toys), projector(ports, toys)
    assert await ours.positions() == await theirs.positions() == {}
    assert await theirs.step() == 1
    await toys.paint("t1", "red")
    assert await theirs.step() == 1
    assert await ours.step() == 1  # stale
    assert await ours.step() == 0
    assert (await toys.rows())["t1"]["facts"] == 2


async def test_two_owners_at_once_write_each_fact_once(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    ports = toys.ports["things"]
    both = [projector(ports, toys), projector(ports, toys)]
    for number in range(30):
        await toys.make(f"t{number}")
        await toys.paint(f"t{number}", "red", "blue")
        await asyncio.gather(*[one.step() for one in both])
    while sum([await one.step() for one in both]):
        continue
    assert {row["facts"] for row in (await toys.rows()).values()} == {3}


async def test_who_slept_through_a_swap_finds_the_new_generation(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    ports = toys.ports["things"]
    ours, theirs = projector(ports, toys), projector(ports, toys)
    await ours.catch_up()
    await theirs.rebuild()
    while await theirs.step():
        continue
    await toys.paint("t1", "red")
    await ours.catch_up()
    assert (await ours.generations()).live == 2
    assert (await toys.rows())["t1"]["facts"] == 2


async def test_a_frozen_owner_does_not_undo_a_retry(toys: Toys) -> None:
    """It has read the documents, then another one retried a parked fact, then it wakes."""
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    await toys.host(replace(PLAIN, projections=(broken.projection,)), WATCH)
    await toys.make("t1")
    await toys.make("t2")
    await toys.paint("t1", "red")
    await toys.platform.sweep()
    (parked,) = await toys.parked()
    ports = toys.ports["things"]
    frozen = filling(ports, toys)
    assert (await frozen.positions())["store"] == 3
    other = filling(ports, toys)
    await other.retry(parked)
    assert (await toys.rows())["t1"]["colours"] == ["red"]
    await toys.sell("t2")
    with pytest.raises(StaleOwner):
        await frozen.step()
    await frozen.retry(parked)
    assert await frozen.step() == 1
    assert {key: row["facts"] for key, row in (await toys.rows()).items()} == {"t1": 2, "t2": 2}


async def test_of_two_that_retry_at_once_one_does_it(toys: Toys) -> None:
    broken = Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))
    await toys.host(replace(PLAIN, projections=(broken.projection,)), WATCH)
    await toys.make("t1")
    await toys.paint("t1", "red")
    await toys.platform.sweep()
    (parked,) = await toys.parked()
    both = [filling(toys.ports["things"], toys), filling(toys.ports["things"], toys)]
    done = await asyncio.gather(*[one.retry(parked) for one in both], return_exceptions=True)
    assert all(one is None or isinstance(one, StaleOwner) for one in done)
    assert (await toys.rows())["t1"]["colours"] == ["red"]
