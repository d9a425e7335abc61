"""A MongoDB for tests: one that is there already, a container, or SecantusDB as a child process.

A server that cannot be had is an error and never a reason to skip.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from shared.testing.servers.mongo.local import Local

ADDRESS = "QUDAO_TEST_MONGO"


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
    """A server that somebody else runs; its databases are shared, so take names of your own."""

    restartable = False
    pid = None

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.against = f"the MongoDB at {uri.rpartition('@')[2]} ({ADDRESS})"

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to stop")

    def kill(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to kill")

    def close(self) -> None:
        """It stays."""


@contextmanager
def server(folder: Path, *, own: bool = False, extra: Sequence[str] = ()) -> Iterator[Server]:
    """A running server. `own`: one that may be stopped, whatever the environment names.

    `extra` arguments (TLS, `--auth`) make it a child process in any case.
    """
    chosen = _choose(folder, own, extra)
    try:
        chosen.start()
        yield chosen
    finally:
        chosen.close()


def _choose(folder: Path, own: bool, extra: Sequence[str]) -> Server:
    if extra:
        return Local(folder, extra)
    if not own and (address := os.environ.get(ADDRESS)):
        return Elsewhere(address)
    from shared.testing.servers.mongo import docker  # noqa: PLC0415 - 0.5 s, only for servers

    return docker.Container() if docker.available() else Local(folder)
