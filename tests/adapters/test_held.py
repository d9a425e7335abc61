"""A bus of which a process fetches only its part, while that part changes."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from shared.adapters.held import Held
from shared.adapters.sqlite import SqliteBus
from shared.kernel.ports import Delivery, Record


class Handed:
    """A bus that hands its logs over, and gets another record, just before it answers."""

    outages = 0

    def __init__(self, bus: SqliteBus) -> None:
        self._bus, self.mine = bus, False
        self.publish, self.ends, self.expire = bus.publish, bus.ends, bus.expire

    def holds(self, log: str) -> bool:
        return self.mine

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        self.mine = not self.mine
        await self.publish([Record("T", "k", b"new")])
        return await self._bus.fetch(topics, after=after, limit=limit)


async def test_what_becomes_ours_while_we_fetch_is_read_from_our_place(tmp_path: Path) -> None:
    """And not from its end, as if we had read what lies before that."""
    with closing(SqliteBus(tmp_path / "bus.db", "OFF")) as bus:
        handed = Handed(bus)
        held = Held(handed, handed.holds)
        await bus.publish([Record("T", "k", b"old")])
        assert await held.fetch(["T"], after={}, limit=9) == []
        handed.mine = False
        assert await held.fetch(["T"], after={}, limit=9) == []
        found = await Held(bus, handed.holds).fetch(["T"], after={}, limit=9)
        assert [one.record.value for one in found] == [b"old", b"new", b"new"]


async def test_what_is_lost_while_we_fetch_is_not_handed_on(tmp_path: Path) -> None:
    with closing(SqliteBus(tmp_path / "bus.db", "OFF")) as bus:
        handed = Handed(bus)
        handed.mine = True
        assert await Held(handed, handed.holds).fetch(["T"], after={}, limit=9) == []
