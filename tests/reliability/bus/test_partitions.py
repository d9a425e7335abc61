"""B11: links are cut in one direction or both: workers and Kafka, everybody and the views, the
gateway and the api.

Each link has a proxy of its own; requests come through the gateway. Kafka is real, MongoDB is
SecantusDB, the stores are SQLite files. Worker and api share the links to Kafka and to the views.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic, sleep

import pytest

from shared.testing.servers.mongo.local import Local as Mongo
from shared.testing.servers.server import running
from tests.reliability import journal
from tests.reliability.bus.installation import BOUND, CONTEXTS, installed, kafka_behind
from tests.reliability.bus.load import Business, business
from tests.reliability.bus.oracle import wrong
from tests.reliability.bus.proxy import Proxy, Way, proxied
from tests.reliability.bus.watching import descriptors, threads
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(1_200, 14_400)),
]
CUTS = trials(9, 100)
LENGTHS = trials(
    {"kafka": (12.0, 13.0), "views": (1.0, 3.0), "api": (1.0, 3.0)},
    dict.fromkeys(("kafka", "views", "api"), (1.0, 60.0)),
)
"""Seconds. A cut from Kafka outlasts a reader's patience twice, so that it begins anew."""
RATE = 20.0
WAYS: tuple[tuple[Way, ...], ...] = (("up",), ("down",), ("up", "down"))
SPARE = 1
"""Descriptors and threads that may be more, once all is healed, than after one cut of each link:
pools of connections are full by then.
"""


Held = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Links:
    one: Business
    proxies: dict[str, Proxy]

    def held(self) -> Held:
        """Descriptors and threads of each process."""
        roles = self.one.there.roles.items()
        pids = {name: role.process.pid for name, role in roles if role.process}
        return {name: (descriptors(pid), threads(pid)) for name, pid in pids.items()}


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Links]:
    folder = tmp_path_factory.mktemp("links")
    with ExitStack() as stack:
        broker, to_kafka = stack.enter_context(kafka_behind(folder / "kafka"))
        mongo = stack.enter_context(running(Mongo(folder / "mongo")))
        sys.stdout.write(f"against {mongo.against}\n")
        to_views = stack.enter_context(proxied(mongo.uri.removeprefix("mongodb://").strip("/")))
        to_api = stack.enter_context(proxied(""))
        settings = {
            "QUDAO_MONGO": f"mongodb://{to_views.address}/?directConnection=true",
            "QUDAO_APIS": ",".join(f"{name}=http://{to_api.address}" for name in CONTEXTS),
        }
        there = stack.enter_context(installed(folder, broker, to_kafka, settings))
        to_api.target = there.api.address.removeprefix("http://")
        there.begin("worker", *CONTEXTS)
        there.begin("gateway")
        there.ready()
        one = stack.enter_context(business(there))
        yield Links(one, {"kafka": to_kafka, "views": to_views, "api": to_api})


@contextmanager
def cut(proxy: Proxy, ways: tuple[Way, ...], seconds: float) -> Iterator[None]:
    proxy.cut(*ways)
    try:
        sleep(seconds)
        yield
    finally:
        proxy.heal()


def test_what_a_cut_link_delayed_arrives_and_nothing_stays_open(
    links: Links, tally: Tally
) -> None:
    one, there, random, seen = links.one, links.one.there, Random(11), Counter[str]()
    with one.under_load(RATE, there.gateway) as load:
        load.until(60)
    there.caught_up()
    usual, slowest = links.held(), 0.0
    for number in range(CUTS):
        name = (*links.proxies,)[number % len(links.proxies)]
        ways = WAYS[number // len(links.proxies) % len(WAYS)]
        with one.under_load(RATE, there.gateway) as load:
            load.until(5)
            with cut(links.proxies[name], ways, random.uniform(*LENGTHS[name])):
                seen[f"cuts of the link to {name}"] += links.proxies[name].held > 0
            began = monotonic()
            load.until(5, seconds=BOUND)
        seen["unsure answers"] += one.ask_again()
        there.caught_up()
        slowest = max(slowest, monotonic() - began)
        if number < len(links.proxies):
            usual = most(usual, links.held())
    unsure = seen.pop("unsure answers")
    left = [*until_back(links, usual)]
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B11 a link is cut, in one direction or both",
        {"cuts": CUTS},
        seen=seen | looked,
        never={"descriptors or threads left": left, **found},
        told={"answers asked for again": unsure, "slowest to heal, s": round(slowest, 1)},
    )


def most(one: Held, other: Held) -> Held:
    return {name: (max(a, other[name][0]), max(b, other[name][1])) for name, (a, b) in one.items()}


def until_back(links: Links, usual: Held) -> Iterator[str]:
    """Those that do not come back to what they held, in a while."""

    def more() -> list[str]:
        return [
            f"{name}: {then} → {now}"
            for name, now in links.held().items()
            for then in [usual[name]]
            if any(b > a + SPARE for a, b in zip(then, now, strict=True))
        ]

    end = monotonic() + BOUND
    while left := more():
        if monotonic() > end:
            yield from left
            return
        sleep(0.5)
