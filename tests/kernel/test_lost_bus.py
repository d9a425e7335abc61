"""A bus that lost everything is read, and filled, again."""

from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.kernel.ports import Bus
from shared.runtime import worker
from tests.kernel.conftest import Toys
from tests.kernel.test_unreachable import Away, Bed


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
    toys: Toys, tmp_path: Path, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes over and nobody starts again: that it was gone is enough, and if nobody asked
    it meanwhile, that its logs are shorter.
    """
    monkeypatch.setattr(worker, "ASK", 0.0)
    bed = Bed(toys, {"bus": (bus := Away(toys.ports["things"].bus))})
    platform = await bed.host()
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


async def positions_are_ends(toys: Toys, bus: Bus) -> bool:
    ends = await bus.ends(["ThingMade"])
    at = (await toys.watch.positions())["watch.when-made-tally"]
    return {log: at.get(log) for log in ends} == dict(ends)
