"""`qudao up` as a child process on a free port, and its users."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client

from tests.e2e.users import Users

QUDAO = Path(sys.executable).with_name("qudao")
START = "2026-01-05T09:00:00+08:00"


@dataclass(slots=True, kw_only=True)
class Qudao(Users):
    folder: Path
    process: "subprocess.Popen[str]"
    settings: dict[str, str]

    def run(self, *args: str, stdin: str = "") -> str:
        """Another process: the command line of somebody who works on the same folder."""
        done = subprocess.run(
            [QUDAO, *args],
            input=stdin,
            env=environment(self.folder) | self.settings,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)


@contextmanager
def started(folder: Path, *how: str, **settings: str) -> Iterator[Qudao]:
    """`settings` name the servers that it stands on; none: the files of the folder."""
    how = how or ("--clock", START)
    process = subprocess.Popen(
        [QUDAO, "up", *how, "--port", "18200"],
        env={**environment(folder), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        with Client(base_url=ready.split()[1], timeout=120) as http:
            yield Qudao(http=http, folder=folder, process=process, settings=settings)
    finally:
        process.kill()
        process.wait(timeout=120)
        if process.stdout is not None:
            process.stdout.close()


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "QUDAO_DATA": str(folder), "QUDAO_TEST": "1"}
