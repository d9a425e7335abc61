"""A partner's account beside a cash book kept from its facts alone, in fen (rulings o1 to o7).

Exposure, what holds an order, first fit in the order of the hold, deposits, allocation. The book
knows nothing of the account's own state.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.orders.domain.commands import AllocatePayment
from services.orders.domain.events import (
    CreditFreed,
    CreditReserved,
    CreditWithheld,
    HoldLifted,
    LimitRecorded,
    OpeningRecorded,
    OrderRecorded,
    StandingRecorded,
)
from services.orders.tests.books import Book
from services.orders.tests.samples import enrolled, limited, order, pay, piece
from shared.contracts.money import Money
from shared.contracts.orders import PaymentAllocated, PaymentReceived
from tests.reliability.machines import told
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(3_600)]
RUNS, STEPS = trials(250, 5_000), 40
IDS = [f"o{number}" for number in range(6)]
orders, days = st.sampled_from(IDS), st.dates(date(2026, 1, 1), date(2026, 1, 4))
fen = st.integers(1, 40_000)
LINES = st.lists(
    st.tuples(fen, st.sampled_from("ABC"), st.sampled_from(["0", "0.13"])), max_size=3
)
Credit = CreditReserved | CreditWithheld | HoldLifted | CreditFreed


def coins(amount: Money) -> int:
    scaled = amount.amount * 100
    assert scaled == int(scaled)
    return int(scaled)


@dataclass
class Owed:
    total: int
    confirmed: bool = False
    closed: bool = False
    lifted: bool = True
    reasons: tuple[str, ...] = ()
    since: int = 0


@dataclass
class Received:
    amount: int
    revision: int
    taken: dict[str, int]
    named: str | None
    deposit: int = 0


@dataclass
class CashBook:
    """Who owes what, from the facts; each method is one kind of line in the book."""

    limit: int = 0
    known: bool = False
    suspended: bool = False
    opening: int = 0
    owed: dict[str, Owed] = field(default_factory=dict)
    received: dict[Any, Received] = field(default_factory=dict)
    lines: int = 0

    def write(self, fact: Any) -> None:
        self.lines += 1
        match fact:
            case LimitRecorded(limit=limit):
                self.limit = coins(limit)
            case StandingRecorded(standing=standing):
                self.known, self.suspended = True, standing == "suspended"
            case OpeningRecorded(receivables=receivables, unapplied=unapplied):
                self.opening = coins(receivables) - coins(unapplied)
            case OrderRecorded(order_id=one, total=total, director=director):
                assert one not in self.owed or self.owed[one].closed
                self.owed[one] = Owed(coins(total), lifted=not director, since=self.lines)
            case PaymentReceived() | PaymentAllocated():
                self.book(fact)
            case CreditReserved() | CreditWithheld() | HoldLifted() | CreditFreed():
                self.credit(fact, self.owed[fact.order_id])

    def credit(self, fact: Credit, owed: Owed) -> None:
        match fact:
            case CreditReserved():
                assert not owed.confirmed and not owed.closed, "confirmed twice"
                owed.confirmed = True
            case CreditWithheld(reasons=reasons):
                owed.reasons = reasons
            case HoldLifted():
                owed.lifted, owed.since = True, self.lines
            case CreditFreed(order_id=one):
                owed.closed, owed.confirmed = True, False
                for paid in self.received.values():
                    paid.deposit = 0 if paid.named == one else paid.deposit

    def book(self, fact: PaymentReceived | PaymentAllocated) -> None:
        taken = {one.order_id: coins(one.amount) for one in fact.allocations}
        assert sum(taken.values()) + coins(fact.unallocated) == coins(fact.amount)
        if isinstance(fact, PaymentReceived):
            assert fact.payment_id not in self.received, "received twice"
            deposit = coins(fact.deposit) if fact.deposit else 0
            paid = Received(coins(fact.amount), 1, taken, fact.order_id, deposit)
            self.received[fact.payment_id] = paid
            return
        paid = self.received[fact.payment_id]
        assert fact.revision == paid.revision + 1
        paid.revision, paid.taken = fact.revision, taken
        if paid.named in taken:
            paid.deposit = 0  # ruling o4: the command that confirms the order allocates it

    def deposits(self, order_id: str) -> int:
        return sum(paid.deposit for paid in self.received.values() if paid.named == order_id)

    def free(self, paid: Received) -> int:
        return paid.amount - sum(paid.taken.values()) - paid.deposit

    @property
    def exposure(self) -> int:
        """Ruling o1, in its words."""
        confirmed = sum(owed.total for owed in self.owed.values() if owed.confirmed)
        deposits = sum(paid.deposit for paid in self.received.values())
        return self.opening + confirmed - (self.cash - deposits)

    @property
    def cash(self) -> int:
        return sum(paid.amount for paid in self.received.values())

    @property
    def available(self) -> int:
        return self.limit - self.exposure

    def held(self) -> Iterable[tuple[str, Owed]]:
        waiting = [(n, o) for n, o in self.owed.items() if not o.confirmed and not o.closed]
        return sorted(waiting, key=lambda one: one[1].since)

    def holds(self, order_id: str, owed: Owed) -> tuple[str, ...]:
        """Everything that keeps an order; credit is asked last (rulings o2, o3)."""
        told = {
            "partner-unknown": not self.known,
            "partner-suspended": self.suspended,
            "director-approval": not owed.lifted,
        }
        if reasons := tuple(reason for reason, applies in told.items() if applies):
            return reasons
        return ("credit",) if owed.total - self.deposits(order_id) > self.available else ()


class Accounts(RuleBasedStateMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.book, self.cash = Book(limit=500), CashBook()
        self.told: list[AllocatePayment] = []
        self.sequence, self.round, self.wrote = 10, 10, 0
        self.entered()

    def entered(self) -> None:
        """Line by line: an order is confirmed only when it fits just then (ruling o1)."""
        for fact in self.book.facts[self.wrote :]:
            if isinstance(fact, CreditReserved):
                owed = self.cash.owed[fact.order_id]
                assert self.cash.holds(fact.order_id, owed) == (), "confirmed what does not fit"
                earlier = [(n, one) for n, one in self.cash.held() if one.since < owed.since]
                assert all(self.cash.holds(*one) for one in earlier), "passed over (ruling o3)"
            self.cash.write(fact)
        self.wrote = len(self.book.facts)

    def tell(self, *commands: Any) -> None:
        before = [name for name, _ in self.cash.held()]
        self.book.tell(*commands)
        self.entered()
        held = dict(self.cash.held())
        self.seen["orders released"] += sum(name not in held for name in before)
        self.seen["orders held"] += len(held)

    @rule(name=orders, parts=LINES, day=days, big=st.integers(0, 9))
    def submit(self, name: str, parts: list[Any], day: date, big: int) -> None:
        whole = {line: (line, gross, rate) for gross, line, rate in parts}
        pieces = [piece(Decimal(g) / 100, n, r) for n, g, r in sorted(whole.values())] or [
            piece("10")
        ]
        more = {"net": Money(Decimal("500000.01"), "CNY")} if big == 0 else {}
        self.tell(order(name, *pieces, ordered_on=day, **more))

    @rule(name=orders, more=st.integers(-1, 1))
    def submit_what_just_fits(self, name: str, more: int) -> None:
        """And what is one fen too much; an order fits while it is not above what is available."""
        gross = self.cash.available + more
        if name in self.cash.owed or gross <= 0:
            return
        self.tell(order(name, piece(Decimal(gross) / 100)))
        if self.cash.known and not self.cash.suspended and more <= 0:
            assert self.cash.owed[name].confirmed, "it fits, and is held"
        self.seen["orders at the limit"] += 1

    @rule(name=st.one_of(st.none(), orders), amount=fen, day=days, exact=st.booleans())
    def receive(self, name: str | None, amount: int, day: date, exact: bool) -> None:
        strategy = "exact-else-oldest" if exact else "named-else-oldest"
        more: dict[str, Any] = {"order_id": name, "paid_on": day, "strategy": strategy}
        self.told.append(pay(f"d{len(self.told):03}", Decimal(amount) / 100, **more))
        self.tell(self.told[-1])
        self.seen["payments"] += 1

    @rule(number=st.integers(0, 99))
    def receive_again(self, number: int) -> None:
        known = [o for o in self.told if o.payment.payment_id in self.cash.received]
        if known:
            facts = len(self.book.facts)
            self.tell(known[number % len(known)])
            assert len(self.book.facts) == facts, "the same money again moved something"
            self.seen["payments again"] += 1

    @rule(number=st.integers(0, 99), confirmed=st.booleans())
    def cancel(self, number: int, confirmed: bool) -> None:
        live = [n for n, o in self.cash.owed.items() if o.confirmed or not confirmed] or IDS
        self.book.cancel(live[number % len(live)])
        self.entered()

    @rule(name=orders)
    def reopen(self, name: str) -> None:
        self.round += 1
        self.book.reopen(name, self.round)
        self.entered()

    @rule(name=orders)
    def approve(self, name: str) -> None:
        self.book.lift(name, "director-approval")
        self.entered()

    @rule(amount=st.integers(0, 1_500))
    def limit(self, amount: int) -> None:
        self.sequence += 1
        self.tell(limited(amount, self.sequence))

    @rule(active=st.booleans())
    def standing(self, active: bool) -> None:
        self.sequence += 1
        self.tell(enrolled(self.sequence, "active" if active else "suspended"))

    @invariant()
    def exposure_is_as_ruled(self) -> None:
        assert coins(self.book.account.money(self.book.account.exposure)) == self.cash.exposure

    @invariant()
    def nothing_stays_held_that_fits_and_each_knows_why(self) -> None:
        for name, owed in self.cash.held():
            assert self.cash.holds(name, owed) == owed.reasons != (), name

    @invariant()
    def no_payment_gives_more_than_it_has_and_no_order_takes_more_than_it_costs(self) -> None:
        paid: Counter[str] = Counter()
        for one in self.cash.received.values():
            assert self.cash.free(one) >= 0 and one.deposit >= 0
            assert all(part > 0 for part in one.taken.values())
            paid.update(one.taken)
        for name, part in paid.items():
            assert self.cash.owed[name].confirmed, f"{name} took money and is not confirmed"
            assert part <= self.cash.owed[name].total, f"{name} took more than it costs"
        for name, owed in self.cash.held():
            assert self.cash.deposits(name) <= owed.total

    @invariant()
    def free_money_waits_only_while_nothing_can_take_it(self) -> None:
        paid: Counter[str] = Counter()
        for one in self.cash.received.values():
            paid.update(one.taken)
        owes = any(o.confirmed and o.total > paid[n] for n, o in self.cash.owed.items())
        assert not (owes and any(self.cash.free(one) for one in self.cash.received.values()))


def test_the_account_agrees_with_a_cash_book(tally: Tally) -> None:
    Accounts.seen.clear()
    told(Accounts, RUNS, STEPS)
    tally(
        "F6 machine of the account",
        {"stories": RUNS},
        seen=dict(Accounts.seen),
        never={"differences from the cash book": []},
    )
