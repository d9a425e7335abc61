"""Processes of an installation, each known by its name: begun, killed, stopped, begun again."""

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from httpx2 import get

from shared.testing.servers.ports import Port
from tests.e2e.process import QUDAO
from tests.e2e.waiting import until


@dataclass(slots=True)
class Role:
    """One process; its log stays when it is gone."""

    command: tuple[str, ...]
    address: str
    log: Path
    program: tuple[str, ...] = (str(QUDAO),)
    process: "subprocess.Popen[bytes] | None" = None

    def kill(self) -> None:
        """Nothing is said to it before."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        status = self.process.wait(timeout=120)
        self.process = None
        return status


@dataclass(slots=True)
class Roles(ABC):
    folder: Path
    stack: ExitStack
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    @abstractmethod
    def servers_settings(self) -> dict[str, str]:
        """What names the servers that it stands on."""

    @property
    def settings(self) -> dict[str, str]:
        own = {"QUDAO_DATA": str(self.folder / "data"), "QUDAO_TEST": "1"}
        return {**os.environ, **self.servers_settings, **own}

    @property
    def environment(self) -> dict[str, str]:
        """Of a gateway: it finds every context where its api is."""
        apis = [role for name, role in self.roles.items() if name.startswith("api ")]
        named = [f"{name}={role.address}" for role in apis for name in role.command[1:-2]]
        return {**self.settings, "QUDAO_APIS": ",".join(named)}

    def run(self, *args: str, stdin: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [QUDAO, *args],
            input=stdin,
            env={**self.settings, **more},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def begin(
        self, *command: str, name: str = "", program: tuple[str, ...] = (str(QUDAO),)
    ) -> Role:
        """Does not wait until it is ready: all can start together."""
        port = Port()
        self.stack.callback(port.release)
        named = name or " ".join(command)
        role = Role(
            (*command, "--port", str(port.number)),
            f"http://127.0.0.1:{port.number}",
            self.folder / f"{named.replace(' ', '-')}.log",
            program,
        )
        self.roles[named] = role
        self.stack.callback(role.kill)
        self.again(role)
        return role

    def again(self, role: Role) -> None:
        settings = self.environment if role.command[0] == "gateway" else self.settings
        with role.log.open("ab") as log:
            role.process = subprocess.Popen(
                [*role.program, *role.command], env=settings, stdout=log, stderr=log
            )

    @property
    def gateway(self) -> str:
        return self.roles["gateway"].address

    def leader(self, context: str) -> Role:
        """Of those that run."""
        mine = [r for r in self.roles.values() if r.command[:2] == ("worker", context)]
        leads = f'qudao_leads{{context="{context}"}} 1.0'
        running = [role for role in mine if role.process]

        def found() -> Role | None:
            return next((role for role in running if leads in metrics_of(role)), None)

        leader = until(found)
        assert leader is not None
        return leader

    def metrics(self, context: str) -> str:
        return metrics_of(self.leader(context))

    def told(self, name: str) -> str:
        """The figures of one process."""
        return metrics_of(self.roles[name])

    def ready(self) -> None:
        for role in self.roles.values():
            until(partial(_ready, role))

    def logs(self) -> str:
        told = ((role.log.name, role.log.read_text()[-2000:]) for role in self.roles.values())
        return "\n".join(f"--- {name}\n{text}" for name, text in told)


def _ready(role: Role) -> bool:
    return get(f"{role.address}/health/ready", timeout=30).is_success


def metrics_of(role: Role) -> str:
    return get(f"{role.address}/metrics", timeout=30).text
