"""What every server for tests has in common, whoever runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from shared.testing.servers.ports import Port

STOP_SECONDS = 30


class Server(Protocol):
    """`against` is for the report; `pid` only of a child process."""

    @property
    def against(self) -> str: ...
    @property
    def restartable(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


class Addressed(Server, Protocol):
    """`uri` is for the clients."""

    @property
    def uri(self) -> str: ...


S = TypeVar("S", bound=Server)


@contextmanager
def running(server: S) -> Iterator[S]:
    try:
        server.start()
        yield server
    finally:
        server.close()


class Elsewhere:
    """A server that somebody else runs, at the address that a variable names."""

    restartable = False
    pid = None

    def __init__(self, what: str, variable: str, address: str) -> None:
        self.uri = address
        self.against = f"the {what} at {address.rpartition('@')[2]} ({variable})"

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to stop")

    def kill(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to kill")

    def close(self) -> None:
        """It stays."""


class Contained:
    """A container, through testcontainers. Its own file system is the data: that outlives `stop`
    and `kill`. Who derives from it makes `_container`, and says in `_begin` and `_wait` what the
    first start and every start need.
    """

    restartable = True
    pid = None
    _container: Any

    def __init__(self, against: str) -> None:
        self.against = f"{against}, through testcontainers"
        self._port = Port()
        self._made = self._running = False

    def start(self) -> None:
        if self._running:
            return
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._begin()
        self._made = self._running = True
        self._wait()

    def stop(self) -> None:
        if self._running:
            self._container.get_wrapped_container().stop(timeout=STOP_SECONDS)
            self._running = False

    def kill(self) -> None:
        if self._running:
            self._container.get_wrapped_container().kill()
            self._running = False

    def close(self) -> None:
        self._container.stop()
        self._port.release()

    def _begin(self) -> None:
        """Once in its life."""

    def _wait(self) -> None:
        """Until it answers."""
