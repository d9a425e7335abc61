"""The numbered cases of rebates, and the rulings around them, without a platform."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from services.rebates.domain.explanation import nudged
from services.rebates.domain.rules import Slot
from services.rebates.domain.terms import Filter
from services.rebates.tests.book import Book, cny, record, terms
from shared.contracts.rebates import (
    RebateAccrued,
    RebateAdjusted,
    RebateSettled,
    RebateTierReached,
)

Q1 = Slot("2026Q1", ("A",))
EARLY_1 = record("d1", "2026-02-10", "2026-02-10", ("A", "400000"))
EARLY_2 = record("d2", "2026-03-20", "2026-03-20", ("A", "530000"))
IN_GRACE = record("d3", "2026-03-29", "2026-04-08", ("A", "60000"))
LATE = record("d4", "2026-03-30", "2026-04-15", ("A", "20000"))


def paid(*commands: object, method: str = "whole") -> Book:
    book = Book()
    book.publish(terms(method=method))
    for command in commands:
        book.pay(command)  # type: ignore[arg-type]
    return book


@pytest.mark.parametrize(
    ("volume", "whole", "marginal"),
    [
        ("499999.99", "0.00", "0.00"),
        ("500000.00", "15000.00", "0.00"),
        ("999999.99", "30000.00", "15000.00"),
        ("1000000.00", "50000.00", "15000.00"),
        ("1200000.00", "60000.00", "25000.00"),
    ],
)
def test_r01_a_threshold_belongs_to_its_tier(volume: str, whole: str, marginal: str) -> None:
    one = record("d1", "2026-01-05", "2026-01-05", ("A", volume))
    assert paid(one).standing(Q1).entitlement == cny(whole)
    assert paid(one, method="marginal").standing(Q1).entitlement == cny(marginal)


def test_r03_a_payment_reaches_the_account_of_each_product_line() -> None:
    book = Book()
    book.publish(terms(filter=Filter(), tiers={"0": "0.03"}))
    book.pay(record("d1", "2026-01-05", "2026-01-05", ("A", "42000.00"), ("B", "18000.00")))
    book.pay(record("d2", "2026-01-06", "2026-01-06", ("A", "23333.33"), ("B", "10000.00")))
    assert book.standing(Q1).volume == cny("65333.33")
    assert book.standing(Slot("2026Q1", ("B",))).volume == cny("28000.00")


def test_r06_late_facts_count_when_they_were_recorded() -> None:
    book = paid(EARLY_1, EARLY_2)
    assert book.standing(Q1).entitlement == cny("27900.00")
    book.pay(IN_GRACE)
    book.settle()
    (settled,) = book.told(Q1, RebateSettled)
    assert (settled.amount, settled.number, settled.volume) == (cny("29700.00"), 1, cny("990000"))
    assert settled.counted == (EARLY_1.source, EARLY_2.source, IN_GRACE.source)
    book.pay(LATE)
    (adjusted,) = book.told(Q1, RebateAdjusted)
    assert (adjusted.amount, adjusted.number) == (cny("20800.00"), 2)
    assert (adjusted.period, adjusted.counted) == ("2026Q1", (LATE.source,))
    assert book.standing(Q1, as_at="2026-03-31").entitlement == cny("27900.00")
    assert book.standing(Q1, as_at="2026-04-10").entitlement == cny("29700.00")
    assert book.standing(Q1, as_at="2026-04-15").entitlement == cny("50500.00")
    assert book.standing(Q1, as_of="2026-03-29").volume == cny("990000.00")


def test_r06_settlement_takes_what_was_known_at_the_cut_off_whenever_it_runs() -> None:
    book = paid(EARLY_1, EARLY_2, IN_GRACE, LATE)
    book.settle("2026-05-01")
    (settled,), (adjusted,) = book.told(Q1, RebateSettled), book.told(Q1, RebateAdjusted)
    assert (settled.amount, adjusted.amount) == (cny("29700.00"), cny("20800.00"))
    assert book.booked(Q1) == cny("50500.00")


def test_r12_an_entitlement_is_rounded_once_for_the_account() -> None:
    book = Book()
    book.publish(terms(tiers={"0": "0.03"}))
    for number in range(7):
        book.pay(record(f"d{number}", "2026-01-05", "2026-01-05", ("A", "10.17")))
    assert book.standing(Q1).entitlement == cny("2.14")
    assert sum(leaf.amount.amount for leaf in book.explain(Q1).leaves) == Decimal("2.14")


def test_r15_the_explanation_names_every_fact_and_the_one_that_crossed_the_tier() -> None:
    why = paid(EARLY_1, EARLY_2, IN_GRACE, LATE).explain(Q1)
    told = [(leaf.amount.amount, leaf.crossing, leaf.effect) for leaf in why.leaves]
    assert told == [
        (Decimal("20000.00"), False, None),
        (Decimal("26500.00"), True, cny("27900.00")),
        (Decimal("3000.00"), False, None),
        (Decimal("1000.00"), True, cny("20800.00")),
    ]
    assert why.sum == cny("50500.00")


def test_r16_the_next_tier_is_70000_away_and_adds_22100() -> None:
    book = paid(EARLY_1, EARLY_2)
    nudge = nudged(book.rules, "2026Q1", book.standing(Q1))
    assert nudge
    assert (nudge.gap, nudge.gain) == (cny("70000.00"), cny("22100.00"))


def test_r16_at_the_top_nothing_is_missing() -> None:
    book = paid(EARLY_1, EARLY_2, IN_GRACE, LATE)
    assert nudged(book.rules, "2026Q1", book.standing(Q1)) is None


def test_x01_every_order_and_any_duplicates_end_the_same() -> None:
    facts = [EARLY_1, EARLY_2, IN_GRACE, LATE]
    usual = paid(*facts).explain(Q1)
    for order in permutations(facts):
        book = paid(*order, *order[:2], order[3])
        assert book.standing(Q1).entitlement == cny("50500.00")
        assert book.explain(Q1) == usual
        assert book.told(Q1, RebateAccrued)[-1].entitlement == cny("50500.00")
        book.settle("2026-05-01")
        assert book.booked(Q1) == cny("50500.00")


def test_x02_settling_twice_pays_once() -> None:
    book = paid(EARLY_1, EARLY_2)
    book.settle()
    before = list(book.facts[book.key(Q1)])
    book.settle("2026-06-01")
    assert book.facts[book.key(Q1)] == before


def test_an_accrual_follows_every_payment_and_says_when_a_tier_is_reached() -> None:
    book = paid(EARLY_1, EARLY_2, IN_GRACE, LATE)
    accrued = [(one.revision, one.volume.amount) for one in book.told(Q1, RebateAccrued)]
    assert accrued == [(1, 400000), (2, 930000), (3, 990000), (4, 1010000)]
    reached = [(one.threshold, one.cause) for one in book.told(Q1, RebateTierReached)]
    assert reached == [(cny("500000"), EARLY_2.source), (cny("1000000"), LATE.source)]


def test_a_settlement_of_nothing_says_why() -> None:
    book = paid(record("d1", "2026-01-05", "2026-01-05", ("A", "10")))
    book.settle()
    (settled,) = book.told(Q1, RebateSettled)
    assert (settled.amount, settled.reason) == (cny("0.00"), "no tier reached")


def test_the_highest_revision_counts_in_whatever_order_they_come() -> None:
    first = record("d1", "2026-01-05", "2026-01-05", ("A", "600000"))
    second = record("d1", "2026-01-05", "2026-02-01", ("A", "400000"), ("B", "9"), revision=2)
    for order in ([first, second], [second, first]):
        book = paid(*order)
        assert book.standing(Q1).volume == cny("400000.00")
        assert book.told(Q1, RebateAccrued)[-1].volume == cny("400000.00")
        assert book.standing(Q1, as_at="2026-01-31").volume == cny("600000.00")


def test_a_lower_entitlement_waits_for_approval() -> None:
    book = paid(EARLY_1, EARLY_2)
    book.settle()
    book.pay(record("d2", "2026-03-20", "2026-05-02", ("A", "100000"), revision=2))
    assert not book.told(Q1, RebateAdjusted)
    assert book.booked(Q1) == cny("27900.00")


def test_a_new_version_is_proposed_and_explains_the_difference() -> None:
    """R-13: P1 gains 8,000, P2 and P3 nothing."""
    wrong = {"500000": "0.02", "1000000": "0.05"}
    gains = {"800000": [cny("8000.00")], "450000": [], "1000000": []}
    for volume, expected in gains.items():
        book = Book()
        book.publish(terms(tiers=wrong))
        book.pay(record("d1", "2026-01-05", "2026-01-05", ("A", volume)))
        book.settle()
        book.publish(terms(version=2), at="2026-05-01")
        account = book.accounts[book.key(Q1)]
        assert [one.amount for one in account.proposed] == expected  # type: ignore[union-attr]
        assert not book.told(Q1, RebateAdjusted)


def test_in_a_mixed_period_each_version_earns_its_share_at_the_whole_volume() -> None:
    """Ruling r5: 600,000 by 3 % and 400,000 by 10 %, both read at 1,000,000."""
    book = Book()
    book.publish(terms(tiers={"1000000": "0.03"}))
    book.publish(terms(version=2, effective_from=date(2026, 2, 1), tiers={"1000000": "0.10"}))
    book.pay(record("d1", "2026-01-31", "2026-01-31", ("A", "600000")))
    book.pay(record("d2", "2026-02-01", "2026-02-01", ("A", "400000")))
    assert book.standing(Q1).entitlement == cny("58000.00")
    assert book.told(Q1, RebateAccrued)[-1].entitlement == cny("58000.00")


def test_a_programme_published_later_reads_the_ledger_from_its_beginning() -> None:
    book = Book()
    for command in (EARLY_1, EARLY_2):
        book.pay(command)
    book.publish(terms(), at="2026-03-25")
    assert book.told(Q1, RebateAccrued)[-1].entitlement == cny("27900.00")
    assert book.standing(Q1, as_at="2026-03-25").entitlement == cny("27900.00")
    assert not book.tally(as_at="2026-03-24").parts


def test_a_period_past_its_cut_off_at_publication_settles_with_what_is_recorded_by_then() -> None:
    book = Book()
    for command in (EARLY_1, EARLY_2, IN_GRACE, LATE):
        book.pay(command)
    book.publish(terms(), at="2026-05-01")
    assert book.programme.schedule("2026Q1").settle_at is None
    book.settle("2026-05-02")
    (settled,) = book.told(Q1, RebateSettled)
    assert settled.amount == cny("50500.00")
    assert not book.told(Q1, RebateAdjusted)


def test_a_level_that_is_learned_late_adjusts() -> None:
    book = Book()
    book.publish(terms(filter=Filter(levels=("gold",))))
    book.level("silver", "2025-12-01")
    book.pay(record("d1", "2026-02-10", "2026-02-10", ("A", "600000")))
    assert not book.accounts
    book.level("gold", "2026-02-01", recorded="2026-04-20")
    assert book.standing(Q1).entitlement == cny("18000.00")
    book.settle("2026-04-21")
    (settled,), (adjusted,) = book.told(Q1, RebateSettled), book.told(Q1, RebateAdjusted)
    assert (settled.amount, settled.reason) == (cny("0.00"), "no volume")
    assert (adjusted.amount, adjusted.reason) == (cny("18000.00"), "level changed")


def test_what_a_settlement_took_in_is_not_taken_again() -> None:
    """It ran before the accruals: they come to an account that knows their payments already."""
    book = paid(EARLY_1, EARLY_2)
    book.lag(True)
    book.pay(record("d5", "2026-03-21", "2026-03-21", ("A", "90000")))
    book.pay(record("d5", "2026-03-21", "2026-03-22", ("B", "90000"), revision=2))
    book.settle()
    before = list(book.facts[book.key(Q1)])
    book.lag(False)
    assert book.facts[book.key(Q1)] == before
