"""A bus that lost everything is read, and filled, again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.kernel.ports import Bus, Delivery, Record
from shared.kernel.step import Others
from shared.runtime.platform import Platform
from tests.kernel.conftest import Broken, Toys
from tests.kernel.facts import ThingMade
from tests.kernel.passing import Passing
from tests.kernel.test_parking import PLAIN
from tests.kernel.test_unreachable import Away, Bed
from tests.kernel.things import SUMS, WATCH


@pytest.mark.parametrize("overlap", [0, 1_000])
async def test_a_bus_that_was_lost_is_read_again_from_its_start(
    toys: Toys, tmp_path: Path, overlap: int
) -> None:
    """Whether or not the relay fills it with what was there before."""
    await toys.host()
    for number in range(8):
        await toys.make(f"t{number}", f"p{number}", 5)
    await toys.settle()
    fresh = SqliteBus(tmp_path / "fresh.db", "OFF")
    try:
        await toys.host(bus=fresh)
        toys.things.relay.overlap = overlap
        for number in range(8, 12):
            await toys.make(f"t{number}", f"p{number % 8}", 5)
        await toys.settle()
        sums = await toys.rows("watch.sums")
        assert {key: row["made"] for key, row in sums.items()} == {
            f"p{n}": 10 if n < 4 else 5 for n in range(8)
        }
        assert await toys.types("watch") == ["Tallied"] * 12
        assert await positions_are_ends(toys, fresh)
    finally:
        fresh.close()


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_bus_that_comes_back_without_its_records_is_filled_and_read_again(
    toys: Toys, tmp_path: Path, noticed: bool
) -> None:
    """Nobody takes over and nobody starts again: that it was gone is enough, and if nobody asked
    it meanwhile, that its logs are shorter.
    """
    bed = Bed(toys, {"bus": (bus := Away(toys.ports["things"].bus))})
    platform = await bed.host()
    for worker in toys.workers.values():
        worker.ask = 0.0
    for number in range(8):
        await toys.make(f"t{number}", f"p{number}", 5)
    await toys.settle()
    bus.away = noticed
    if noticed:
        await platform.sweep()
    fresh = SqliteBus(tmp_path / "fresh.db", "OFF")
    try:
        bus.port, bus.away = fresh, False
        for number in range(8, 12):
            await toys.make(f"t{number}", f"p{number % 8}", 5)
        await toys.settle()
        sums = await toys.rows("watch.sums")
        assert [sums[f"p{n}"]["made"] for n in range(8)] == [10] * 4 + [5] * 4
        assert await toys.types("watch") == ["Tallied"] * 12
        assert sum((await fresh.ends(["ThingMade"])).values()) == 12
        assert await positions_are_ends(toys, fresh)
    finally:
        fresh.close()


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_bus_that_is_lost_twice_within_a_minute_is_read_again_twice(
    toys: Toys, tmp_path: Path, noticed: bool
) -> None:
    """What is sent again may soon reach further than where readers stood: who looks only then
    finds nothing wrong, and what is new among it was never heard of. Whoever has noticed it.
    """
    bed = Bed(toys, {"bus": (bus := Away(toys.ports["things"].bus))})
    platform = await bed.host()
    first, second = (SqliteBus(tmp_path / f"{n}.db", "OFF") for n in range(2))
    try:
        await toys.make("t0")
        await toys.settle()
        await lost(platform, bus, first)
        await toys.make("t1")
        await toys.settle()
        said_again = await first.fetch(["ThingMade"], after={}, limit=100)
        await first.publish([one.record for one in said_again])
        await toys.settle()
        if noticed:
            await lost(platform, bus, second)
        else:
            bus.port, bus.outages = second, bus.outages + 1
        for number in range(2, 12):
            await toys.make(f"t{number}")
            await toys.things.sweep()
        await toys.settle()
        assert (await toys.rows("watch.sums"))["acme"]["made"] == 12
        assert await positions_are_ends(toys, second)
    finally:
        first.close()
        second.close()


@dataclass
class Stamping(Passing):
    """It says when each was sent, as a broker does."""

    now: int = 0

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        found = await self.bus.fetch(topics, after=after, limit=limit)
        return [replace(one, sent=self.now) for one in found]


async def test_the_same_record_at_the_same_place_may_have_been_sent_again(
    toys: Toys, tmp_path: Path
) -> None:
    """What lay there twice lies there once, and something new before it."""
    bus = Stamping(toys.ports["things"].bus)
    bed = Bed(toys, {"bus": (away := Away(bus))})
    platform = await bed.host()
    fresh = SqliteBus(tmp_path / "fresh.db", "OFF")
    try:
        await toys.make("t0")
        await toys.settle()
        [first] = await bus.fetch(["ThingMade"], after={}, limit=10)
        await bus.publish([first.record])
        await toys.settle()
        for name in ("t1", "t2"):
            await toys.make(name)
            await toys.things.relay.step()
        [*_, second, third] = await bus.fetch(["ThingMade"], after={}, limit=10)
        await lost(platform, away, Stamping(fresh, now=1))
        await fresh.publish([second.record, first.record, third.record])
        while await toys.watch.sweep():
            pass
        assert (await toys.rows("watch.sums"))["acme"]["made"] == 3
    finally:
        fresh.close()


async def test_what_was_parked_is_not_done_with_another_record_that_lies_in_its_place(
    toys: Toys, tmp_path: Path
) -> None:
    """The bus was lost, and what a partner's fact was parked for is on it no more."""
    broken = Broken(SUMS, lambda fact, _: isinstance(fact, ThingMade) and fact.price == 7)
    watch = replace(WATCH, projections=(broken.projection,))
    await toys.host(PLAIN, watch)
    await toys.make("t0", price=7)
    await toys.make("t1", price=5)
    await toys.settle()
    _, second = await toys.ports["things"].bus.fetch(["ThingMade"], after={}, limit=10)
    fresh = SqliteBus(tmp_path / "fresh.db", "OFF")
    try:
        await fresh.publish([second.record])
        broken.mended = True
        await toys.host(PLAIN, watch, bus=fresh)
        toys.things.relay.overlap = 0
        await toys.advance(1)
        (parked,) = await toys.parked("watch")
        assert "is there no more" in parked["error"]
        assert (await toys.rows("watch.sums"))["acme"]["made"] == 5
        toys.things.relay.forget()
        await toys.make("t2", price=0)
        await toys.settle()
        assert (await toys.rows("watch.sums"))["acme"]["made"] == 12
    finally:
        fresh.close()


