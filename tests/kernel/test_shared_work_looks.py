"""Who looks when, in one sweep and outside of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kernel.sharing import PARTITIONS, Part, Together
from tests.kernel.test_shared_work_frozen import drained, some
from tests.kernel.test_shared_work_views import made, of_three


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


async def test_in_one_sweep_nobody_looks_twice_for_nothing(together: Together) -> None:
    _, own, counted, end = await of_three(together)
    with own.one_sweep():
        assert [list(await own(end)) for _ in range(5)] == [[]] * 5
    assert counted.looks == 1
    with own.one_sweep():
        assert not await own(end)
    assert counted.looks == 2


async def test_outside_of_a_sweep_everybody_looks(together: Together) -> None:
    one, own, counted, end = await of_three(together)
    assert [list(await own(end)) for _ in range(2)] == [[]] * 2
    assert counted.looks == 2
    with own.one_sweep():
        assert not await own(end)
    await made(one, range(3, 4))
    assert len(await own(end)) == 1


async def test_in_a_sweep_whoever_catches_up_sees_what_was_stored_a_moment_ago(
    together: Together,
) -> None:
    (one,) = await together.processes_of(1)
    own, read = one.things.relay.feed, one.things.service.read
    with own.one_sweep():
        assert await read.get("things.rows", "m0") is None
        assert not await own({})
        await made(one, range(1))
        assert await read.get("things.rows", "m0") is not None


async def test_an_answer_on_its_way_is_no_news_for_who_asks_later(together: Together) -> None:
    """A step was told that there is nothing; meanwhile something is stored, and looked for."""
    one, own, counted, end = await of_three(together)
    counted.slow = told = asyncio.Event()
    with own.one_sweep():
        step = asyncio.create_task(own(end))
        await counted.asked.wait()
        await made(one, range(3, 4))
        own.look()
        told.set()
        assert not await step
        assert len(await own(end)) == 1


class Sudden(Part):
    """Leads from the n-th question on: a rebalance in the middle of a sweep."""

    asked = 0
    after = 10**9

    @property
    def leads(self) -> bool:
        self.asked += 1
        if self.asked == self.after:
            self.partitions, self.epoch = frozenset(PARTITIONS), self.epoch + 1
        return self.asked >= self.after

    @leads.setter
    def leads(self, _: bool) -> None: ...


@pytest.mark.parametrize("after", range(1, 7))
async def test_whoever_is_given_the_lead_in_the_middle_of_a_sweep_looks_first_where_it_is(
    together: Together, after: int
) -> None:
    """Otherwise it would send again what the former leader has sent."""
    late = together.process()
    late.part = sudden = Sudden()
    await late.host()
    await late.things.positions()
    (lead,) = await together.processes_of(1)
    lead.part.whole()
    await some(lead)
    await drained(lead)
    assert len(together.out.deliveries) == 4
    lead.part.given()
    sudden.asked, sudden.after = 0, after
    await drained(late)
    await some(late, first=4)
    await drained(late)
    assert len(together.out.deliveries) == 8
