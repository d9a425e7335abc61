"""Ports that stay ours while their server is down.

They lie below the kernel's ephemeral range: a client that knocks at a stopped server on an
ephemeral port can be given that very port as its own and then talks to itself.
"""

import fcntl
import random
import socket
import tempfile
from io import TextIOWrapper
from pathlib import Path

LOWEST, HIGHEST = 20_000, 32_000
LOCKS = Path(tempfile.gettempdir()) / "qudao-test-ports"


class Port:
    """A free loopback port, kept from other test processes by a lock until `release`."""

    def __init__(self) -> None:
        LOCKS.mkdir(exist_ok=True)
        for number in random.SystemRandom().sample(range(LOWEST, HIGHEST), 200):
            if (lock := _locked(LOCKS / str(number))) is not None:
                if _free(number):
                    self.number, self._lock = number, lock
                    return
                lock.close()
        raise OSError("no free port for a test server")

    def release(self) -> None:
        self._lock.close()


def _locked(path: Path) -> TextIOWrapper | None:
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True
