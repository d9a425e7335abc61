"""What the account confirms, what it holds and why (O-01 … O-03, O-06, rulings o1 … o10)."""

from datetime import timedelta

import pytest

from services.orders.domain.account import ACCOUNT
from services.orders.domain.commands import OpenAccount
from services.orders.domain.events import CreditReserved, CreditWithheld
from services.orders.tests.books import Book, of
from services.orders.tests.samples import NOW, P1, TODAY, cny, enrolled, limited, order, pay
from shared.contracts.money import Money
from shared.testing.given import Given


@pytest.fixture
def o_01() -> Book:
    """Limit 500,000; receivables 320,000; confirmed 90,000; unapplied 20,000."""
    book = Book(limit=500_000)
    book.open("320000", "20000")
    book.tell(order("o-90", 90_000))
    assert (book.confirmed("o-90"), book.available) == (True, "110000.00")
    return book


def test_o_01_an_order_over_the_limit_is_held_and_short_by_the_difference(o_01: Book) -> None:
    facts = o_01.tell(order("o-120", 120_000))
    assert [fact.reasons for fact in of(facts, CreditWithheld)] == [("credit",)]
    assert o_01.short_by("o-120") == "10000.00"


def test_o_01_a_prepayment_that_names_it_releases_it(o_01: Book) -> None:
    o_01.tell(order("o-120", 120_000), pay("d1", 10_000, order_id="o-120"))
    assert (o_01.confirmed("o-120"), o_01.available) == (True, "0.00")
    assert o_01.taken("d1") == {"o-120": "10000.00"}


def test_o_01_a_payment_that_names_nothing_releases_it(o_01: Book) -> None:
    o_01.tell(order("o-120", 120_000), pay("d1", 10_000))
    assert (o_01.confirmed("o-120"), o_01.taken("d1")) == (True, {"o-90": "10000.00"})


def test_o_02_reopening_is_a_new_check(o_01: Book) -> None:
    o_01.cancel("o-90")
    assert o_01.available == "200000.00"
    o_01.tell(order("o-120", 120_000))
    assert (o_01.confirmed("o-120"), o_01.available) == (True, "80000.00")
    o_01.reopen("o-90")
    assert (o_01.reasons("o-90"), o_01.short_by("o-90")) == (("credit",), "10000.00")


@pytest.mark.parametrize("first", ["o-1", "o-2"])
def test_o_03_of_two_orders_that_fit_alone_one_is_confirmed(o_01: Book, first: str) -> None:
    second = {"o-1": "o-2", "o-2": "o-1"}[first]
    o_01.tell(order(first, 70_000), order(second, 70_000))
    assert (o_01.confirmed(first), o_01.confirmed(second)) == (True, False)
    assert o_01.short_by(second) == "30000.00"


def test_o_06_half_a_million_needs_no_director_and_a_cent_more_does() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("edge", "500000.00"), order("over", "500000.01"))
    assert (book.confirmed("edge"), book.reasons("over")) == (True, ("director-approval",))


def test_o_06_the_band_is_tested_on_the_net() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", "565000.00", net=cny("500000.00")))
    assert book.confirmed("o1")


def test_after_the_directors_yes_credit_is_checked() -> None:
    book = Book(limit=500_000)
    book.tell(order("o1", 600_000))
    book.lift("o1", "director-approval")
    assert (book.reasons("o1"), book.short_by("o1")) == (("credit",), "100000.00")
    book.tell(limited(600_000, sequence=3))
    assert book.confirmed("o1")


def test_linked_orders_come_to_the_director_together_and_earlier_ones_stand() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", 300_000, customer_id="c1"), order("o2", 200_000, customer_id="c1"))
    book.tell(order("o3", 1, customer_id="c1"))
    assert (book.confirmed("o1"), book.confirmed("o2")) == (True, True)
    assert book.reasons("o3") == ("director-approval",)


def test_other_customers_other_days_and_cancelled_orders_are_not_linked() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", 300_000, customer_id="c1"), order("o2", 300_000, customer_id="c2"))
    next_day = TODAY + timedelta(days=1)
    book.tell(order("o3", 300_000, customer_id="c1", submitted_on=next_day))
    book.cancel("o1")
    book.tell(order("o4", 300_000, customer_id="c1"))
    assert all(book.confirmed(one) for one in ("o2", "o3", "o4"))


def test_orders_without_an_end_customer_are_not_linked() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", 300_000), order("o2", 300_000))
    assert book.confirmed("o2")


def test_reopening_counts_what_was_ordered_meanwhile() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", 300_000, customer_id="c1"))
    book.cancel("o1")
    book.tell(order("o2", 300_000, customer_id="c1"))
    book.reopen("o1")
    assert book.reasons("o1") == ("director-approval",)


def test_held_orders_are_released_in_the_order_of_their_hold_and_first_fit() -> None:
    book = Book(limit=100)
    book.tell(order("o0", 100), order("o1", 80), order("o2", 50), order("o3", 20), order("o4", 5))
    facts = book.tell(limited(175, sequence=3))
    assert [fact.order_id for fact in of(facts, CreditReserved)] == ["o2", "o3", "o4"]


