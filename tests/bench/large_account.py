"""Does an account of 100,000 payments stay as cheap as a small one? `make bench`.

Prints, window by window, the time of one payment as a multiple of the first window's: the orders
account and the rebates ledger with its account (decide and evolve), and a command to a stream of
that length, through the handler and an unsynced store.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
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

WINDOWS = 10


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


def report(name: str, run: Callable[[int], Iterator[float]], count: int) -> None:
    times = list(run(count))
    width = max(1, count // WINDOWS)
    windows = [median(times[at : at + width]) for at in range(0, count, width)]
    ratios = " ".join(f"{each / windows[0]:.2f}" for each in windows)
    sys.stdout.write(f"{name:18} {count:>7} payments: {ratios}\n")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    report("orders account", orders_account, count)
    report("rebates account", rebates_account, count)
    report("stream, handler", stream, count // 5)


if __name__ == "__main__":
    main()
