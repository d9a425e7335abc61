"""Which part of a context's work is this process's: several may share it out."""

from typing import Protocol


class Share(Protocol):
    """Lead work follows the store, in one process at a time; each log of the bus is held by one.

    It is right for a moment only: nothing is correct because of it.
    """

    @property
    def epoch(self) -> int:
        """Grows with each change: what was remembered of positions is void then."""

    @property
    def leads(self) -> bool: ...

    def holds(self, log: str) -> bool: ...


class Whole:
    """A process that works alone."""

    epoch = 0
    leads = True

    def holds(self, log: str) -> bool:
        return True


class Nothing:
    """A process that only answers: others do the work."""

    epoch = 0
    leads = False

    def holds(self, log: str) -> bool:
        return False
