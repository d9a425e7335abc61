"""A server as a child process: started until it says so, stopped by its pid, never left behind."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START_SECONDS = 240.0  # Kafka is up in 4 s; on a busy machine 50 s have been seen
STOP_SECONDS = 120.0


class NotStarted(RuntimeError):
    """The server ended or stayed silent; the text has the end of its log."""


class Process:
    """`ready` is the text in the log that says that the server takes connections."""

    def __init__(self, command: Sequence[str], log: Path, ready: str) -> None:
        self.command, self.log, self.ready = tuple(command), log, ready
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        if self._child is not None:
            return
        with self.log.open("ab") as log:
            begun = log.tell()
            self._child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._guard = _guard(self._child.pid)
        try:
            self._wait(begun)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends it in order; one that does not end within its time is killed, which is an error."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait(STOP_SECONDS)
        self._child = None
        if self._guard is not None:
            self._guard.communicate(b"over\n", STOP_SECONDS)
            self._guard = None

    def _wait(self, begun: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.ready not in (said := self._said(begun)):
            ended = self._child is None or self._child.poll() is not None
            if ended or time.monotonic() > deadline:
                why = "ended at start" if ended else f"not ready in {START_SECONDS:.0f} s"
                raise NotStarted(f"{self.command[0]} {why}; {self.log}:\n{said[-3000:]}")
            time.sleep(0.05)

    def _said(self, begun: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begun)
            return log.read().decode(errors="replace")


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """Kills the server when this process is gone: then the pipe ends before a line came."""
    return subprocess.Popen(
        ["sh", "-c", 'read _ || kill -9 "$0"', str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
