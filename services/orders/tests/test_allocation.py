"""Where money goes: R-03, rulings g4, g5, o4 and o7."""

from datetime import date
from decimal import Decimal

from services.orders.domain.events import PaymentDeclined
from services.orders.tests.books import Book, lines, of
from services.orders.tests.samples import cny, money, order, pay, piece
from shared.contracts.money import Money
from shared.contracts.orders import PaymentAllocated, PaymentReceived

YESTERDAY, TOMORROW = date(2026, 1, 4), date(2026, 1, 6)


def test_r_03_a_payment_is_split_by_largest_remainder() -> None:
    book = Book(limit=100_000)
    book.tell(order("o1", piece(70_000, "A"), piece(30_000, "B")))
    book.tell(pay("d1", 60_000, order_id="o1"), pay("d2", "33333.33"))
    assert lines(book.last("d1").allocations[0]) == {
        "A": ("42000.00", "42000.00"),
        "B": ("18000.00", "18000.00"),
    }
    assert lines(book.last("d2").allocations[0]) == {
        "A": ("23333.33", "23333.33"),
        "B": ("10000.00", "10000.00"),
    }


def test_g4_ties_go_to_the_lower_product_line() -> None:
    book = Book(limit=100)
    book.tell(order("o1", piece(10, "A"), piece(10, "B"), piece(10, "C")), pay("d1", "0.02"))
    assert lines(book.last("d1").allocations[0]) == {"A": ("0.01", "0.01"), "B": ("0.01", "0.01")}


def test_g5_pieces_are_product_line_and_rate_and_are_shown_summed() -> None:
    book = Book(limit=1_000)
    pieces = piece("106", "A", "0.06"), piece("113", "A", "0.13"), piece("100", "B")
    book.tell(order("o1", *pieces), pay("d1", "159.50"))
    # half of each: 53.00 → 50.00, 56.50 → 50.00, 50.00 → 50.00
    assert lines(book.last("d1").allocations[0]) == {
        "A": ("109.50", "100.00"),
        "B": ("50.00", "50.00"),
    }


def test_o7_each_payment_is_split_alone() -> None:
    book = Book(limit=100)
    book.tell(order("o1", piece("0.02", "A"), piece("0.01", "B")))
    book.tell(pay("d1", "0.01"), pay("d2", "0.01"), pay("d3", "0.01"))
    split = [lines(book.last(d).allocations[0]) for d in ("d1", "d2", "d3")]
    assert split == [{"A": ("0.01", "0.01")}] * 3


def test_the_order_named_takes_first_and_the_rest_goes_to_the_oldest() -> None:
    book = Book(limit=1_000)
    book.tell(
        order("o1", 100, ordered_on=TOMORROW),
        order("o2", 100, ordered_on=YESTERDAY),
        order("o3", 100),
        pay("d1", 150, order_id="o3"),
    )
    assert book.taken("d1") == {"o3": "100.00", "o2": "50.00"}
    assert book.last("d1") == of(book.facts, PaymentReceived)[0]


def test_oldest_due_is_by_date_then_id() -> None:
    book = Book(limit=1_000)
    book.tell(order("b", 100), order("a", 100), order("c", 100, ordered_on=YESTERDAY))
    book.tell(pay("d1", 250))
    assert book.taken("d1") == {"c": "100.00", "a": "100.00", "b": "50.00"}


def test_an_exact_match_is_the_earliest_wholly_unpaid_order_of_that_total() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 50, ordered_on=YESTERDAY), order("o2", 100), order("o3", 100))
    for document_no in ("d1", "d2", "d3"):
        book.tell(pay(document_no, 100, strategy="exact-else-oldest"))
    assert [book.taken(d) for d in ("d1", "d2", "d3")] == [
        {"o2": "100.00"},
        {"o3": "100.00"},
        {"o1": "50.00"},
    ]
    received = of(book.facts, PaymentReceived)
    assert [fact.matched for fact in received] == ["exact", "exact", "oldest"]
    assert str(received[2].unallocated.amount) == "50.00"


