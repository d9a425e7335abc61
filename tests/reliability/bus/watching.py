"""What goes on beside a test: something done each second, the most memory that was taken."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event


@contextmanager
def beside(do: Callable[[], None], *, each: float) -> Iterator[None]:
    """What it raises is raised at the end."""
    over = Event()

    def go_on() -> None:
        while not over.wait(each):
            do()

    with ThreadPoolExecutor(1) as aside:
        going_on = aside.submit(go_on)
        try:
            yield
        finally:
            over.set()
    going_on.result()


def rss(pid: int) -> int:
    """MiB that a process has in memory now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4 // 1024


def descriptors(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


def threads(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/task").iterdir()])


@dataclass(slots=True)
class Memory:
    """The most that a process had while it was watched, in MiB."""

    most: int = 0


@contextmanager
def memory_of(pid: int) -> Iterator[Memory]:
    memory = Memory()

    def look() -> None:
        memory.most = max(memory.most, rss(pid))

    with beside(look, each=0.1):
        yield memory
