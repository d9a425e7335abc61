"""KurrentDB or EventStoreDB 23.10+ behind the port of the event store."""

from shared.adapters.kurrent.store import KurrentStore

__all__ = ["KurrentStore"]
