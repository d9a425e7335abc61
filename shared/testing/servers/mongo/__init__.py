"""A MongoDB for tests: one that is there already, a container, or SecantusDB as a child process.

A server that cannot be had is an error and never a reason to skip.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shared.testing.servers.mongo.local import Local
from shared.testing.servers.server import Addressed, Elsewhere, running

Server = Addressed
ADDRESS = "QUDAO_TEST_MONGO"


@contextmanager
def server(folder: Path, *, own: bool = False, extra: Sequence[str] = ()) -> Iterator[Server]:
    """A running server. `own`: one that may be stopped, whatever the environment names; another
    one's databases are shared, so take names of your own.

    `extra` arguments (TLS, `--auth`) make it a child process in any case.
    """
    with running(_choose(folder, own, extra)) as chosen:
        yield chosen


def _choose(folder: Path, own: bool, extra: Sequence[str]) -> Server:
    if extra:
        return Local(folder, extra)
    if not own and (address := os.environ.get(ADDRESS)):
        return Elsewhere("MongoDB", ADDRESS, address)
    from shared.testing.servers.mongo import docker  # noqa: PLC0415 - 0.5 s, only for servers

    return docker.Container() if docker.available() else Local(folder)
