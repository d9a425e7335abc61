"""A coroutine that is driven by hand, from one call of a port to the next."""

from asyncio import Future
from collections.abc import Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.reliability.simulation.wires import Pause


@dataclass(slots=True)
class Kept:
    """What was raised inside, for whoever drives it to judge."""

    error: Exception | None = None

    def __enter__(self) -> "Kept":
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


@dataclass(slots=True, eq=False)
class Actor:
    name: str
    work: Coroutine[Any, Any, Any]
    done: bool = False
    answer: Any = None
    error: Exception | None = None
    _waits: Future[Any] | None = None
    _context: Any = field(default_factory=copy_context)

    @property
    def ready(self) -> bool:
        """It can go on: nothing that another one holds is in its way."""
        return not self.done and (self._waits is None or self._waits.done())

    def go_on(self) -> None:
        met = None
        with Kept() as kept:
            met = self._context.run(self.work.send, None)
        match kept.error:
            case None:
                self._waits = None if met is None or isinstance(met, Pause) else met
            case StopIteration(value=answer):
                self.done, self.answer = True, answer
            case error:
                self.done, self.error = True, error

    def kill(self) -> None:
        """It never goes on: what it held is gone with the process."""
        self.done = True
        self.work.close()
