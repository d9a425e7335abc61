"""A sweep goes on in windows while others write, and is exact whatever is lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.codec import pack
from shared.kernel.ports import Record
from shared.kernel.sweep import Sweeper
from shared.runtime.sweeping import sweep
from tests.kernel.conftest import Toys
from tests.kernel.losing import counted, lose, lying, story, swept
from tests.kernel.things import THINGS


@pytest.fixture
def bus_file(tmp_path: Path) -> Path:
    """Where the fixture `toys` has its bus."""
    return tmp_path / "bus.db"


async def test_what_the_relay_has_not_reached_is_not_missed_and_not_unknown(toys: Toys) -> None:
    await story(toys)
    await toys.make("u1")
    assert (await swept(toys)).equal
    (_, fact) = (await toys.ports["things"].store.last(1))[0]
    await toys.ports["things"].bus.publish([Record(fact.type, fact.partitionkey, pack(fact))])
    found = await swept(toys)  # as a relay that published, and has yet to move its position
    assert (found.equal, found.topics["ThingMade"].facts) == (True, 4)


async def test_facts_behind_later_ones_of_their_log_are_counted_out_of_order(
    toys: Toys, bus_file: Path
) -> None:
    await toys.host()
    for number in range(6):
        await toys.make(f"t{number}")
    await toys.settle()
    for window in (1, 100):
        assert counted(await swept(toys, window=window), "out_of_order") == {}
    lose(bus_file, *(await lying(toys))[1:3])
    assert counted(await swept(toys, repair=True), "records") == {"ThingMade": 4}
    for window in (1, 2, 100):
        found = await swept(toys, window=window)
        assert (counted(found, "out_of_order"), found.equal) == ({"ThingMade": 2}, True)


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lost=st.sets(st.integers(0, 24)), window=st.sampled_from([1, 3, 100_000]))
async def test_whatever_is_lost_the_topics_hold_the_store_again(
    toys: Toys, bus_file: Path, lost: set[int], window: int
) -> None:
    if not toys.workers:
        await story(toys, 12)
    places = await lying(toys)
    lose(bus_file, *(place for n, place in enumerate(places) if n in lost))
    left = {d.record.value for d in await lying(toys)}
    whole = {d.record.value for d in places}
    found = await swept(toys, repair=True, window=window)
    assert found.missing == found.sent == len(whole - left)
    assert {d.record.value for d in await lying(toys)} == whole
    assert (await swept(toys, window=window)).equal


async def test_a_step_sweeps_one_window_and_begins_anew_after_a_while(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys)
    lose(bus_file, (await lying(toys, ["ThingMade"]))[0])
    one = sweep(THINGS, toys.ports["things"], repair=True)
    one.window = 1
    step = Sweeper(name="things.sweep", sweep=one, every=timedelta(hours=1))
    assert (await step.step(), step.swept) == (0, None)
    steps = 1
    while step.swept is None:
        done, steps = await step.step(), steps + 1
    assert (done, step.swept.missing, step.swept.equal) == (1, 1, True)
    assert steps == 9  # as many as published facts
    for _ in range(2 * steps):
        assert await step.step() == 0
    assert step.swept.missing == 1
    toys.clock.set(toys.clock() + timedelta(hours=1))
    for _ in range(steps):
        assert await step.step() == 0
    assert step.swept.missing == 0
