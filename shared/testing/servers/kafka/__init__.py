"""A real Apache Kafka for tests: one that is there already, a container, or a child process.

A broker that cannot be had is an error and never a reason to skip.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from shared.testing.servers.kafka.local import Local

ADDRESS = "QUDAO_TEST_KAFKA"


class Broker(Protocol):
    """`servers` for the clients, `against` for the report; `pid` only of a child process."""

    @property
    def servers(self) -> str: ...
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
    """A broker that somebody else runs."""

    restartable = False
    pid = None

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.against = f"the Kafka at {servers} ({ADDRESS})"

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to stop")

    def kill(self) -> None:
        raise RuntimeError(f"{self.against} is not ours to kill")

    def close(self) -> None:
        """It stays."""


@contextmanager
def broker(
    folder: Path,
    *,
    own: bool = False,
    protocol: str = "PLAINTEXT",
    extra: Mapping[str, str] | None = None,
) -> Iterator[Broker]:
    """A running broker. `own`: one that may be stopped, whatever the environment names.

    `protocol` of the clients' listener and `extra` settings (its name is CLIENTS) make it a child
    process in any case.
    """
    server = _choose(folder, own, protocol, extra or {})
    try:
        server.start()
        yield server
    finally:
        server.close()


def _choose(folder: Path, own: bool, protocol: str, extra: Mapping[str, str]) -> Broker:
    if protocol != "PLAINTEXT" or extra:
        return Local(folder, protocol, extra)
    if not own and (address := os.environ.get(ADDRESS)):
        return Elsewhere(address)
    from shared.testing.servers.kafka import docker  # noqa: PLC0415 - 0.5 s, only for brokers

    return docker.Container() if docker.available() else Local(folder, protocol, extra)
