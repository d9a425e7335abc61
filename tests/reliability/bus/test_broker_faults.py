"""B9, B10: the broker is down, slow, flapping, or has lost what it confirmed.

Api, worker and Kafka are processes; everybody reaches Kafka through a proxy. Stores and views are
SQLite files: these rows are about the bus. One installation for all tests here, in their order;
the journal goes on from one to the next, and the oracle looks at all of it each time.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from time import monotonic, sleep

import pytest

from tests.e2e.waiting import until
from tests.reliability import journal
from tests.reliability.bus.installation import (
    BOUND,
    CONTEXTS,
    Installation,
    installed,
    kafka_behind,
)
from tests.reliability.bus.load import CREATED, Asked, Business, business, percentile
from tests.reliability.bus.losing import lose
from tests.reliability.bus.oracle import missing_on_the_bus, on_topics, wrong
from tests.reliability.bus.watching import beside, memory_of
from tests.reliability.oracle import facts_in
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(1_200, 7_200)),
]
ROUNDS, OUTAGE = trials(1, 5), trials(6.0, 30.0)
RATE = 50.0
DEATHS = trials(1, 50)
LOSSES = trials(2, 50)
AGAIN = trials(2, 4)  # as many as the relay's overlap holds the losses of
ORDER = ("", "PaymentReceived")
"""A whole topic is lost, or (no name) the last records of every partition."""
MOST = 200  # MiB that the worker may have
WORKER = f"worker {' '.join(CONTEXTS)}"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    folder = tmp_path_factory.mktemp("faults")
    with (
        kafka_behind(folder / "kafka") as (broker, proxy),
        installed(folder, broker, proxy) as there,
    ):
        there.begin("worker", *CONTEXTS)
        there.ready()
        with business(there) as made:
            yield made


Seen = dict[str, int]
Fault = Callable[[Installation, Seen], AbstractContextManager[None]]


@contextmanager
def killed(there: Installation, seen: Seen) -> Iterator[None]:
    there.broker.kill()
    try:
        yield
        seen["said that it is gone"] += 'qudao_unreachable{context="orders"} 1.0' in there.told(
            WORKER
        )
    finally:
        there.broker.start()


@contextmanager
def late(there: Installation, seen: Seen) -> Iterator[None]:
    there.proxy.slow(latency=2.0)
    try:
        yield
        seen["facts behind"] += until(lambda: behind(there))  # the load goes on
    finally:
        there.proxy.heal()


@contextmanager
def narrow(there: Installation, seen: Seen) -> Iterator[None]:
    there.proxy.slow(bandwidth=8 << 10)
    try:
        yield
        seen["facts behind"] += until(lambda: behind(there))  # the load goes on
    finally:
        there.proxy.heal()


@contextmanager
def flapping(there: Installation, seen: Seen) -> Iterator[None]:
    """As long as the outage: the connections that stand, each second."""
    before = there.proxy.resets
    with beside(there.proxy.reset, each=1.0):
        yield
    seen["resets"] += there.proxy.resets - before


def behind(there: Installation) -> int:
    """How many payments of the store are not on the bus now.

    What a command stores is the receipt; the payment is stored by a step, many in one go, and
    that step waits for the broker as all of its context's do.
    """
    facts = facts_in(there.store)
    stored = sum(fact.envelope["type"] == "PaymentReceived" for fact in facts)
    told = {r.value for r in on_topics(there.broker.inner).records if r.topic == "PaymentReceived"}
    return int(stored - len(told))


def test_what_the_broker_lost_is_sent_again_and_read_again(one: Business, tally: Tally) -> None:
    """The worker goes on: the last records of every partition, or a whole topic, are gone when
    the broker comes back. Nobody asks for a sweep. Who stands behind a log's end must not take
    what comes then for what it has read: a jump to the newest would be payments not heard of.

    The first of this file's tests: the relay sends the last thousand facts again, and what was
    lost has to be among them. More than that is the sweep's, below.
    """
    there, lost, slowest = one.there, 0, 0.0
    for round_ in range(AGAIN):
        with one.under_load(RATE) as load:
            load.until(40)
        there.caught_up()
        there.broker.kill()
        lost += lose(there.broker.folder / "data", whole=ORDER[round_ % len(ORDER)])
        there.broker.start()
        began = monotonic()
        with one.under_load(RATE) as load:
            load.until(20)
        until(lambda: not missing(there), seconds=BOUND)
        slowest = max(slowest, monotonic() - began)
        there.caught_up()
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B10 the broker lost what it had confirmed",
        {"losses": AGAIN},
        seen={"lost records": lost} | looked,
        never=found,
        told={"slowest to be there again, s": round(slowest, 1)},
    )


@pytest.mark.parametrize("fault", [killed, late, narrow, flapping])
def test_commands_do_not_need_the_broker_and_all_arrives_when_it_is_well(
    one: Business, fault: Fault, tally: Tally
) -> None:
    there, seen = one.there, Counter[str]()
    worker = there.roles[WORKER].process
    assert worker
    recoveries, answers = list[float](), list[Asked]()
    with one.under_load(RATE) as load:
        load.until(100)
    healthy = [asked.seconds for asked in load.answers]
    with memory_of(worker.pid) as memory:
        for _ in range(ROUNDS):
            with one.under_load(RATE) as load:
                with fault(there, seen):
                    sleep(OUTAGE)
                    seen["commands meanwhile"] += load.done
                load.until(20)
            recoveries.append(recovered(there))
            answers += load.answers
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        f"B9 the broker is {fault.__name__}",
        {"outages": ROUNDS},
        seen=seen | looked,
        never={
            "refused commands": [asked for asked in answers if asked.status != CREATED],
            f"MiB above {MOST}": [memory.most] if memory.most > MOST else [],
            **found,
        },
        told={
            "p99 healthy, ms": percentile(healthy, 0.99),
            "p99, ms": percentile([asked.seconds for asked in answers], 0.99),
            "slowest recovery, s": max(recoveries),
            "worker, MiB": memory.most,
        },
    )


def test_a_broker_that_dies_at_any_moment_stops_nobody(one: Business, tally: Tally) -> None:
    """In a fetch, in a pause after one, in a commit: a client has another way to fail in each, and
    a loop that ends without a word looks as well as one that has nothing to do.
    """
    there, random, slowest = one.there, Random(DEATHS), 0.0
    for _ in range(DEATHS):
        with one.under_load(RATE) as load:
            load.until(random.randrange(20, 50))
            there.broker.kill()
            sleep(random.uniform(0.1, 6.0))
            there.broker.start()
            load.until(20)
        slowest = max(slowest, recovered(there))
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B9 the broker dies at any moment",
        {"deaths": DEATHS},
        seen=looked,
        never=found,
        told={"slowest recovery, s": slowest},
    )


def recovered(there: Installation) -> float:
    began = monotonic()
    there.caught_up()
    return round(monotonic() - began, 1)


def test_a_sweep_names_what_was_lost_and_sends_it_again(one: Business, tally: Tally) -> None:
    """The worker is away meanwhile, so that only the sweep can have done it."""
    there, named, lost = one.there, list[object](), 0
    worker = there.roles[WORKER]
    for round_ in range(LOSSES):
        with one.under_load(RATE) as load:
            load.until(40)
        there.caught_up()
        assert worker.stop() == 0
        there.broker.kill()
        lose(there.broker.folder / "data", whole=ORDER[round_ % len(ORDER)])
        there.broker.start()
        gone = missing(there)
        lost += len(gone)
        told = swept(there)
        named += [] if sum(told.values()) == len(gone) else [(told, len(gone))]
        swept(there, "--repair")
        named += missing(there)
        there.again(worker)
        there.ready()
        there.caught_up()
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B10 a sweep mends what the broker lost",
        {"losses": LOSSES},
        seen={"lost facts": lost} | looked,
        never={"told or mended wrongly": named, **found},
    )


def missing(there: Installation) -> list[str]:
    """Facts of the stores whose type has a topic, and which do not lie there."""
    return sorted(missing_on_the_bus(there))


def swept(there: Installation, *how: str) -> dict[str, int]:
    """What `qudao sweep` says is missing, by topic."""
    done = there.run("sweep", *CONTEXTS, "--json", *how)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if how else 1), done.stdout + done.stderr
    return {
        topic: count["missing"] for one in told.values() for topic, count in one["topics"].items()
    }