def test_a_new_order_that_fits_is_confirmed_even_while_older_ones_are_held() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 150), order("o2", 60))
    assert (book.confirmed("o1"), book.confirmed("o2")) == (False, True)


def test_a_reopened_order_goes_to_the_end_of_the_queue() -> None:
    book = Book(limit=100)
    book.tell(order("o0", 100), order("o1", 50), order("o2", 50))
    book.cancel("o1")
    book.reopen("o1")
    facts = book.tell(limited(150, sequence=3))
    assert [fact.order_id for fact in of(facts, CreditReserved)] == ["o2"]


def test_an_order_that_waited_for_the_director_queues_from_his_yes_on() -> None:
    book = Book(limit=100)
    book.tell(order("o0", 100), order("big", 600_000), order("o2", 50))
    book.lift("big", "director-approval")
    facts = book.tell(limited(600_100, sequence=3))
    assert [fact.order_id for fact in of(facts, CreditReserved)] == ["o2"]


def test_a_lower_limit_unconfirms_nothing() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 100), limited(40, sequence=3))
    assert (book.confirmed("o1"), book.available) == (True, "-60.00")


def test_the_limit_recorded_last_at_its_source_counts_whatever_comes_last() -> None:
    book = Book(limit=None)
    book.tell(enrolled(), limited(300, sequence=4), limited(900, sequence=3))
    assert book.available == "300.00"


def test_an_order_of_an_unknown_partner_is_held_and_released_when_it_is_enrolled() -> None:
    book = Book(limit=None)
    book.tell(order("o1", 0))
    assert book.reasons("o1") == ("partner-unknown",)
    book.tell(enrolled())
    assert book.confirmed("o1")


def test_a_partner_without_a_limit_has_none() -> None:
    book = Book(limit=None)
    book.tell(enrolled(), order("o1", 1))
    assert (book.reasons("o1"), book.short_by("o1")) == (("credit",), "1.00")


def test_a_suspended_partners_orders_are_held_until_it_is_reinstated() -> None:
    book = Book(limit=100)
    book.tell(enrolled(5, "suspended"), order("o1", 60))
    assert book.reasons("o1") == ("partner-suspended",)
    book.tell(enrolled(4, "active"))
    assert not book.confirmed("o1")
    book.tell(enrolled(6, "active"))
    assert book.confirmed("o1")


def test_all_reasons_are_told_but_credit_is_asked_last() -> None:
    book = Book(limit=None)
    book.tell(order("o1", 600_000))
    assert book.reasons("o1") == ("partner-unknown", "director-approval")


def test_an_order_in_another_currency_than_the_accounts_is_held() -> None:
    book = Book(limit=100)
    dollars = Money(cny(1).amount, "USD")
    book.tell(order("o1", 1, total=dollars, net=dollars))
    assert book.reasons("o1") == ("currency-mismatch",)


def test_the_limit_decides_the_currency_until_money_has_moved() -> None:
    book = Book(limit=None)
    book.tell(order("o1", 10), enrolled())
    assert book.account.currency == "CNY"
    book.tell(limited(Money(cny(50).amount, "USD")))
    assert (book.account.currency, book.reasons("o1")) == ("USD", ("currency-mismatch",))
    anchored = Book(limit=100)
    anchored.tell(order("o1", 10), limited(Money(cny(50).amount, "USD"), sequence=3))
    assert (anchored.account.currency, anchored.available) == ("CNY", "-10.00")


def test_history_is_confirmed_whatever_the_credit() -> None:
    book = Book(limit=0)
    book.tell(order("o1", 900_000, verdict="confirmed"))
    assert (book.confirmed("o1"), book.available) == (True, "-900000.00")


def test_an_imported_hold_is_outside_the_queue_until_a_person_releases_it() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 60, verdict="imported"), limited(200, sequence=3))
    assert book.reasons("o1") == ("imported",)
    book.lift("o1", "imported")
    assert book.confirmed("o1")


def test_commands_out_of_date_say_nothing() -> None:
    book = Book(limit=100)
    assert not book.cancel("o1") and not book.reopen("o1") and not book.lift("o1", "imported")
    book.tell(order("o1", 10))
    assert not book.tell(order("o1", 10)) and not book.reopen("o1")
    book.cancel("o1")
    assert not book.cancel("o1") and not book.lift("o1", "director-approval")


def test_an_account_is_opened_once_with_sound_balances() -> None:
    book, given = Book(limit=100), Given(ACCOUNT)
    book.open("10", "0")

    def opening(receivables: Money, unapplied: Money) -> OpenAccount:
        return OpenAccount(partner_id=P1, receivables=receivables, unapplied=unapplied, at=NOW)

    ten, dollars = cny(10), Money(cny(1).amount, "USD")
    given(*book.facts).when(opening(ten, ten)).refused("account-already-opened")
    given(*Book(limit=1).facts).when(opening(dollars, dollars)).refused("account-currency")
    given().when(opening(ten, dollars)).refused("account-malformed")
    given().when(opening(-ten, ten)).refused("account-malformed")
