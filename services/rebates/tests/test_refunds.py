"""Refunds in a book without a platform: leaves of their own, proposals after the payout."""

from decimal import Decimal
from itertools import permutations

from services.rebates.domain.events import RebateAdjustmentProposed
from services.rebates.domain.restating import Booked, current, pro_rata, taken_back
from services.rebates.domain.rules import Slot
from services.rebates.tests.book import Book, cny, record, terms
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.rebates import RebateAdjusted

FIRST, SECOND = Slot("2026Q1", ("A",)), Slot("2026Q2", ("A",))
PAID = record("d1", "2026-02-01", "2026-02-01", ("A", "1020000"))
MORE = record("d2", "2026-04-20", "2026-04-20", ("A", "600000"))
REFUNDED = record(
    "d1", "2026-02-01", "2026-04-25", ("A", "990000"), revision=2, returned_on="2026-04-25"
)
CAUSE = named("payment", "d1", 2)


def settled() -> Book:
    book = Book()
    book.publish(terms())
    book.pay(PAID)
    book.settle()
    book.pay(MORE)
    return book


def test_r10_a_refund_after_the_payout_is_proposed_and_named() -> None:
    book = settled()
    book.pay(REFUNDED)
    (proposed,) = book.told(FIRST, RebateAdjustmentProposed)
    assert (proposed.amount, proposed.reason) == (cny("-21300.00"), "refund")
    assert proposed.counted == (CAUSE,)
    assert book.told(FIRST, RebateAdjusted) == []
    assert book.booked(FIRST) == cny("51000.00")


def test_r10_three_restatements() -> None:
    book = settled()
    book.pay(REFUNDED)
    net = taken_back(book.rules, book.ledger, FIRST, CAUSE)
    assert net == Decimal(-30_000)
    assert current(book.rules, book.ledger, SECOND, net) == cny("-900.00")
    booked = Booked(amount=book.booked(FIRST), volume=cny("1020000.00"))
    assert pro_rata(net, booked) == cny("-1500.00")


def test_the_refunds_own_period_may_have_nothing_to_take_from() -> None:
    """r4 (b): its volume goes below zero, its entitlement stays 0, nothing is carried."""
    book = Book()
    book.publish(terms())
    book.pay(PAID)
    assert current(book.rules, book.ledger, SECOND, Decimal(-30_000)) == cny("0.00")


def test_pro_rata_of_nothing_booked_is_nothing() -> None:
    nothing = Booked(amount=cny("0.00"), volume=cny("0.00"))
    assert pro_rata(Decimal(-1), nothing) == Money(Decimal("0.00"), "CNY")


def test_r6_a_refund_is_a_leaf_at_its_own_day_in_whatever_order_it_arrives() -> None:
    later = record("d1", "2026-02-01", "2026-03-03", ("A", "700000"), revision=3)
    again = record(
        "d1", "2026-02-01", "2026-03-09", ("A", "650000"), revision=4, returned_on="2026-03-09"
    )
    refunded = record(
        "d1", "2026-02-01", "2026-03-01", ("A", "900000"), revision=2, returned_on="2026-03-01"
    )
    told = set()
    for story in permutations((PAID, refunded, later, again)):
        book = Book()
        book.publish(terms())
        for one in story:
            book.pay(one)
        told.add(
            tuple(
                (leaf.paid_on.isoformat(), str(leaf.volume.amount), str(leaf.amount.amount))
                for leaf in book.explain(FIRST).leaves
            )
        )
    assert told == {
        (
            ("2026-02-01", "820000.00", "24600.00"),
            ("2026-03-01", "-120000.00", "-3600.00"),
            ("2026-03-09", "-50000.00", "-1500.00"),
        )
    }


def test_x_04_what_came_and_went_back_whole_earns_nothing() -> None:
    book = Book()
    book.publish(terms())
    book.pay(PAID)
    book.pay(record("d1", "2026-02-01", "2026-03-01", revision=2, returned_on="2026-03-01"))
    assert book.standing(FIRST).volume == cny("0.00")
    assert book.standing(FIRST).entitlement == cny("0.00")
    amounts = [leaf.volume for leaf in book.explain(FIRST).leaves]
    assert amounts == [cny("1020000.00"), cny("-1020000.00")]
