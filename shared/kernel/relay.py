"""The only producer: published facts go from the store to their topics, in commit order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel.claim import ClaimRejected
from shared.kernel.codec import Codec, pack
from shared.kernel.ports import Bus, People, Record, Views
from shared.kernel.step import STORE, Entry, Feed, moves

OVERLAP = 1_000
"""What is sent again at start, in case the broker lost what it had confirmed."""


@dataclass(slots=True, kw_only=True)
class Relay:
    """Moves its position after the bus confirmed, so a crash repeats and never loses."""

    name: str
    published: Collection[str]
    feed: Feed
    bus: Bus
    views: Views
    people: People
    overlap: int = OVERLAP
    _at: Mapping[str, int] | None = None
    _rejected: Codec[Any] = field(default_factory=lambda: Codec([ClaimRejected]))

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
        if not self.overlap:
            return
        after = max(0, until - self.overlap)
        while entries := [e for e in await self.feed({STORE: after}) if e.position <= until]:
            await self._send(entries)
            after = entries[-1].position
        self.overlap = 0

    async def _send(self, entries: Sequence[Entry]) -> None:
        records = [record for e in entries for record in await self._records(e.envelope)]
        if records:
            await self.bus.publish(records)

    async def _records(self, fact: Envelope) -> list[Record]:
        if fact.type in self.published:
            return [Record(fact.type, fact.partitionkey, pack(fact))]
        if fact.type in self._rejected:
            return [await self._rejection(self._rejected.decode(fact))]
        return []

    async def _rejection(self, fact: ClaimRejected) -> Record:
        """The claim's own bytes; after 30 days, or once forgotten, only the reason is left."""
        raw = await self.people.raw(fact.origin.raw_id) or b""
        headers = {
            "qudao-slug": fact.slug,
            "qudao-detail": fact.detail,
            "qudao-log": f"{fact.origin.log}@{fact.origin.position}",
            "qudao-sha256": fact.origin.sha256,
        }
        return Record(f"{fact.origin.topic}.rejected", str(fact.origin.raw_id), raw, headers)
