"""Whatever happens in whatever order: accounts agree with their ledgers, to the cent."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.rebates.domain.account import Open, Settled
from services.rebates.domain.events import AccountKey, BasisRecorded
from services.rebates.domain.explanation import explained
from services.rebates.domain.periods import period_of
from services.rebates.domain.rules import Slot, Tally
from services.rebates.domain.terms import Filter, Terms
from services.rebates.tests.book import Book, cny, record, terms

LINES, DAYS = ("A", "B", "C"), ("2026-01-15", "2026-02-15", "2026-04-15")
NETS = ("0.01", "33.33", "499.99", "500.00", "1000.01", "-250.00")
RECORDED = ("2026-02-20", "2026-04-08", "2026-04-15", "2026-06-01")

pieces = st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(NETS)), max_size=3)


@st.composite
def payments(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Three payments, each at three revisions, of which later ones may be refunds."""
    return [
        (
            "pay",
            record(
                f"d{n}",
                day,
                draw(st.sampled_from(RECORDED)),
                *draw(pieces),
                revision=r,
                returned_on=draw(st.sampled_from([None, *DAYS])) if r > 1 else None,
            ),
        )
        for n, day in enumerate(DAYS)
        for r in (1, 2, 3)
    ]


def version(number: int, start: date, method: str, levels: tuple[str, ...]) -> Terms:
    return terms(
        version=number,
        effective_from=start,
        method=method,
        filter=Filter(product_lines=("A", "B"), levels=levels),
        tiers={"500": "0.03", "1000": "0.05"} if number % 2 else {"400": "0.021"},
        settlement="manual",
    )


versions = st.builds(
    version,
    st.integers(1, 3),
    st.sampled_from([date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)]),
    st.sampled_from(["whole", "marginal"]),
    st.sampled_from([(), ("gold",)]),
)
others = st.one_of(
    st.tuples(st.just("publish"), versions),
    st.tuples(st.just("level"), st.sampled_from(["gold", "silver"])),
    st.tuples(st.just("settle"), st.just("2026-04-11T01:00")),
    st.tuples(st.just("lag"), st.booleans()),
)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """In any order, and some payments again."""
    told = [*draw(payments()), *draw(st.lists(others, min_size=3, max_size=8))]
    order = draw(st.permutations(told))
    again = draw(st.lists(st.sampled_from(told), max_size=3))
    return [("lag", draw(st.booleans())), *order, *again]


def played(story: list[tuple[str, Any]]) -> Book:
    book = Book()
    book.publish(version(1, date(2026, 1, 1), "whole", ()))
    for at, (what, thing) in enumerate(story):
        day = f"2026-0{1 + at // 28}-{1 + at % 28:02}"
        match what:
            case "pay":
                book.pay(thing)
            case "publish" if thing.version > book.programme.newest:
                book.publish(thing, at=day)
            case "level":
                book.level(thing, at=day)
            case "settle":
                book.settle(thing)
            case "lag":
                book.lag(thing)
    book.lag(False)
    return book


def counted(book: Book, key: AccountKey) -> Decimal:
    """The volume, the long way round: the highest revision of each payment, piece by piece."""
    highest: dict[str, BasisRecorded] = {}
    for basis in sorted(book.ledger.all(), key=lambda one: one.revision):
        highest[basis.document_no] = basis
    volume = Decimal(0)
    for basis in highest.values():
        covering = [
            one.terms for one in book.programme.published if one.terms.covers(basis.paid_on)
        ]
        if not covering or period_of(basis.paid_on, "quarter") != key.period:
            continue
        asked, level = covering[-1].filter, book.levels.on(basis.paid_on)
        for piece in basis.pieces:
            eligible = piece.product_line in asked.product_lines
            eligible &= not asked.levels or level in asked.levels
            if eligible and (piece.product_line,) == key.values:
                volume += piece.net.amount
    return volume


@settings(deadline=None)
@given(stories())
def test_an_account_that_moves_by_differences_stands_where_its_ledger_says(
    story: list[tuple[str, Any]],
) -> None:
    book = played(story)
    tally = Tally(book.rules, book.ledger.all())
    for key, account in book.accounts.items():
        assert isinstance(account, Open)
        standing, now = account.standing, tally.standing(Slot(key.period, key.values))
        assert standing.volume.amount == counted(book, key)
        assert (standing.volume, standing.entitlement) == (now.volume, now.entitlement)
        assert standing.parts == now.parts


@settings(deadline=None)
@given(stories())
def test_booked_and_proposed_are_the_entitlement_and_leaves_sum_to_it(
    story: list[tuple[str, Any]],
) -> None:
    book = played(story)
    tally = Tally(book.rules, book.ledger.all())
    for key, account in book.accounts.items():
        slot = Slot(key.period, key.values)
        if isinstance(account, Settled):
            proposed = sum((one.amount.amount for one in account.proposed), account.booked.amount)
            assert proposed == tally.standing(slot).entitlement.amount
        why = explained(tally, slot)
        if why.leaves:
            assert why.sum == why.standing.entitlement
        assert why.standing.entitlement >= cny("0")


@settings(deadline=None)
@given(payments(), st.randoms())
def test_explanations_do_not_depend_on_the_order_of_arrival(
    told: list[tuple[str, Any]], random: Random
) -> None:
    one, two = played(told), played(random.sample(told, len(told)))
    assert one.accounts.keys() == two.accounts.keys()
    for key in one.accounts:
        slot = Slot(key.period, key.values)
        assert one.explain(slot) == two.explain(slot)
