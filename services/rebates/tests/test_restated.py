"""What a refund after the cut-off does, as the programme chose (R-10, ruling r4)."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rebates.domain.commands import PublishProgramme, RecordBasis
from services.rebates.domain.events import RebateAdjustmentProposed
from services.rebates.domain.programme import decide
from services.rebates.domain.restating import origin
from services.rebates.domain.rules import Slot
from services.rebates.domain.terms import Restatement
from services.rebates.tests.book import Book, china, cny, record, terms
from shared.contracts.money import Money
from shared.kernel.errors import Refused

FIRST, SECOND = Slot("2026Q1", ("A",)), Slot("2026Q2", ("A",))
PAID = record("d1", "2026-02-01", "2026-02-01", ("A", "1020000"))
MORE = record("d2", "2026-04-20", "2026-04-20", ("A", "600000"))
WAYS: tuple[Restatement, ...] = ("origin", "current", "pro_rata")


def refund(rest: str, day: str, revision: int = 2, **more: Any) -> RecordBasis:
    """What is left of d1 after it."""
    told: dict[str, Any] = {"recorded": day, "revision": revision, "returned_on": day} | more
    recorded = told.pop("recorded")
    return record("d1", "2026-02-01", recorded, ("A", rest), **told)


REFUNDED = refund("990000", "2026-04-25")


def settled(way: Restatement, *stories: RecordBasis) -> Book:
    book = Book()
    book.publish(terms(restatement=way))
    book.pay(PAID)
    book.settle()
    for one in stories:
        book.pay(one)
    return book


def stands(book: Book, slot: Slot) -> tuple[Money, Money]:
    standing = book.accounts[book.key(slot)].standing  # type: ignore[union-attr]
    assert standing == book.standing(slot)  # kept and counted anew are one
    return standing.volume, standing.entitlement


@pytest.mark.parametrize(
    ("way", "first", "second"),
    [
        ("origin", ("990000.00", "29700.00"), ("600000.00", "18000.00")),
        ("current", ("1020000.00", "51000.00"), ("570000.00", "17100.00")),
        ("pro_rata", ("1020000.00", "49500.00"), ("600000.00", "18000.00")),
    ],
)
def test_r10_as_the_programme_chose(
    way: Restatement, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """−21,300 in Q1, −900 in Q2, −1,500 of what was booked."""
    for story in ((MORE, REFUNDED), (REFUNDED, MORE)):
        book = settled(way, *story)
        assert stands(book, FIRST) == tuple(map(cny, first))
        assert stands(book, SECOND) == tuple(map(cny, second))
        proposed = book.told(FIRST, RebateAdjustmentProposed)
        change = cny(first[1]) - cny("51000.00")
        assert [one.amount for one in proposed] == ([change] if change else [])
        for slot in (FIRST, SECOND):
            assert book.explain(slot).sum == book.standing(slot).entitlement


@pytest.mark.parametrize("way", WAYS)
def test_until_the_cut_off_every_way_restates_the_payments_period(way: Restatement) -> None:
    book = Book()
    book.publish(terms(restatement=way))
    book.pay(PAID)
    book.pay(refund("990000", ["2026-04-10", "23:59"][0]))
    book.settle()
    assert stands(book, FIRST) == (cny("990000.00"), cny("29700.00"))
    assert book.booked(FIRST) == cny("29700.00")


def test_the_refunds_own_volume_may_go_below_zero() -> None:
    """r4 (b): then its entitlement is 0, and nothing is carried."""
    book = settled("current", REFUNDED)
    assert stands(book, SECOND) == (cny("-30000.00"), cny("0.00"))
    assert stands(book, FIRST)[1] == cny("51000.00")


def test_the_refunds_period_names_the_refund_among_its_leaves() -> None:
    book = settled("current", MORE, REFUNDED)
    leaves = [(one.paid_on.isoformat(), one.volume) for one in book.explain(SECOND).leaves]
    assert leaves == [("2026-04-20", cny("600000.00")), ("2026-04-25", cny("-30000.00"))]
    (only,) = book.explain(FIRST).leaves
    assert only.volume == cny("1020000.00")


@pytest.mark.parametrize("way", ["current", "pro_rata"])
def test_a_new_allocation_after_the_refund_does_not_take_it_twice(way: Restatement) -> None:
    """Revision 3 tells what remains, the refund included, under other product lines."""
    again = record("d1", "2026-02-01", "2026-05-02", ("A", "890000"), ("B", "100000"), revision=3)
    book = settled(way, REFUNDED, again)
    assert stands(book, FIRST)[0] == cny("920000.00")


@pytest.mark.parametrize(
    ("way", "first"),
    [
        ("origin", ("990000.00", "29700.00")),
        ("current", ("990000.00", "29700.00")),  # ledgers are by year: it cannot be moved there
        ("pro_rata", ("1020000.00", "49500.00")),
    ],
)
def test_a_refund_in_another_year(way: Restatement, first: tuple[str, str]) -> None:
    book = settled(way, refund("990000", "2027-01-05"))
    assert stands(book, FIRST) == tuple(map(cny, first))


def test_the_way_stays_as_it_was_published() -> None:
    book = settled("current")
    command = PublishProgramme(terms=terms(version=2), at=china("2026-01-02"))
    with pytest.raises(Refused) as refused:
        decide(command, book.programme)
    assert refused.value.slug == "programme-frame-changed"


def test_the_first_way_is_shown_whatever_was_chosen() -> None:
    for way in WAYS:
        book = settled(way, MORE, REFUNDED)
        basis = next(one for one in book.ledger.all() if one.kind == "refund")
        assert origin(book.rules.restating("origin"), book.ledger, FIRST, basis) == cny("-21300")


amounts = st.integers(0, 1_200_000)
days = st.sampled_from(["2026-03-20", "2026-04-09", "2026-04-25", "2026-05-20", "2026-07-01"])


@given(st.lists(st.tuples(amounts, days), max_size=3), st.sampled_from(WAYS))
def test_whatever_the_order_of_arrival(told: list[tuple[int, str]], way: Restatement) -> None:
    """Refunds and a later payment, in every order: kept, counted anew and explained agree."""
    rests = sorted((rest for rest, _ in told), reverse=True)
    dates = sorted(day for _, day in told)
    refunds = [
        refund(str(rest), day, revision)
        for revision, (rest, day) in enumerate(zip(rests, dates, strict=True), start=2)
    ]
    ends = set()
    for order in permutations([MORE, *refunds]):
        book = settled(way, *order)
        slots = [slot for slot in book.tally().parts if book.key(slot) in book.accounts]
        for slot in slots:
            assert stands(book, slot)
            assert book.explain(slot).sum == book.standing(slot).entitlement
        ends.add(
            tuple(
                sorted(
                    (slot, stands(book, slot))
                    for slot in slots
                    if any(part for part in book.tally().parts[slot].values())
                )
            )
        )
    assert len(ends) == 1
