"""A serving process that is killed and born again, and clients who write down what they asked."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import Client

from tests.runtime.running import START, environment, free_port

LIVENESS = 60
PROGRAMME = {
    "programme_id": "growth",
    "version": 1,
    "effective_from": "2026-01-01",
    "currency": "CNY",
    "partition": ["product_line"],
    "method": "whole",
    "tiers": [{"from": "10", "rate": "0.10"}],
    "period": "year",
    "grace_days": 10,
    "settle_after": "PT1H",
    "settlement": "manual",
}


class Dead(Exception):
    """It ended before it was ready."""


@dataclass(slots=True, kw_only=True)
class Life:
    """One start of `qudao up`, until it dies."""

    pid: int
    said: Path
    nursery: "Nursery"
    status: int | None = None
    seconds: float = 0.0  # from the start until it was ready
    address: str = ""

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        """The wait status, as `os.waitstatus_to_exitcode` reads it."""
        if self.status is None:
            os.kill(self.pid, how)
        return self.ended()

    def ended(self) -> int:
        """Waits for its end, whoever caused it."""
        if self.status is None:
            self.status = int(self.nursery.heard()["status"])
        return os.waitstatus_to_exitcode(self.status)

    @contextmanager
    def client(self) -> Iterator[Client]:
        with Client(base_url=self.address, timeout=LIVENESS) as http:
            wish = {"role": "director", "sub": "pat"}
            token = http.post("/v1/tokens", json=wish).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            yield http


@dataclass(slots=True)
class Nursery:
    """`folder` is the data's; `room` holds what is ours and survives every death."""

    folder: Path
    room: Path
    process: "subprocess.Popen[str]"
    environment: dict[str, str]
    port: int = field(default_factory=free_port)

    @contextmanager
    def life(self, *more: str) -> Iterator[Life]:
        """Killed at the end, if it is not dead by then."""
        began = time.monotonic()
        life = self._born("up", "--port", str(self.port), "--clock", START, *more)
        try:
            life.address = self._ready(life)
            life.seconds = time.monotonic() - began
            yield life
        finally:
            life.kill()

    def heard(self) -> dict[str, int]:
        assert self.process.stdout is not None
        told: dict[str, int] = json.loads(self.process.stdout.readline())
        return told

    def _born(self, *arguments: str) -> Life:
        assert self.process.stdin is not None
        said = self.room / "said"
        said.unlink(missing_ok=True)
        wish = {"arguments": arguments, "environment": self.environment, "said": str(said)}
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        return Life(pid=self.heard()["pid"], said=said, nursery=self)

    def _ready(self, life: Life) -> str:
        until = time.monotonic() + LIVENESS
        while time.monotonic() < until:
            told = life.said.read_text() if life.said.exists() else ""
            for line in told.splitlines(keepends=True):
                if line.startswith("ready ") and line.endswith("\n"):
                    return line.split()[1]
            if not Path(f"/proc/{life.pid}").exists() or _zombie(life.pid):
                raise Dead(told)
            time.sleep(0.01)
        raise Dead(f"not ready after {LIVENESS} s: {told}")


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@contextmanager
def nursery(folder: Path, room: Path, *prefix: str, **settings: str) -> Iterator[Nursery]:
    """`prefix`: a command before the interpreter's, like one that gives it mounts of its own."""
    room.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [*prefix, sys.executable, "-m", "tests.reliability.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            ours = {**environment(folder), "QUDAO_RATE": "1000000/minute", **settings}
            lives = Nursery(folder, room, process, ours)
            lives.heard()
            yield lives
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(LIVENESS)


def cny(amount: int) -> dict[str, str]:
    return {"amount": f"{amount}.00", "currency": "CNY"}


def prepare(http: Client, partners: int = 3) -> None:
    """Partners p0, p1, … with a credit that no test uses up, and a programme that counts."""
    wishes: list[tuple[str, dict[str, Any]]] = [("/v1/rebates/programmes", PROGRAMME)]
    for number in range(partners):
        head = {"partner_id": f"p{number}", "type": "agent", "level": "gold"}
        wishes.append(("/v1/partners", head))
        wishes.append((f"/v1/partners/p{number}/credit-limit", {"limit": cny(100_000_000)}))
    for path, body in wishes:
        key = {"Idempotency-Key": f"prepare{path}{body.get('partner_id', '')}"}
        answer = http.post(path, json=body, headers=key)
        assert answer.is_success, answer.text


def order(number: int, partner: str) -> dict[str, Any]:
    """One line over 100 yuan."""
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": "1", "unit_price": cny(100)}
    head = {"order_id": f"o{number}", "partner_id": partner, "region": "east", "currency": "CNY"}
    return head | {"lines": [line]}


def payment(number: int, partner: str) -> dict[str, Any]:
    """100 yuan, for whatever is the oldest order."""
    head = {"source_system": "bank", "document_no": f"d{number}", "partner_id": partner}
    return head | {"amount": cny(100), "paid_on": "2026-01-05"}
