"""Deletes what the People port keeps for a time only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.ports import Clock, People

EVERY = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Expiry:
    name: str
    people: People
    clock: Clock
    _next: datetime | None = None

    async def step(self) -> int:
        now = self.clock()
        if self._next and now < self._next:
            return 0
        self._next = now + EVERY
        return await self.people.expire(now)
