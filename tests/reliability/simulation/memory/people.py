"""Personal data and raw claims in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class MemoryPeople:
    _people: dict[UUID, dict[str, str]] = field(default_factory=dict)
    _raws: dict[UUID, tuple[bytes, datetime]] = field(default_factory=dict)

    async def put(self, person_id: UUID, fields: Mapping[str, str]) -> None:
        self._people[person_id] = dict(fields)

    async def get_many(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        return {one: dict(self._people[one]) for one in ids if one in self._people}

    async def forget(self, person_id: UUID) -> bool:
        return self._people.pop(person_id, None) is not None

    async def keep(self, raw_id: UUID, raw: bytes, *, until: datetime) -> None:
        self._raws[raw_id] = (raw, until)

    async def raw(self, raw_id: UUID) -> bytes | None:
        return self._raws[raw_id][0] if raw_id in self._raws else None

    async def expire(self, now: datetime) -> int:
        gone = [one for one, (_, until) in self._raws.items() if until <= now]
        for one in gone:
            del self._raws[one]
        return len(gone)
