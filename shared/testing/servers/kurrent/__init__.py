"""A KurrentDB for tests: one that is there already, a container, or the double as a process.

There is no server in any package registry; `against` says what it was.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from shared.testing.servers.kurrent import docker
from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process

ADDRESS = "QUDAO_TEST_KURRENT"
AGAINST = (
    "a gRPC double of KurrentDB made from kurrentdbclient's stubs; no real server was reachable"
)


class Server(Protocol):
    """`uri` for the clients, `against` for the report; `pid` only of a child process."""

    @property
    def uri(self) -> str: ...
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


class Elsewhere:
    """A server that somebody else runs."""

    restartable = False
    pid = None

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.against = f"the KurrentDB at {uri.rpartition('@')[2]} ({ADDRESS})"

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to stop")

    def kill(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to kill")

    def close(self) -> None:
        """It stays."""


class Local:
    """The double as a child process: what it answered outlives `kill`, in its folder."""

    restartable = True
    against = AGAINST

    def __init__(self, folder: Path) -> None:
        self._port = Port()
        self.uri = f"kurrentdb://127.0.0.1:{self._port.number}?tls=false"
        command = [sys.executable, "-m", "shared.testing.servers.kurrent"]
        command += ["--port", str(self._port.number), "--folder", str(folder)]
        self._process = Process(command, folder / "server.log", "ready kurrentdb://")
        self.start, self.stop = self._process.start, self._process.stop
        self.kill = self._process.kill

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def close(self) -> None:
        self.kill()
        self._port.release()


@contextmanager
def server(folder: Path, *, own: bool = False) -> Iterator[Server]:
    """A running server. `own`: one that may be stopped, whatever the environment names."""
    address = None if own else os.environ.get(ADDRESS)
    chosen: Server = Elsewhere(address) if address else _ours(folder)
    try:
        chosen.start()
        yield chosen
    finally:
        chosen.close()


def _ours(folder: Path) -> Server:
    return docker.Container() if docker.available() else Local(folder)
