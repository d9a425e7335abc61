"""Does an account of 100,000 payments stay as cheap as a small one?

The orders account and the rebates ledger with its account (decide and evolve), and a command to a
long stream, through the handler and an unsynced store: what the last thousand cost, to the first.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from services.orders.domain.account import ACCOUNT
from services.orders.domain.commands import AccountCommand
from services.orders.domain.ledger import Account
from services.orders.tests.samples import enrolled, limited, order, pay
from services.partners.domain.commands import ReinstatePartner, SuspendPartner
from services.partners.domain.partner import AGGREGATE
from services.partners.tests.test_partner import ENROL
from services.rebates.tests.book import Book, record, terms
from shared.adapters.sqlite import SqliteStore
from shared.contracts.ids import named
from shared.kernel.handler import Cause, Handler
from shared.testing.clock import HandClock
from tests.bench.contest import OURS, Asked, Figures, Goal, Workload
from tests.bench.peers.measured import Meter

WINDOW = 1_000


def orders_account(count: int) -> Iterator[float]:
    state: Account = ACCOUNT.initial

    def ask(command: AccountCommand, account: Account) -> Account:
        for fact in ACCOUNT.decide(command, account):
            account = ACCOUNT.evolve(account, fact)
        return account

    for command in (enrolled(), limited("1000000"), order("o1", "900000")):
        state = ask(command, state)
    for number in range(count):
        began = perf_counter()
        state = ask(pay(str(number), "1", order_id="o1"), state)
        yield perf_counter() - began


def rebates_account(count: int) -> Iterator[float]:
    book = Book()
    book.publish(terms())
    for number in range(count):
        day = f"2026-0{1 + number % 3}-{1 + number % 28:02}"
        began = perf_counter()
        book.pay(record(f"{number:06}", day, "2026-03-31", ("A", "10")))
        yield perf_counter() - began


def stream(count: int) -> Iterator[float]:
    """Its own loop, so that every command is timed alone."""
    with (
        asyncio.Runner() as runner,
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "bench.store.db", "OFF")) as store,
    ):
        clock = HandClock()
        handle = Handler("partners", (AGGREGATE,), store, clock)
        runner.run(handle("partners.partner-acme", ENROL, _cause(0)))
        for number in range(1, count + 1):
            suspend = SuspendPartner(reason="bench", at=clock())
            command = suspend if number % 2 else ReinstatePartner(at=clock())
            began = perf_counter()
            runner.run(handle("partners.partner-acme", command, _cause(number)))
            yield perf_counter() - began


def _cause(number: int) -> Cause:
    commandid = named("bench", number)
    return Cause(commandid=commandid, actor="bench", correlationid=commandid)


ACCOUNTS: Mapping[str, Callable[[int], Iterator[float]]] = {
    "orders account": orders_account,
    "rebates account": rebates_account,
    "stream, handler": stream,
}


def grown(asked: Asked, folder: Path) -> Meter:
    """Nothing is synced: this is about what a payment costs, not about the disk."""
    payments = max(10 * WINDOW, int(asked["payments"] * asked["scale"]))
    meter = Meter()
    with meter.running():
        times = list(ACCOUNTS[asked["case"]](payments))
    first, last = median(times[:WINDOW]), median(times[-WINDOW:])
    meter.done = payments
    meter.figures |= {"last 1,000 to first": last / first, "first in µs": 1e6 * first}
    return meter


def _to_first(case: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.figure(case, "last 1,000 to first")


LARGE = Workload(
    id="ACCOUNT",
    title="An account of 100,000 payments (the stream: 20,000 commands, unsynced)",
    unit="payments/s",
    ours={OURS: grown},
    cases={
        "orders account": {"payments": 100_000},
        "rebates account": {"payments": 100_000},
        "stream, handler": {"payments": 20_000},
    },
    one_core=True,
    once=True,
    goals=tuple(
        Goal(f"{case}: last 1,000 to first", _to_first(case), 1.3, at_most=True)
        for case in ACCOUNTS
    ),
)
