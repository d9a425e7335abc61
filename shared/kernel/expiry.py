"""Deletes what is kept for a time only: raw claims, and the records they came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.clockwork import Inputs
from shared.kernel.ports import Bus, Clock, People

EVERY, KEPT = timedelta(hours=1), timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class Expiry:
    name: str
    people: People
    bus: Bus
    inbound: Inputs
    clock: Clock
    _next: datetime | None = None

    async def step(self) -> int:
        now = self.clock()
        if self._next and now < self._next:
            return 0
        self._next = now + EVERY
        gone = await self.people.expire(now)
        topics = self.inbound.topics
        if topics and await self.inbound.reached(await self.inbound.ends()):  # nothing unread
            rejected = [f"{topic}.rejected" for topic in topics]
            gone += await self.bus.expire([*topics, *rejected], keep=KEPT)
        return gone
