"""What goes on beside a test: something done each second, the most memory that was taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread


@contextmanager
def beside(do: Callable[[], None], *, each: float) -> Iterator[None]:
    """What it raises is raised at the end."""
    over, raised = Event(), list[BaseException]()

    def go_on() -> None:
        try:
            while not over.wait(each):
                do()
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    thread = Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
    if raised:
        raise raised[0]


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
