"""What may follow what in an account."""

from dataclasses import replace
from typing import Any

import pytest

from services.rebates.domain.account import DECIDER, Settled
from services.rebates.domain.commands import ApproveAdjustment, Assess
from services.rebates.domain.events import RebateAdjustmentProposed
from services.rebates.domain.rules import Slot
from services.rebates.domain.standing import LATE
from services.rebates.tests.book import Book, china, cny, record, terms
from shared.contracts.rebates import RebateAdjusted, RebateSettled
from shared.kernel.errors import NotFound, StaleVersion
from shared.testing.given import Given

given = Given(DECIDER)
Q1 = Slot("2026Q1", ("A",))
PAID = record("d1", "2026-01-05", "2026-01-05", ("A", "600000"))
LESS = record("d1", "2026-01-05", "2026-05-02", ("A", "100000"), revision=2)


def history(*payments: Any, settle: bool = False) -> tuple[Book, list[Any]]:
    book = Book()
    book.publish(terms())
    book.pay(PAID)
    if settle:
        book.settle()
    for payment in payments:
        book.pay(payment)
    return book, list(book.facts[book.key(Q1)])


def assessed(book: Book) -> Assess:
    basis = next(iter(book.ledger.all()))
    return book.case(Q1).on_payment(basis, 1, china("2026-01-05"))


def test_a_payment_taken_in_before_changes_nothing() -> None:
    book, facts = history()
    given(*facts).when(assessed(book)).then()


def test_what_was_computed_from_another_state_is_computed_again() -> None:
    book, facts = history()
    account = DECIDER.fold(facts)
    assert isinstance(account, object)
    command = assessed(book)
    newer = replace(command.taken, ledger=9)
    stale = replace(command, since=newer, taken=replace(newer, ledger=10))
    with pytest.raises(StaleVersion):
        DECIDER.decide(stale, account)


def test_less_money_is_proposed_and_books_on_approval() -> None:
    _, facts = history(LESS, settle=True)
    (proposed,) = [fact for fact in facts if isinstance(fact, RebateAdjustmentProposed)]
    assert (proposed.amount, proposed.reason) == (cny("-18000.00"), LATE)
    approve = ApproveAdjustment(proposal=1, at=china("2026-05-03"))
    booked = RebateAdjusted(
        programme_id="q-a",
        version=1,
        partner_id="p1",
        period="2026Q1",
        partition="A",
        volume=cny("100000.00"),
        amount=cny("-18000.00"),
        number=2,
        reason=LATE,
        counted=(LESS.source,),
        proposal=1,
    )
    given(*facts).when(approve).then(booked)
    given(*facts, booked).when(approve).refused("adjustment-not-proposed")
    settled = DECIDER.fold([*facts, booked])
    assert isinstance(settled, Settled)
    assert (settled.booked, settled.proposed) == (cny("0.00"), ())


def test_nothing_is_approved_before_the_settlement() -> None:
    _, facts = history()
    approve = ApproveAdjustment(proposal=1, at=china("2026-05-03"))
    given(*facts).when(approve).refused("adjustment-not-proposed")
    with pytest.raises(NotFound):
        DECIDER.decide(approve, DECIDER.initial)


def test_a_settlement_of_very_many_payments_names_the_ledger_instead() -> None:
    book = Book()
    book.publish(terms())
    for number in range(1_001):
        book.pay(record(f"d{number}", "2026-01-05", "2026-01-05", ("A", "1000")))
    book.settle()
    (settled,) = book.told(Q1, RebateSettled)
    assert (settled.counted, settled.ledger_version) == ((), 1_001)
    assert settled.volume == cny("1001000.00")
