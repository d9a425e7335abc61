"""What a person wishes for a parked fact, while several processes work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.event import Envelope
from shared.kernel.errors import Unreachable
from tests.kernel.conftest import Broken
from tests.kernel.facts import ThingPainted
from tests.kernel.sharing import PARTITIONS, Together
from tests.kernel.test_retries_shared import (
    PLAIN,
    a_made_one,
    colours,
    hosted,
    made,
    minute,
    of_partition,
    painted,
    parked,
    sold,
    sums,
    waiting,
)
from tests.kernel.test_shared_work_frozen import drained
from tests.kernel.test_shared_work_views import looking
from tests.kernel.things import ANNOUNCE, ROWS, SUMS, WATCH


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


async def test_what_a_person_wants_tried_again_is_not_done_twice(together: Together) -> None:
    """The worker takes it up while the wish is on its way."""
    worker, api, broken, views = await waiting(together)
    (key,) = await parked(worker, "things")
    views.consumer = "things.rows.v1.g1"
    wish = asyncio.create_task(api.things.retries.hasten(key))
    await asyncio.wait_for(views.arrived.wait(), 30)
    broken.mended = True
    minute(together)
    await drained(worker)
    assert (await colours(worker), await parked(worker, "things")) == (["red"], [])
    views.awake.set()
    await wish
    await drained(worker)
    assert (await colours(worker), await parked(worker, "things")) == (["red"], [])


@pytest.mark.parametrize("wish", ["hasten", "drop"])
async def test_a_person_may_wish_beside_a_worker_that_goes_on(
    together: Together, wish: str
) -> None:
    """The process that is asked remembers where the worker stood at another wish."""
    worker, api, broken, _ = await waiting(together)
    (key,) = await parked(worker, "things")
    await api.things.retries.hasten(key)
    for number in range(2, 5):
        await made(worker, number, "p1")
    await drained(worker)
    broken.mended = True
    await getattr(api.things.retries, wish)(key)
    await drained(worker)
    assert await parked(worker, "things") == []
    assert await colours(worker) == (["red"] if wish == "hasten" else [])


async def test_what_a_young_generation_parked_is_nothing_to_throw_away(
    together: Together,
) -> None:
    """Who takes it up has not yet looked again which generations there are."""
    partner, broken = of_partition(4), Broken(SUMS, a_made_one)
    broken.mended = True
    watch = replace(WATCH, policies=(), projections=(broken.projection,))
    first, second = await hosted(together, 2, PLAIN, watch)
    first.part.given(leads=True)
    second.part.given(PARTITIONS)
    await made(first, 1, partner, 5)
    await together.settle()
    first.part.whole()  # it has looked which generations there are, and looks again in a second
    await first.sweep()
    broken.mended = False
    await second.watch.projectors["watch.sums"].rebuild()
    second.watch.forget()
    await second.watch.projectors["watch.sums"].step()
    assert await parked(second) != []
    broken.mended = True
    minute(together)
    await first.watch.retries.step()
    while await looking(second) + await looking(first):
        continue
    assert (await second.ports["watch"].views.generations("watch.sums")).live == 2
    assert (await sums(second, partner))["made"] == 5


async def test_what_a_replaced_generation_had_parked_goes_with_it(together: Together) -> None:
    """Also when it was begun by a process of which the one that replaces it has not heard."""
    broken = Broken(SUMS, a_made_one)
    watch = replace(WATCH, policies=(), projections=(broken.projection,))
    first, second = await hosted(together, 2, PLAIN, watch)
    first.part.whole()
    await made(first, 1, "p1", 5)
    broken.mended = True
    await drained(first)
    await second.watch.positions()
    await first.watch.projectors["watch.sums"].rebuild()
    broken.mended = False
    await first.watch.projectors["watch.sums"].step()
    assert len(await parked(first)) == 1
    await second.watch.projectors["watch.sums"].rebuild()
    assert await parked(first) == []


async def test_a_way_out_that_is_gone_keeps_only_its_own_retries_waiting(
    together: Together,
) -> None:
    gone, broken = False, Broken(ROWS, lambda fact, _: isinstance(fact, ThingPainted))

    async def deliver(fact: Any, envelope: Envelope, channels: Any) -> Any:
        raise Unreachable("the mail server") if gone else ZeroDivisionError()

    courier = replace(ANNOUNCE, name="things.announce", deliver=deliver)  # the first by name
    context = replace(PLAIN, couriers=(courier,), projections=(broken.projection,))
    (one,) = await hosted(together, 1, context)
    one.part.whole()
    for number in (1, 2):
        await made(one, number, "p1")
    await painted(one, 1, "red")
    await sold(one, 2)
    await drained(one)
    assert len(await parked(one, "things")) == 2
    gone = broken.mended = True
    minute(together)
    with pytest.raises(Unreachable):
        await one.things.retries.step()
    (left,) = await parked(one, "things")
    assert left.startswith(courier.name)
    await one.sweep()
    assert "the mail server" in one.things.unreachable
