"""Adapters in memory: no thread, no file, no clock. What is asked of them twice is answered alike.

They are what survives a crash in the simulation, and keep the same contracts as all adapters.
"""

from tests.reliability.simulation.memory.bus import MemoryBus
from tests.reliability.simulation.memory.people import MemoryPeople
from tests.reliability.simulation.memory.store import MemoryStore
from tests.reliability.simulation.memory.views import MemoryViews

__all__ = ["MemoryBus", "MemoryPeople", "MemoryStore", "MemoryViews"]
