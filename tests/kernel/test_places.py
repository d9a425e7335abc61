"""A consumer of the bus remembers what lay where it stands, not only where that is."""

from contextlib import closing
from pathlib import Path

from shared.adapters.sqlite import SqliteBus
from shared.kernel.codec import pack
from shared.kernel.ports import Record
from tests.kernel.conftest import Toys
from tests.kernel.things import WATCH


async def made(toys: Toys) -> list[Record]:
    facts = [fact for _, fact in await toys.things.ports.store.follow(after=0, limit=99)]
    return [Record(f.type, f.partitionkey, pack(f)) for f in facts if f.type == "ThingMade"]


async def test_a_longer_bus_in_the_place_of_ours_is_read_from_its_start(
    toys: Toys, tmp_path: Path
) -> None:
    await toys.host()
    for number in range(3):
        await toys.make(f"t{number}", "p", 1)
    await toys.settle()
    for number in (3, 4):
        await toys.make(f"t{number}", "p", 1)
    records = await made(toys)
    with closing(SqliteBus(tmp_path / "longer.db", "OFF")) as longer:
        await longer.publish([*records[3:], *records[:3]])
        await toys.host(WATCH, bus=longer)
        await toys.settle()
        assert (await toys.rows("watch.sums"))["p"]["made"] == 5


async def test_the_same_bus_is_not_read_again(toys: Toys) -> None:
    await toys.host()
    await toys.make("t0", "p", 1)
    await toys.settle()
    before = await toys.watch.positions()
    await toys.host(WATCH)
    assert await toys.watch.positions() == before
