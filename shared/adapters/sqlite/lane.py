"""A thread for work that blocks: it takes everything that waits and answers it at once."""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Generic, TypeVar

import apsw

from shared.kernel.errors import PortFailed

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]
AT_ONCE = 512


class Job(Generic[T]):
    """Work, and what came of it: as a context it keeps what is raised inside for who asked."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Work[T], loop: AbstractEventLoop) -> None:
        self.work, self.loop = work, loop
        self.future: Future[T | None] = loop.create_future()
        self.result: T | None = None
        self.error: BaseException | None = PortFailed("the thread ended before this was done")

    def __enter__(self) -> None:
        self.error = None

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        self.error = error
        return True

    def run(self, db: apsw.Connection) -> None:
        with self:
            self.result = self.work(db)

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Lane:
    """`perform` gets what has gathered while it was busy, in the order of asking."""

    def __init__(self, name: str, perform: Callable[[Sequence[Job[Any]]], None]) -> None:
        self._perform = perform
        self._waiting: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._closed = False

    async def ask(self, work: Work[T]) -> T:
        if self._closed or not self._thread.is_alive():
            raise PortFailed(f"{self._thread.name} is closed")
        job = Job(work, get_running_loop())
        self._waiting.put(job)
        return await job.future  # type: ignore[return-value]  # None is T's own, if there is one

    def close(self) -> None:
        """After everything that was asked before."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while jobs := self._gathered():
            try:
                self._perform(jobs)
            finally:
                _answer(jobs)

    def _gathered(self) -> list[Job[Any]]:
        """At least one job, or none at all when the lane was closed."""
        jobs: list[Job[Any]] = []
        with suppress(Empty):
            while len(jobs) < AT_ONCE:
                job = self._waiting.get(block=not jobs)
                if job is None:
                    if jobs:
                        self._waiting.put(None)
                    break
                jobs.append(job)
        return jobs


def _answer(jobs: Sequence[Job[Any]]) -> None:
    for loop, mine in groupby(jobs, key=lambda job: job.loop):
        with suppress(RuntimeError):  # the loop is closed: nobody is there to be answered
            loop.call_soon_threadsafe(_answer_all, list(mine))


def _answer_all(jobs: Sequence[Job[Any]]) -> None:
    for job in jobs:
        job.answer()
