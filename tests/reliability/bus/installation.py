"""Orders, rebates and partners in real processes: a Kafka behind our proxy, files for the rest."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from httpx2 import Client

from shared.testing.servers.kafka.local import Local
from tests.e2e.business import yuan
from tests.e2e.roles import Role, Roles, metrics_of
from tests.e2e.users import Users
from tests.e2e.waiting import until
from tests.reliability.bus.proxy import Proxy
from tests.reliability.oracle import facts_in

CONTEXTS = ("partners", "orders", "rebates")
PARTNERS = ("p0", "p1", "p2", "p3", "p4")
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
BOUND = 300.0
"""Seconds in which everything has caught up: the promised 60, on a machine that is loaded."""


@dataclass(slots=True, kw_only=True)
class Installation(Roles):
    """`users` talk to the api of all contexts. `proxy` stands between Kafka and everybody.

    `more` settings may name a server for the views, and where the gateway finds the contexts.
    """

    broker: Local
    proxy: Proxy
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def servers_settings(self) -> dict[str, str]:
        return {"QUDAO_KAFKA": self.proxy.address, **self.more}

    @property
    def environment(self) -> dict[str, str]:
        return {**super(Installation, self).environment, **self.more}

    @property
    def api(self) -> Role:
        return next(role for role in self.roles.values() if role.command[0] == "api")

    @property
    def store(self) -> Path:
        return self.folder / "data" / "orders.store.db"

    @contextmanager
    def users(self, address: str = "") -> Iterator[Users]:
        with Client(base_url=address or self.api.address, timeout=60) as http:
            yield Users(http)

    def caught_up(self, *workers: Role, seconds: float = BOUND) -> None:
        """No consumer of these (or any) has anything left to read, and every server is there."""
        running = [r for r in self.roles.values() if r.command[0] == "worker" and r.process]
        until(lambda: self._still(workers or running), seconds=seconds)

    def _still(self, workers: Sequence[Role]) -> bool:
        """Asked twice with nothing stored meanwhile: figures are not all of one moment."""
        before = self._stored()
        return all(map(at_ends, [*workers, *workers])) and self._stored() == before

    def _stored(self) -> list[int]:
        stores = sorted((self.folder / "data").glob("*.store.db"))
        return [len(facts_in(path)) for path in stores]


def at_ends(role: Role) -> bool:
    """As the process itself says; what is right, only the oracle says."""

    lines = [line for line in metrics_of(role).splitlines() if not line.startswith("#")]
    figures = [line.rpartition(" ") for line in lines]
    gone = [name for name, _, value in figures if "qudao_unreachable{" in name and value != "0.0"]
    lags = [value for name, _, value in figures if "qudao_lag_facts{" in name]
    return bool(lags) and not gone and all(float(value) == 0 for value in lags)


@contextmanager
def kafka_behind(folder: Path) -> Iterator[tuple[Local, Proxy]]:
    proxy = Proxy()
    broker = Local(folder, "PLAINTEXT", {}, told=proxy.address)
    proxy.target = broker.servers
    sys.stdout.write(f"against {broker.against}; stores and views are SQLite files\n")
    try:
        broker.start()
        proxy.start()
        yield broker, proxy
    finally:
        broker.close()
        proxy.close()


@contextmanager
def installed(
    folder: Path, broker: Local, proxy: Proxy, more: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """An api of all contexts; workers are begun by the test."""
    with ExitStack() as stack:
        there = Installation(folder, stack, broker=broker, proxy=proxy, more=more or {})
        applied = there.run("topics", "apply")
        assert applied.returncode == 0, applied.stderr
        there.run("token", "operations", "--sub", "installer")  # makes the key that all share
        there.begin("api", *CONTEXTS)
        try:
            yield there
        finally:
            sys.stdout.write(there.logs())


def opened(users: Users) -> None:
    """Partners with a large open order each, so that any payment for it is allocated at once."""
    for partner in PARTNERS:
        users.post("/v1/partners", {"partner_id": partner, "type": "agent", "level": "gold"})
        limit = {"limit": yuan("3000000")}
        users.post(f"/v1/partners/{partner}/credit-limit", limit, who="finance")
    users.post("/v1/rebates/programmes", PROGRAMME)
    for partner in PARTNERS:
        line = {"line": 1, "sku": "a", "product_line": "A", "quantity": 400}
        lines = [{**line, "unit_price": yuan("1000")}]
        body = {"partner_id": partner, "region": "east", "currency": "CNY", "lines": lines}
        order = body | {"order_id": f"order-{partner}"}
        users.post("/v1/orders", order, who=f"partner:{partner}")
    for partner in PARTNERS:
        until(lambda p=partner: approved(users, p), seconds=BOUND)  # type: ignore[misc]


def approved(users: Users, partner: str) -> bool:
    found = users.get(f"/v1/orders/order-{partner}")
    return bool(found["status"] == "approved")
