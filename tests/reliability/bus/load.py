"""Payments from several sides at a steady pace, each in the journal before it is asked."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock
from time import monotonic, sleep
from typing import Any

from httpx2 import Client, Response, TransportError

from tests.e2e.users import Users
from tests.reliability.bus.installation import BOUND, PARTNERS, Installation, opened
from tests.reliability.journal import Journal, Outcome, read

SIDES = 4
CREATED, BROKEN = 201, 500
PAID_ON = "2026-05-20"


@dataclass(slots=True)
class Line:
    """The payments of an installation, in one journal and counted from 1."""

    journal: Journal
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def next(self) -> tuple[int, int, str, int]:
        """The operation, and the payment's number, partner and amount."""
        with self._lock:
            number = next(self._numbers)
        partner, amount = PARTNERS[number % len(PARTNERS)], 1 + number % 9
        return (
            self.journal.asked(number=number, partner=partner, amount=amount),
            number,
            partner,
            amount,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """When, for how long, and what came: a status, or 0 where nothing did."""

    number: int
    began: float
    seconds: float
    status: int


@dataclass(slots=True)
class Load:
    address: str
    line: "Line"
    token: dict[str, str]
    rate: float
    answers: list[Asked] = field(default_factory=list)
    _ended: Event = field(default_factory=Event)
    _sides: list[Future[None]] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def begin(self) -> None:
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(SIDES))
            self._sides = [pool.submit(self._side) for _ in range(SIDES)]
            stack.callback(self._ended.set)
            self._stack = stack.pop_all()

    def end(self) -> None:
        """Raises what a side has raised."""
        self._stack.close()
        for side in self._sides:
            side.result()

    def until(self, more: int, *, seconds: float = BOUND) -> None:
        """So many more have been answered with success."""
        wanted, end = self.done + more, monotonic() + seconds
        while self.done < wanted:
            assert monotonic() < end, f"{self.done} of {wanted} payments in {seconds} s"
            sleep(0.05)

    @property
    def done(self) -> int:
        return sum(one.status == CREATED for one in [*self.answers])

    def failed(self) -> list[Asked]:
        return [one for one in [*self.answers] if one.status != CREATED]

    def _side(self) -> None:
        with Client(base_url=self.address, timeout=60, headers=self.token) as http:
            while not self._ended.is_set():
                began = monotonic()
                self._ask(http)
                sleep(max(0.0, began + SIDES / self.rate - monotonic()))

    def _ask(self, http: Client) -> None:
        began = monotonic()
        operation, number, partner, amount = self.line.next()
        try:
            answer = paid(http, number, partner, amount)
        except TransportError:
            status = 0
            self.line.journal.told(operation, "unknown")
        else:
            status = answer.status_code
            self.line.journal.told(operation, outcome(status), status=status)
        self.answers.append(Asked(number, began, monotonic() - began, status))


def outcome(status: int) -> Outcome:
    return "ok" if status == CREATED else "unknown" if status >= BROKEN else "fail"


def paid(http: Client, number: int, partner: str, amount: int) -> Response:
    """The same number is the same payment under the same key."""
    body = payment(number, partner, amount)
    return http.post("/v1/payments", json=body, headers={"Idempotency-Key": f"pay-{number}"})


def payment(number: int, partner: str, amount: int) -> dict[str, Any]:
    return {
        "source_system": "bank",
        "document_no": f"d{number}",
        "partner_id": partner,
        "order_id": f"order-{partner}",
        "amount": {"amount": f"{amount}.00", "currency": "CNY"},
        "paid_on": PAID_ON,
    }


@dataclass(slots=True)
class Business:
    """An installation at work, and all that it was asked."""

    there: Installation
    users: Users
    line: Line

    @property
    def journal(self) -> Journal:
        return self.line.journal

    @contextmanager
    def under_load(self, rate: float, address: str = "") -> Iterator[Load]:
        token = self.users.headers("finance")
        load = Load(address or self.there.api.address, self.line, token, rate)
        load.begin()
        try:
            yield load
        finally:
            load.end()

    def ask_again(self) -> int:
        """What nobody knows the outcome of, as a client does: with the same key."""
        unknown = [op for op in read(self.journal.path).values() if op.outcome == "unknown"]
        with Client(base_url=self.there.api.address, timeout=60) as http:
            http.headers |= self.users.headers("finance")
            for op in unknown:
                answer = paid(http, *(op.asked[name] for name in ("number", "partner", "amount")))
                assert answer.status_code == CREATED, answer.text
                self.journal.told(op.number, "ok", status=CREATED)
        return len(unknown)


@contextmanager
def business(there: Installation) -> Iterator[Business]:
    """Opened: its partners can pay."""
    with there.users() as users, closing(Journal(there.folder / "journal", durable=False)) as kept:
        opened(users)
        yield Business(there, users, Line(kept))


def percentile(seconds: Iterable[float], part: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds) or [0.0]
    return round(1_000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1)
