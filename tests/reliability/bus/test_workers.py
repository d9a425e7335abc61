"""B3, B12, B15: an owner that freezes and wakes, a consumer that is slow, a stop under load.

Everybody is a process; Kafka is real and nothing is wrong with it; stores and views are SQLite
files. One installation for all tests here, in their order, and the oracle looks at all of it.
"""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.e2e.process import QUDAO
from tests.e2e.roles import Role, metrics_of
from tests.e2e.waiting import until
from tests.reliability import journal
from tests.reliability.bus.altered import FREEZE, PROGRAM, SLOW
from tests.reliability.bus.held import Held
from tests.reliability.bus.installation import (
    BOUND,
    CONTEXTS,
    Installation,
    at_ends,
    installed,
    kafka_behind,
)
from tests.reliability.bus.load import (
    BROKEN,
    CREATED,
    Asked,
    Business,
    business,
    percentile,
)
from tests.reliability.bus.oracle import wrong
from tests.reliability.bus.watching import memory_of
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(1_200, 14_400)),
]
POINTS = ("rebates.when-paid-record-basis", "orders.relay", "orders.tell-account")
FREEZES, STOPS = trials(2, 200), trials(2, 100)
HELD = 5
STALE = 1.0  # seconds in which who woke may try everything that it had in mind
RATE = 33.0  # 2,000 a minute
PACE, FLOOD = trials(0.1, 0.2), trials(120, 10_000)
MOST = 200  # MiB


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    folder = tmp_path_factory.mktemp("workers")
    with (
        kafka_behind(folder / "kafka") as (broker, proxy),
        installed(folder, broker, proxy) as there,
        ExitStack() as stack,
    ):
        with workers(there, "first"):
            there.ready()
            made = stack.enter_context(business(there))
        yield made


@contextmanager
def workers(
    there: Installation,
    *names: str,
    contexts: tuple[str, ...] = CONTEXTS,
    program: tuple[str, ...] = (str(QUDAO),),
) -> Iterator[list[Role]]:
    """For as long as a test needs them; then they leave in order."""
    made = [there.begin("worker", *contexts, name=name, program=program) for name in names]
    try:
        there.ready()
        yield made
    finally:
        for role, name in zip(made, names, strict=True):
            role.stop()
            del there.roles[name]


