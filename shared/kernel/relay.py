"""The only producer: published facts go from the store to their topics, in commit order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.kernel.outbox import Outbox
from shared.kernel.ports import Bus, People, Views
from shared.kernel.step import STORE, Entry, Own, moves

OVERLAP = 1_000
"""What is sent again at start, in case the broker lost what it had confirmed."""


@dataclass(slots=True, kw_only=True)
class Relay:
    """Moves its position after the bus confirmed, so a crash repeats and never loses."""

    name: str
    published: Collection[str]
    feed: Own
    bus: Bus
    views: Views
    people: People
    overlap: int = OVERLAP
    news: set[str] = field(default_factory=set)  # topics whose readers were not told yet
    _at: Mapping[str, int] | None = None
    _outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self._outbox = Outbox(published=self.published, bus=self.bus, people=self.people)

    async def positions(self) -> Mapping[str, int]:
        if self._at is None:
            self._at = await self.views.positions(self.name)
        return self._at

    async def step(self) -> int:
        at = await self.positions()
        await self._again(at.get(STORE, 0))
        if entries := await self.feed(at):
            await self._send(entries)
            self._at, moved = None, moves(at, entries)
            await self.views.commit(self.name, moved, {})
            self._at = {move.log: move.new for move in moved}
        return len(entries)

    async def _again(self, until: int) -> None:
        """Once a start: the last facts before our position, whether or not they arrived."""
        if self.overlap:
            await self._send(await self.feed.last(self.overlap, until))
            self.overlap = 0

    def forget(self) -> None:
        """We lead from now on: the place, and what was sent last, are looked at again."""
        self._at, self.overlap = None, OVERLAP

    def look_again(self) -> None:
        self._at = None

    async def _send(self, entries: Sequence[Entry]) -> None:
        self.news |= await self._outbox.send(entry.envelope for entry in entries)
