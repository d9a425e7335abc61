"""An installation as it runs in production: each context's api and worker a process, a gateway."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from httpx2 import Client, get

from shared.testing.servers.ports import Port
from tests.e2e.process import QUDAO
from tests.e2e.servers import Servers
from tests.e2e.users import Users
from tests.e2e.waiting import until

CONTEXTS = ("partners", "leads", "orders", "rebates", "mdf", "forecast", "notifications")
APIS = (("partners", "leads", "rebates"), ("orders", "mdf", "forecast", "notifications"))


@dataclass(slots=True)
class Role:
    """One process, known by its name; its log stays when it is gone."""

    command: tuple[str, ...]
    address: str
    log: Path
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
        status = self.process.wait(timeout=60)
        self.process = None
        return status


@dataclass(slots=True)
class Cluster:
    folder: Path
    servers: Servers
    stack: ExitStack
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        apis = {context: self.roles[f"api {' '.join(a)}"] for a in APIS for context in a}
        return {
            **self.settings,
            "QUDAO_APIS": ",".join(f"{name}={role.address}" for name, role in apis.items()),
        }

    @property
    def settings(self) -> dict[str, str]:
        own = {"QUDAO_DATA": str(self.folder / "data"), "QUDAO_TEST": "1"}
        return {**os.environ, **self.servers.settings, **own}

    def run(self, *args: str, stdin: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [QUDAO, *args],
            input=stdin,
            env={**self.settings, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def begin(self, *command: str, name: str = "") -> Role:
        """Does not wait until it is ready: all can start together."""
        port = Port()
        self.stack.callback(port.release)
        named = name or " ".join(command)
        role = Role(
            (*command, "--port", str(port.number)),
            f"http://127.0.0.1:{port.number}",
            self.folder / f"{named.replace(' ', '-')}.log",
        )
        self.roles[named] = role
        self.stack.callback(role.kill)
        self.again(role)
        return role

    def again(self, role: Role) -> None:
        settings = self.environment if role.command[0] == "gateway" else self.settings
        with role.log.open("ab") as log:
            role.process = subprocess.Popen(
                [QUDAO, *role.command], env=settings, stdout=log, stderr=log
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
            return next((role for role in running if leads in _metrics(role)), None)

        leader = until(found)
        assert leader is not None
        return leader

    def metrics(self, context: str) -> str:
        return _metrics(self.leader(context))

    def told(self, name: str) -> str:
        """The figures of one process."""
        return _metrics(self.roles[name])

    def ready(self) -> None:
        for role in self.roles.values():
            until(partial(_ready, role))

    def logs(self) -> str:
        told = ((role.log.name, role.log.read_text()[-2000:]) for role in self.roles.values())
        return "\n".join(f"--- {name}\n{text}" for name, text in told)


def _ready(role: Role) -> bool:
    return get(f"{role.address}/health/ready", timeout=30).is_success


def _metrics(role: Role) -> str:
    return get(f"{role.address}/metrics", timeout=30).text


@contextmanager
def cluster(folder: Path, servers: Servers) -> Iterator[tuple[Cluster, Users]]:
    with ExitStack() as stack:
        there = Cluster(folder, servers, stack)
        applied = there.run("topics", "apply")
        assert applied.returncode == 0, applied.stderr
        there.run("token", "operations", "--sub", "installer")  # makes the key that all share
        for contexts in APIS:
            there.begin("api", *contexts)
        for context in CONTEXTS:
            there.begin("worker", context)
        there.begin("worker", "orders", name="worker orders again")
        there.begin("stream", "forecast")
        gateway = there.begin("gateway")
        http = stack.enter_context(Client(base_url=gateway.address, timeout=90))
        yield there, Users(http)
