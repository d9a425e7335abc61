"""Whether a task ends because somebody asked for it."""

from asyncio import CancelledError, current_task
from collections.abc import Coroutine
from typing import Any


def asked_to_end() -> bool:
    """A client library that awaits what it has cancelled itself raises `CancelledError` too."""
    task = current_task()
    return task is not None and task.cancelling() > 0


async def unless_asked(work: Coroutine[Any, Any, None]) -> None:
    """In a group of tasks: one that ends like that would be let go in silence, and what it had to
    do would be done no more.
    """
    try:
        await work
    except CancelledError as error:
        if asked_to_end():
            raise
        raise RuntimeError("ended, and nobody had asked for it") from error
