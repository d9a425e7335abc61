"""`qudao up` as a child process on a free port, and its users."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from httpx2 import Client

QUDAO = Path(sys.executable).with_name("qudao")
START = "2026-01-05T09:00:00+08:00"


@dataclass(slots=True)
class Qudao:
    folder: Path
    process: "subprocess.Popen[str]"
    http: Client
    _keys: "count[int]" = field(default_factory=lambda: count(1))
    _tokens: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, body: object, *, who: str = "manager") -> dict[str, Any]:
        headers = self._headers(who) | {"Idempotency-Key": f"e2e-{next(self._keys)}"}
        return _told(self.http.post(path, json=body, headers=headers))

    def get(self, path: str, *, who: str = "manager") -> dict[str, Any]:
        return _told(self.http.get(path, headers=self._headers(who)))

    def advance(self, instant: str) -> None:
        body = {"advance_to": instant}
        _told(self.http.post("/v1/clock", json=body, headers=self._headers("operations")))

    def run(self, *args: str, stdin: str = "") -> str:
        """Another process: the command line of somebody who works on the same folder."""
        done = subprocess.run(
            [QUDAO, *args],
            input=stdin,
            env=_environment(self.folder),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def _headers(self, who: str) -> dict[str, str]:
        """`manager`, or `partner:<id>`."""
        if who not in self._tokens:
            role, _, partner_id = who.partition(":")
            wish = {"role": role, "sub": who} | ({"partner_id": partner_id} if partner_id else {})
            self._tokens[who] = _told(self.http.post("/v1/tokens", json=wish))["token"]
        return {"Authorization": f"Bearer {self._tokens[who]}"}


@contextmanager
def started(folder: Path) -> Iterator[Qudao]:
    process = subprocess.Popen(
        [QUDAO, "up", "--clock", START, "--port", "18200"],
        env=_environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        with Client(base_url=ready.split()[1], timeout=60) as http:
            yield Qudao(folder, process, http)
    finally:
        process.kill()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


def _environment(folder: Path) -> Mapping[str, str]:
    return {**os.environ, "QUDAO_DATA": str(folder), "QUDAO_TEST": "1"}


def _told(answer: Any) -> dict[str, Any]:
    assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found
