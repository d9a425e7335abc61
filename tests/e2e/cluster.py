"""An installation as it runs in production: each context's api and worker a process, a gateway."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client

from tests.e2e.roles import Roles
from tests.e2e.servers import Servers
from tests.e2e.users import Users

CONTEXTS = ("partners", "leads", "orders", "rebates", "forecast", "notifications")
APIS = (("partners", "leads", "rebates"), ("orders", "forecast", "notifications"))


@dataclass(slots=True, kw_only=True)
class Cluster(Roles):
    servers: Servers

    @property
    def servers_settings(self) -> dict[str, str]:
        return self.servers.settings


@contextmanager
def cluster(folder: Path, servers: Servers) -> Iterator[tuple[Cluster, Users]]:
    with ExitStack() as stack:
        there = Cluster(folder, stack, servers=servers)
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
