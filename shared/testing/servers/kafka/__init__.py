"""A real Apache Kafka for tests: one that is there already, a container, or a child process.

A broker that cannot be had is an error and never a reason to skip.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from shared.testing.servers.kafka.local import Local
from shared.testing.servers.server import Elsewhere, Server, running

ADDRESS = "QUDAO_TEST_KAFKA"


class Broker(Server, Protocol):
    """`servers` is for the clients."""

    @property
    def servers(self) -> str: ...


class Known(Elsewhere):
    @property
    def servers(self) -> str:
        return self.uri


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
    with running(_choose(folder, own, protocol, extra or {})) as server:
        yield server


def _choose(folder: Path, own: bool, protocol: str, extra: Mapping[str, str]) -> Broker:
    if protocol != "PLAINTEXT" or extra:
        return Local(folder, protocol, extra)
    if not own and (address := os.environ.get(ADDRESS)):
        return Known("Kafka", ADDRESS, address)
    from shared.testing.servers.kafka import docker  # noqa: PLC0415 - 0.5 s, only for brokers

    return docker.Container() if docker.available() else Local(folder, protocol, extra)