def test_an_order_paid_in_part_is_no_exact_match() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 100), pay("d1", 1), pay("d2", 100, strategy="exact-else-oldest"))
    assert (book.last("d1").revision, book.taken("d2")) == (1, {"o1": "99.00"})


def test_what_nothing_can_take_waits_and_is_allocated_oldest_money_first() -> None:
    book = Book(limit=1_000)
    book.tell(pay("d1", 30, paid_on=TOMORROW), pay("d2", 30, paid_on=YESTERDAY))
    facts = book.tell(order("o1", 40))
    allocated = of(facts, PaymentAllocated)
    assert [(fact.document_no, fact.revision) for fact in allocated] == [("d2", 2), ("d1", 2)]
    assert (book.taken("d2"), book.taken("d1")) == ({"o1": "30.00"}, {"o1": "10.00"})
    assert str(book.last("d1").unallocated.amount) == "20.00"


def test_o4_money_for_a_held_order_is_its_deposit_and_of_nobody_else() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), order("o2", 90), pay("d1", 60, order_id="o2"))
    received = of(book.facts, PaymentReceived)[0]
    assert (received.allocations, received.unallocated, received.deposit) == ((), cny(60), cny(60))
    assert (book.available, book.short_by("o2")) == ("0.00", "30.00")


def test_o4_a_deposit_ends_at_the_orders_amount_and_the_rest_goes_to_the_oldest() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), order("o2", 300), pay("d1", 60, order_id="o2"))
    book.tell(pay("d2", 250, order_id="o2"))
    assert book.confirmed("o2")
    assert book.taken("d1") == {"o2": "60.00"}
    assert book.taken("d2") == {"o1": "10.00", "o2": "240.00"}


def test_o4_the_deposit_of_a_cancelled_order_is_money_like_any_other() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), order("o2", 90), pay("d1", 60, order_id="o2"))
    book.cancel("o2")
    assert (book.taken("d1"), book.available) == ({"o1": "60.00"}, "60.00")


def test_money_for_a_cancelled_order_goes_to_the_oldest() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 50), order("o2", 50))
    book.cancel("o2")
    book.tell(pay("d1", 60, order_id="o2"))
    assert (book.taken("d1"), str(book.last("d1").unallocated.amount)) == (
        {"o1": "50.00"},
        "10.00",
    )


def test_cancelling_an_order_undoes_its_allocations() -> None:
    book = Book(limit=1_000)
    book.tell(order("o1", 100), pay("d1", 80), order("o2", 50))
    facts = book.cancel("o1")
    assert [fact.revision for fact in of(facts, PaymentAllocated)] == [2]
    assert (book.taken("d1"), str(book.last("d1").unallocated.amount)) == (
        {"o2": "50.00"},
        "30.00",
    )


def test_money_freed_by_a_cancellation_pays_for_what_it_releases() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), pay("d1", 100), order("o2", 100), order("o3", 100))
    assert (book.confirmed("o2"), book.confirmed("o3")) == (True, False)
    book.cancel("o1")
    assert book.taken("d1") == {"o2": "100.00"}
    assert (book.confirmed("o3"), book.available) == (True, "0.00")


def test_money_is_received_once() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 50), pay("d1", 20))
    assert not book.tell(pay("d1", 20))


def test_money_in_another_currency_is_declined() -> None:
    book = Book(limit=100)
    facts = book.tell(pay("d1", Money(cny(20).amount, "USD")))
    assert [fact.slug for fact in of(facts, PaymentDeclined)] == ["payment-currency"]
    assert money("d1", 20).payment_id not in book.account.payments


def test_an_order_in_another_currency_takes_no_deposit() -> None:
    book = Book(limit=100)
    dollars = Money(cny(50).amount, "USD")
    book.tell(order("o1", 50, net=dollars, total=dollars), pay("d1", 20, order_id="o1"))
    assert (book.last("d1").unallocated, book.account.deposits) == (cny(20), Decimal(0))


def test_an_imported_hold_takes_no_money() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 50, verdict="imported"))
    book.tell(pay("d1", 50, strategy="exact-else-oldest"))
    assert book.taken("d1") == {}
