"""A KurrentDB for tests: one that is there already, a container, or the double as a process.

There is no server in any package registry; `against` says what it was.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.testing.servers.kurrent import docker
from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process
from shared.testing.servers.server import Addressed, Elsewhere, running

Server = Addressed
ADDRESS = "QUDAO_TEST_KURRENT"
AGAINST = (
    "a gRPC double of KurrentDB made from kurrentdbclient's stubs; no real server was reachable"
)


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
    with running(_choose(folder, own)) as chosen:
        yield chosen


def _choose(folder: Path, own: bool) -> Server:
    if not own and (address := os.environ.get(ADDRESS)):
        return Elsewhere("KurrentDB", ADDRESS, address)
    return docker.Container() if docker.available() else Local(folder)