@dataclass
class Busy(Passing):
    """While one asks where logs end, something comes for another one of them."""

    comes: Record

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        found = await self.bus.ends(topics)
        await self.bus.publish([self.comes])
        return found


async def test_one_record_is_found_whatever_comes_meanwhile(toys: Toys) -> None:
    bus = toys.ports["things"].bus
    for key in ("a", "b", "c", "d"):
        await bus.publish([Record("ThingMade", key, key.encode())])
    there = await bus.fetch(["ThingMade"], after={}, limit=10)
    for one in there:
        for key in ("a", "b", "c", "d", "e", "f"):
            busy = Others(Busy(bus, Record("ThingMade", key, b"new")), ["ThingMade"])
            found = await busy.one(one.log, one.position)
            assert found is not None
            assert found.raw == one.record.value


async def lost(platform: Platform, bus: Away, fresh: Bus) -> None:
    """Everybody notices that it is gone; what it had does not come back with it."""
    bus.away = True
    await platform.sweep()
    bus.port, bus.away = fresh, False


async def positions_are_ends(toys: Toys, bus: Bus) -> bool:
    ends = await bus.ends(["ThingMade"])
    at = (await toys.watch.positions())["watch.when-made-tally"]
    return {log: at.get(log) for log in ends} == dict(ends)
