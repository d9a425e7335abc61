"""`qudao up` as a child process, and its clients."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from httpx2 import Client

QUDAO = Path(sys.executable).with_name("qudao")
START = "2026-01-05T09:00:00+08:00"
GRACE = 10
LIVENESS = 60


@dataclass(slots=True)
class Up:
    """A running `qudao up`, and what it has said so far."""

    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.said[-1].split()[1]

    def stop(self, how: signal.Signals) -> tuple[int, float]:
        """The exit code, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(LIVENESS)
        return code, time.monotonic() - began

    @contextmanager
    def client(self) -> Iterator[Client]:
        with Client(base_url=self.address, timeout=LIVENESS) as http:
            wish = {"role": "director", "sub": "pat"}
            token = http.post("/v1/tokens", json=wish).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            yield http


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "QUDAO_DATA": str(folder), "QUDAO_TEST": "1", **more}


@contextmanager
def up(folder: Path, port: int, *more: str, ready: bool = True) -> Iterator[Up]:
    with subprocess.Popen(
        [QUDAO, "up", "--port", str(port), *more],
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        one = Up(process)
        try:
            assert process.stdout is not None
            for line in process.stdout if ready else ():
                one.said.append(line.strip())
                if line.startswith("ready "):
                    break
            yield one
        finally:
            process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
