"""A coroutine that is driven by hand, from one call of a port to the next."""

from asyncio import Future
from collections.abc import Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.simulation.wires import Pause


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
        try:
            met = self._context.run(self.work.send, None)
        except StopIteration as end:
            self.done, self.answer = True, end.value
        except Exception as error:  # noqa: BLE001  (whoever drives it judges it)
            self.done, self.error = True, error
        else:
            self._waits = None if met is None or isinstance(met, Pause) else met

    def kill(self) -> None:
        """It never goes on: what it held is gone with the process."""
        self.done = True
        self.work.close()
