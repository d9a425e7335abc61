"""What holds after every command of every story: no money is lost, nothing that fits is held."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.orders.domain.commands import (
    AccountCommand,
    FreeOrder,
    LapsePayment,
    LiftHold,
    OpenAccount,
    RecheckOrder,
    ReduceOrder,
    RefundPayment,
    ReversePayment,
)
from services.orders.domain.credit import withheld
from services.orders.domain.events import AccountEvent
from services.orders.domain.ledger import Account
from services.orders.tests.books import Book
from services.orders.tests.samples import (
    NOW,
    P1,
    TODAY,
    cny,
    enrolled,
    limited,
    money,
    order,
    pay,
    piece,
)
from shared.contracts.money import Money, total
from shared.contracts.orders import PaymentAllocated, PaymentReceived, PaymentRefunded
from shared.kernel.errors import Refused

Reduction = tuple[str, int, bool]
ORDERS, DOCUMENTS = [f"o{n}" for n in range(4)], [f"d{n}" for n in range(12)]
few = st.sampled_from
days = st.dates(date(2026, 1, 1), date(2026, 1, 4))
cents = st.integers(1, 400).map(lambda n: Decimal(n) / 4)
pieces = st.builds(piece, cents, few(["A", "B", "C"]), few(["0", "0.06", "0.13"]))


def _order(order_id: str, parts: list[Any], big: bool, **more: Any) -> AccountCommand:
    """Sorted pieces, one a product line; `big` needs the director."""
    whole = sorted({part.product_line: part for part in parts}.items())
    net = {"net": cny("500000.01")} if big else {}
    return order(order_id, *(part for _, part in whole), **more, **net)


orders = st.builds(
    _order,
    few(ORDERS),
    st.lists(pieces, min_size=1, max_size=3),
    st.integers(0, 9).map(lambda n: n == 0),
    ordered_on=days,
    customer_id=few([None, "c1"]),
    verdict=few(["check", "check", "check", "check", "confirmed", "imported"]),
)
payments = st.builds(
    pay,
    few(DOCUMENTS),
    cents,
    order_id=few([None, *ORDERS]),
    paid_on=days,
    strategy=few(["named-else-oldest", "exact-else-oldest"]),
)
cancellations = few(ORDERS).map(lambda one: FreeOrder(partner_id=P1, order_id=one, at=NOW))
reopenings = st.builds(
    lambda one, n: RecheckOrder(partner_id=P1, order_id=one, round=n, at=NOW),
    few(ORDERS),
    st.integers(1, 9),
)
lifts = st.builds(
    lambda one, reason: LiftHold(partner_id=P1, order_id=one, reason=reason, at=NOW),
    few(ORDERS),
    few(["director-approval", "imported"]),
)
openings = st.builds(
    lambda owed, spare: OpenAccount(
        partner_id=P1, receivables=cny(owed), unapplied=cny(spare), at=NOW
    ),
    cents,
    cents,
)
lapses = few(DOCUMENTS).map(
    lambda one: LapsePayment(partner_id=P1, payment_id=money(one, 1).payment_id, at=NOW)
)
limits = st.builds(limited, cents.map(lambda n: 3 * n), st.integers(2, 9))
standings = st.builds(enrolled, st.integers(1, 9), few(["active", "active", "suspended"]))
refunds = st.builds(
    lambda one, amount: RefundPayment(
        partner_id=P1,
        payment_id=money(one, 1).payment_id,
        amount=cny(amount),
        refunded_on=TODAY,
        reason="",
        at=NOW,
    ),
    few(DOCUMENTS),
    cents,
)
reversals = few(DOCUMENTS).map(
    lambda one: ReversePayment(
        partner_id=P1, payment_id=money(one, 1).payment_id, reversed_on=TODAY, reason="", at=NOW
    )
)
reductions = st.tuples(few(ORDERS), st.integers(1, 4), st.booleans())
rare = st.one_of(limits, standings, openings, lapses, lifts)
commands: st.SearchStrategy[AccountCommand | Reduction] = st.one_of(
    *(orders, orders, payments, payments, payments, cancellations, reopenings, rare),
    *(refunds, reversals, reductions),
)


def reduction(
    account: Account, order_id: str, quarters: int, returned: bool
) -> ReduceOrder | None:
    """So many quarters of what is left of the first piece; only what is confirmed comes back."""
    owed = account.orders.get(order_id)
    if owed is None or owed.closed or (returned and not owed.confirmed):
        return None
    first = owed.order.pieces[0]
    gone = replace(first, gross=Money(first.gross.amount * quarters / 4, "CNY").rounded())
    net = min(gone.gross, owed.order.net)
    return ReduceOrder(
        partner_id=P1,
        order_id=order_id,
        revision=owed.revision + 1,
        pieces=(gone,),
        net=net,
        total=gone.gross,
        returned=returned,
        at=NOW,
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 40).flatmap(lambda n: st.lists(commands, min_size=n, max_size=n)))
def test_every_story_keeps_the_account_sound(story: list[AccountCommand | Reduction]) -> None:
    book = Book(limit=120)
    for one in story:
        command = reduction(book.account, *one) if isinstance(one, tuple) else one
        if command is None or (isinstance(command, OpenAccount) and book.account.opened):
            continue
        facts = told(book, command)
        nothing_held_fits(book.account)
        exposure_is_as_ruled(book.account)
        money_is_conserved(book.account)
        free_money_and_open_orders_never_meet(book.account)
        credits_are_known(book.account)
        allocations_add_up(facts)
        the_present_is_known_without_the_past(book.account)


def told(book: Book, command: AccountCommand) -> Sequence[AccountEvent]:
    """Only money that went back, or never came, may be refused."""
    try:
        return book.tell(command)
    except Refused:
        assert isinstance(command, RefundPayment | ReversePayment)
        return []


def nothing_held_fits(account: Account) -> None:
    """Ruling o3, and every held order was told its present reasons (o2)."""
    held = [owed for owed in account.orders.values() if owed.held]
    assert {owed.order.order_id for owed in held} == set(account.queue)
    for owed in held:
        assert owed.reasons == withheld(account, owed) != ()


def exposure_is_as_ruled(account: Account) -> None:
    """Ruling o1, summed anew."""
    gross = sum(owed.total for owed in account.orders.values() if owed.confirmed)
    received = sum(paid.amount - paid.deposit for paid in account.payments.values())
    assert account.exposure == account.receivables - account.unapplied + gross - received


def money_is_conserved(account: Account) -> None:
    for owed in account.orders.values():
        order_id = owed.order.order_id
        taken = [paid.taken.get(order_id, Decimal(0)) for paid in account.payments.values()]
        assert owed.paid == sum(taken)
        assert 0 <= owed.paid <= (owed.total + owed.credit if owed.confirmed else 0)
        assert owed.open == (owed.total - owed.paid + owed.credit if owed.confirmed else 0)
        assert owed.deposit == sum(owed.deposits.values()) <= (owed.total if owed.held else 0)
    for paid in account.payments.values():
        assert sum(paid.taken.values()) + paid.deposit + paid.free == paid.amount
        assert paid.free >= 0 and paid.deposit >= 0
    assert account.deposits == sum(paid.deposit for paid in account.payments.values())


def free_money_and_open_orders_never_meet(account: Account) -> None:
    """Ruling o7: what is left unapplied is what nothing could take."""
    assert account.spare_money == sum(paid.free for paid in account.payments.values())
    assert account.spare_money == 0 or not [*account.oldest_due()]


def credits_are_known(account: Account) -> None:
    every = {owed.key for owed in account.orders.values() if owed.credit}
    assert every == set(account.credits)
    assert account.credit == sum(owed.credit for owed in account.orders.values())


def allocations_add_up(facts: Sequence[AccountEvent]) -> None:
    kinds = PaymentReceived | PaymentAllocated | PaymentRefunded
    for fact in [fact for fact in facts if isinstance(fact, kinds)]:
        parts = total((one.amount for one in fact.allocations), "CNY")
        if not isinstance(fact, PaymentRefunded):
            assert parts + fact.unallocated == fact.amount
        for one in fact.allocations:
            assert total((line.amount for line in one.lines), "CNY") == one.amount
            codes = [line.product_line for line in one.lines]
            assert codes == sorted(set(codes))


def the_present_is_known_without_the_past(account: Account) -> None:
    """The heaps say what a walk over all orders and payments would say."""
    due = sorted(owed.key for owed in account.orders.values() if owed.open > 0)
    assert sorted({owed.key for owed in account.oldest_due()}) == due
    spare = sorted(paid.key for paid in account.payments.values() if paid.free > 0)
    assert sorted({paid.key for paid in account.oldest_spare()}) == spare
    for owed in account.orders.values():
        exact = account.exactly(owed.total)
        every = [one for one in account.orders.values() if one.open == one.total == owed.total > 0]
        assert exact == min(every, key=lambda one: one.key, default=None)


@given(st.permutations([enrolled(1), limited(100, 2), limited(200, 3), enrolled(4, "suspended")]))
def test_facts_of_the_partner_may_come_in_any_order(story: list[AccountCommand]) -> None:
    book = Book()
    book.tell(order("o1", 250), *story)
    assert (book.account.limit, book.account.suspended) == (Decimal(200), True)
    assert book.reasons("o1") == ("partner-suspended",)
    book.tell(enrolled(5))
    assert (book.reasons("o1"), book.short_by("o1")) == (("credit",), "50.00")
