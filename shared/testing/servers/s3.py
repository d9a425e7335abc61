"""S3-compatible storage for tests: moto's server as a child process; it keeps nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process

BUCKET = "qudao-test"


class Storage:
    """`endpoint` for the clients; whoever starts it again finds an empty bucket."""

    against = "moto's server, S3 in memory"
    key, secret, region = "key", "secret", "us-east-1"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._port = Port()
        self.endpoint = f"http://127.0.0.1:{self._port.number}"
        command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1")
        self._process = Process(
            (*command, "-p", str(self._port.number)), folder / "s3.log", "Running on"
        )

    def start(self) -> None:
        self._process.start()
        self._make_bucket()

    def stop(self) -> None:
        self._process.kill()  # there is nothing to save

    def close(self) -> None:
        self.stop()
        self._port.release()

    def _make_bucket(self) -> None:
        request = Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        with urlopen(request, timeout=10):
            """Anything but success raises."""


@contextmanager
def storage(folder: Path) -> Iterator[Storage]:
    made = Storage(folder)
    try:
        made.start()
        yield made
    finally:
        made.close()
