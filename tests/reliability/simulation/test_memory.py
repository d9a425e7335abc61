"""What the simulation stands on keeps the ports' promises, like every adapter."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.contracts.event import Envelope
from shared.testing.contracts.bus import BusContract
from shared.testing.contracts.finding import FindingContract
from shared.testing.contracts.people import PeopleContract
from shared.testing.contracts.store import EventStoreContract
from shared.testing.contracts.views import GenerationsContract, ViewsContract
from tests.reliability.simulation.memory import MemoryBus, MemoryPeople, MemoryStore, MemoryViews


class Sharing(MemoryStore):
    """A reader that never waits leaves nobody else a turn; in the simulation, wires do."""

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        await asyncio.sleep(0)
        return await super().follow(after=after, limit=limit)


class TestMemoryStore(EventStoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return Sharing()


class TestMemoryBus(BusContract):
    @pytest.fixture
    def bus(self) -> MemoryBus:
        return MemoryBus()


class TestMemoryViews(ViewsContract, GenerationsContract, FindingContract):
    @pytest.fixture
    def views(self) -> MemoryViews:
        return MemoryViews()


class TestMemoryPeople(PeopleContract):
    @pytest.fixture
    def people(self) -> MemoryPeople:
        return MemoryPeople()