def test_an_owner_that_was_frozen_past_its_session_wakes_and_writes_nothing(
    one: Business, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops itself with a batch in its hands, before the commit; another one does it all."""
    there, wrote, changed, refused = one.there, list[str](), list[str](), 0
    file = there.folder / "freeze"
    monkeypatch.setenv(FREEZE, str(file))
    with workers(there, "one", "other", program=PROGRAM) as both:
        for number in range(FREEZES):
            point = POINTS[number % len(POINTS)]
            with one.under_load(RATE) as load:
                write(file, point)
                frozen, *_ = until(lambda: [*filter(stopped, both)], seconds=BOUND)
                load.until(20)
            (awake,) = (role for role in both if role is not frozen)
            until(lambda role=awake: leads_all(role), seconds=BOUND)  # type: ignore[misc]
            there.caught_up(awake)  # by itself: the other one was put out
            said = len(frozen.log.read_text())
            with held(awake):  # which does its work again as soon as the other one comes back
                before = content(there)
                wake(frozen)
                woken = until(lambda role=frozen, at=said: answer(role, at), seconds=BOUND)  # type: ignore[misc]
                sleep(STALE)
                changed += [f"after {point}: {row}" for row in sorted(before ^ content(there))]
            refused += "was refused" in woken
            wrote += [woken] if "wrote" in woken else []
            there.caught_up()
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B3 a frozen owner wakes after its session, on Kafka",
        {"freezes": FREEZES},
        seen={"refused commits": refused} | looked,
        never={"stale commits": wrote, "changed by one": changed, **found},
    )


def write(file: Path, text: str) -> None:
    """At once, for those that look."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(file)


def stopped(role: Role) -> bool:
    assert role.process
    told = Path(f"/proc/{role.process.pid}/stat").read_text()
    return told.rpartition(")")[2].split()[0] == "T"


def wake(role: Role) -> None:
    assert role.process
    os.kill(role.process.pid, signal.SIGCONT)


@contextmanager
def held(role: Role) -> Iterator[None]:
    """It stands still, for a shorter time than its session."""
    assert role.process
    os.kill(role.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        wake(role)


def answer(role: Role, at: int) -> str:
    """What a process that woke says about its commit."""
    lines = role.log.read_text()[at:].splitlines()
    return next((line for line in lines if line.startswith("awake: ")), "")


def leads_all(role: Role) -> bool:
    told = metrics_of(role)
    return all(f'qudao_leads{{context="{name}"}} 1.0' in told for name in CONTEXTS)


def content(there: Installation) -> set[str]:
    """Every row of every store and view, as SQL that says where it stands."""
    found = set[str]()
    for path in (there.folder / "data").glob("*.[sv]*.db"):
        with closing(sqlite3.connect(path)) as db:
            found |= {f"{path.name}: {row}" for row in db.iterdump()}
    return found


def test_a_consumer_that_is_slow_delays_nobody_else(
    one: Business, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebates takes its time over each fact; another context reads the same topic beside it."""
    there, others = one.there, (*CONTEXTS[:2], "forecast")
    monkeypatch.setenv(SLOW, str(PACE))
    with workers(there, "others", contexts=others) as (quick,):
        with workers(there, "rebates", contexts=("rebates",)), one.under_load(RATE) as load:
            load.until(FLOOD // 2)
        usual = [asked.seconds for asked in load.answers]
        there.caught_up()
        with workers(there, "rebates", contexts=("rebates",), program=PROGRAM) as (slow,):
            assert slow.process
            with memory_of(slow.process.pid) as memory:
                with one.under_load(RATE) as load:
                    load.until(FLOOD)
                until(lambda: at_ends(quick), seconds=BOUND)
                behind = 0 if at_ends(slow) else 1
                began = monotonic()
                there.caught_up(seconds=10 * (BOUND + FLOOD * PACE))
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    never = {
        "refused commands": [asked for asked in load.answers if asked.status != CREATED],
        f"MiB above {MOST}": [memory.most] if memory.most > MOST else [],
    }
    tally(
        f"B12 a consumer takes {PACE} s for each fact",
        {"facts": FLOOD},
        seen={"the others at their ends before it": behind} | looked,
        never=never | found,
        told={
            "p99 usually, ms": percentile(usual, 0.99),
            "p99, ms": percentile([asked.seconds for asked in load.answers], 0.99),
            "caught up, s": round(monotonic() - began, 1),
            "its MiB": memory.most,
        },
    )


def test_an_api_that_is_told_to_stop_answers_what_it_has_taken(
    one: Business, tally: Tally
) -> None:
    """Taken is what it asked the body of ("100 Continue"). What was not answered at all is asked
    again of the next one, with the same key.
    """
    there, api, slowest = one.there, one.there.api, 0.0
    taken, broken, again, codes = list[int](), list[Asked](), 0, list[int]()
    with workers(there, "worker"):
        for _ in range(STOPS):
            with one.under_load(RATE) as load:
                load.until(20)
                held = [Held.of(one) for _ in range(HELD)]
                assert api.process
                began = monotonic()
                api.process.send_signal(signal.SIGTERM)
                taken += [each.answered() for each in held]
                codes.append(api.process.wait(BOUND))
                slowest = max(slowest, monotonic() - began)
            broken += [asked for asked in load.answers if asked.status >= BROKEN]
            there.again(api)
            there.ready()
            again += one.ask_again()
        there.caught_up()
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B15 an api is told to stop under load",
        {"stops": STOPS},
        seen={"requests in its hands": len(taken)} | looked,
        never={
            "not done that was taken": [status for status in taken if status != CREATED],
            "5xx": broken,
            "exits with an error": [code for code in codes if code],
            **found,
        },
        told={"slowest exit, s": round(slowest, 1), "asked again": again},
    )


def test_a_worker_that_is_told_to_stop_hands_over(one: Business, tally: Tally) -> None:
    there, codes, slowest, handed = one.there, list[int](), 0.0, 0.0
    with workers(there, "one", "other") as both:
        for number in range(STOPS):
            leader, other = both[number % 2], both[1 - number % 2]
            with one.under_load(RATE) as load:
                load.until(20)
                began = monotonic()
                codes.append(leader.stop())
                slowest = max(slowest, monotonic() - began)
                until(lambda role=other: leads_all(role), seconds=BOUND)  # type: ignore[misc]
                handed = max(handed, monotonic() - began)
                load.until(20)
            there.again(leader)
            there.ready()
        there.caught_up()
    found, looked = wrong(there, one.users, journal.read(one.journal.path))
    tally(
        "B15 a worker is told to stop under load",
        {"stops": STOPS},
        seen=looked,
        never={"exits with an error": [code for code in codes if code], **found},
        told={"slowest exit, s": round(slowest, 1), "slowest to hand over, s": round(handed, 1)},
    )
