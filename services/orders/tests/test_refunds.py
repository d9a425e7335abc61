"""Money that goes back: which pieces it takes, what is due again, and what stays."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from services.orders.domain.account import ACCOUNT
from services.orders.domain.commands import ReduceOrder, RefundPayment, ReversePayment
from services.orders.domain.events import Piece
from services.orders.tests.books import Book, lines, of
from services.orders.tests.samples import NOW, P1, cny, money, order, pay, piece
from shared.contracts.money import total
from shared.contracts.orders import PaymentAllocated, PaymentRefunded, PaymentReversed
from shared.kernel.errors import Refused

DAY = date(2026, 1, 7)


def refund(document_no: str, amount: str | int) -> RefundPayment:
    payment_id = money(document_no, 1).payment_id
    back = {"amount": cny(amount), "refunded_on": DAY, "reason": "returned"}
    return RefundPayment(partner_id=P1, payment_id=payment_id, at=NOW, **back)  # type: ignore[arg-type]


def reverse(document_no: str) -> ReversePayment:
    payment_id = money(document_no, 1).payment_id
    return ReversePayment(
        partner_id=P1, payment_id=payment_id, reversed_on=DAY, reason="bounced", at=NOW
    )


def less(order_id: str, *gone: Piece, revision: int = 2, returned: bool = True) -> ReduceOrder:
    gross = total((one.gross for one in gone), "CNY")
    return ReduceOrder(
        partner_id=P1,
        order_id=order_id,
        revision=revision,
        pieces=gone,
        net=gross,
        total=gross,
        returned=returned,
        at=NOW,
    )


def test_r4_a_refund_is_split_over_what_is_left_of_each_piece() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", piece(70, "A"), piece(30, "B", "0.13")), pay("d1", 60))
    (fact,) = of(book.tell(refund("d1", "10.01")), PaymentRefunded)
    (left,) = fact.allocations
    assert lines(left) == {"A": ("34.99", "34.99"), "B": ("15.00", "13.27")}
    assert (fact.revision, fact.unallocated) == (2, cny(0))


def test_r4_a_return_moves_no_money_and_its_refund_takes_from_all_pieces() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", piece(70, "A"), piece(30, "B")), pay("d1", 100))
    assert of(book.tell(less("o1", piece(30, "B"))), PaymentAllocated) == []
    assert (book.owed("o1").credit, book.available) == (D(30), "1030.00")
    (fact,) = of(book.tell(refund("d1", 30)), PaymentRefunded)
    assert lines(fact.allocations[0]) == {"A": ("49.00", "49.00"), "B": ("21.00", "21.00")}
    assert (book.owed("o1").credit, book.owed("o1").open) == (D(0), D(0))
    assert book.available == "1000.00"


def test_what_is_allocated_stays_as_it_was_split_when_goods_come_back() -> None:
    """What pays for them has only its own split, also when a part of it pays the next order."""
    book = Book(limit=1_000)
    book.tell(order("o1", piece(70, "A"), piece(30, "B")), pay("d1", 120))
    book.tell(less("o1", piece(30, "B")), order("o2", 20))
    assert lines(book.last("d1").allocations[0]) == {
        "A": ("70.00", "70.00"),
        "B": ("30.00", "30.00"),
    }
    book.tell(order("o3", 20))
    assert book.taken("d1") == {"o1": "80.00", "o2": "20.00", "o3": "20.00"}
    assert lines(book.last("d1").allocations[0]) == {
        "A": ("56.00", "56.00"),
        "B": ("24.00", "24.00"),
    }


def test_what_nothing_took_goes_back_first_and_a_deposit_next() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), order("o2", 80), pay("d1", 75, order_id="o2"))
    assert book.owed("o2").deposit == 75
    book.tell(refund("d1", 25))
    assert (book.owed("o2").deposit, book.short_by("o2")) == (D(50), "30.00")
    assert book.available == "0.00"
    book.tell(reverse("d1"))
    assert (book.owed("o2").deposit, book.available) == (D(0), "0.00")


def test_a_refund_makes_room_for_other_free_money() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 100), pay("d1", 100), pay("d2", 40))
    facts = book.tell(refund("d1", 70))
    assert [type(fact) for fact in facts] == [PaymentRefunded, PaymentAllocated]
    assert (book.taken("d2"), book.owed("o1").open) == ({"o1": "40.00"}, D(30))


def test_money_goes_back_on_the_day_it_is_asked_for_unless_one_is_named() -> None:
    """Midnight of 8 January in Shanghai; the day is no part of what was asked."""
    book, late = Book(limit=1_000), datetime(2026, 1, 7, 16, 0, tzinfo=UTC)
    book.tell(pay("d1", 100))
    (back,) = of(book.tell(replace(refund("d1", 1), refunded_on=None, at=late)), PaymentRefunded)
    (gone,) = of(book.tell(replace(reverse("d1"), reversed_on=None, at=late)), PaymentReversed)
    assert back.refunded_on == gone.reversed_on == date(2026, 1, 8)


def test_o7_a_reversal_undoes_every_allocation_once() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 60), order("o2", 60), pay("d1", 100))
    (fact,) = of(book.tell(reverse("d1")), PaymentReversed)
    assert (fact.amount, fact.allocations, fact.revision) == (cny(100), (), 2)
    assert (book.owed("o1").open, book.owed("o2").open) == (D(60), D(60))
    assert book.confirmed("o1")
    for command in (reverse("d1"), refund("d1", 1)):
        with pytest.raises(Refused, match="reversed"):
            ACCOUNT.decide(command, book.account)


@pytest.mark.parametrize(
    ("amount", "slug"),
    [("100.01", "refund-too-much"), ("0", "payment-malformed"), ("-1", "payment-malformed")],
)
def test_more_than_is_left_or_nothing_is_refused(amount: str, slug: str) -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 100), pay("d1", 100))
    with pytest.raises(Refused) as refusal:
        ACCOUNT.decide(refund("d1", amount), book.account)
    assert refusal.value.slug == slug


def test_a_payment_that_waits_is_not_refunded_yet() -> None:
    book = Book(limit=1_000)
    book.tell(pay("d1", 100, order_id="later"))
    with pytest.raises(Refused) as refusal:
        ACCOUNT.decide(refund("d1", 1), book.account)
    assert refusal.value.slug == "payment-waiting"


def test_o3_a_cancelled_part_frees_the_newest_money_and_releases_what_fits() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), pay("d1", 60), pay("d2", 40, paid_on=DAY), order("o2", 130))
    assert book.short_by("o2") == "30.00"
    book.tell(less("o1", piece(50), returned=False))
    assert book.confirmed("o2")
    assert (book.taken("d1"), book.taken("d2")) == (
        {"o1": "50.00", "o2": "10.00"},
        {"o2": "40.00"},
    )


def test_a_known_revision_means_nothing() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100))
    assert book.tell(less("o1", piece(50), returned=False))
    assert book.tell(less("o1", piece(50), returned=False)) == []
    assert book.available == "50.00"
