"""Rebate accounts beside a calculator that knows the payments and the tiers, and fractions.

X-01: any order of arrival, any repeats, the same entitlement and the same explanation. X-02: what
is settled is settled once. X-05: settled + adjusted + proposed = entitlement, at every instant.
What is settled is what was recorded before the cut-off, whenever it arrived (ruling r2).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.rebates.domain.account import Open, Settled
from services.rebates.domain.commands import ApproveAdjustment, RecordBasis
from services.rebates.domain.rules import Slot
from services.rebates.domain.terms import Filter, Terms
from services.rebates.tests.book import Book, china, record, terms
from shared.contracts.rebates import RebateAdjusted, RebateSettled
from tests.reliability.machines import told
from tests.reliability.tally import Tally
from tests.reliability.test_money import half_up, handed_out, units
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(3_600)]
RUNS, STEPS = trials(300, 5_000), 25
QUARTER = "2026Q1"
CUT_OFF = "2026-04-11"
DAYS = ("2026-01-15", "2026-02-15", "2026-03-31", "2026-04-15")
RECORDED = ("2026-02-20", "2026-04-08", "2026-04-10T23:59", "2026-04-11", "2026-06-01")
NETS = ("0.01", "33.33", "499.99", "500.00", "0.50", "1000.01", "-250.00")
TIERS = {1: ((500, 30), (1_000, 50)), 2: ((400, 21), (1_200, 80))}  # rates in thousandths
pieces = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(NETS)), min_size=1, max_size=3)


@dataclass(frozen=True)
class Told:
    """A revision of a payment, as the machine told it."""

    document: str
    paid_on: str
    recorded: str
    revision: int
    parts: tuple[tuple[str, str], ...]

    @property
    def command(self) -> RecordBasis:
        return record(
            self.document, self.paid_on, self.recorded, *self.parts, revision=self.revision
        )

    def cents(self, line: str) -> int:
        return sum(int(net.replace(".", "")) for name, net in self.parts if name == line)


def version(number: int, method: str) -> Terms:
    """Both cover the quarter from its beginning, so the last one published earns all of it."""
    return terms(
        version=number,
        method=method,
        filter=Filter(product_lines=("A", "B")),
        tiers={str(start): str(rate / 1000) for start, rate in TIERS[number]},
        settlement="manual",
    )


def entitled(cents: int, tiers: tuple[tuple[int, int], ...], method: str) -> int:
    """In cents, rounded once (g3), never below 0 (r7)."""
    earned = Fraction(0)
    ends = [*[start * 100 for start, _ in tiers[1:]], max(cents, 0)]
    for (start, rate), end in zip(tiers, ends, strict=True):
        if cents < start * 100:
            continue
        if method == "whole":
            earned = Fraction(cents * rate, 1000)
        else:
            earned += Fraction((min(cents, max(end, start * 100)) - start * 100) * rate, 1000)
    return half_up(earned)


class Rebates(RuleBasedStateMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.book, self.told, self.versions = Book(), list[Told](), [(1, "whole")]
        self.book.publish(version(1, "whole"))
        self.settled: dict[str, int] = {}

    @rule(number=st.integers(1, 6), revision=st.integers(1, 3), parts=pieces, data=st.data())
    def pay(self, number: int, revision: int, parts: list[Any], data: st.DataObject) -> None:
        """A new payment, or any revision of one, also lower ones; what was told stays so."""
        document = f"d{number}"
        told = Told(
            document,
            DAYS[number % len(DAYS)],
            data.draw(st.sampled_from(RECORDED)),
            revision,
            tuple(parts),
        )
        if any((one.document, one.revision) == (document, revision) for one in self.told):
            return
        self.told.append(told)
        self.book.pay(told.command)
        self.seen["revisions of payments"] += 1

    @rule(number=st.integers(0, 99))
    def pay_again(self, number: int) -> None:
        if self.told:
            self.book.pay(self.told[number % len(self.told)].command)
            self.seen["repeats"] += 1

    @rule(method=st.sampled_from(["whole", "marginal"]))
    def publish(self, method: str) -> None:
        if len(self.versions) == 1:
            self.versions.append((2, method))
            self.book.publish(version(2, method), at="2026-05-01")
            self.seen["new versions"] += 1

    @rule()
    def settle(self) -> None:
        """Again and again: the first time counts (X-02)."""
        self.book.settle()
        self.seen["settlements asked for"] += 1

    @rule(line=st.sampled_from("AB"), number=st.integers(1, 3))
    def approve(self, line: str, number: int) -> None:
        account = self.book.accounts.get(key := self.book.key(slot(line)))
        if isinstance(account, Settled) and account.proposed:
            one = account.proposed[number % len(account.proposed)].proposal
            approval = ApproveAdjustment(proposal=one, at=china("2026-06-02"))
            self.book._ask(key, approval)
            self.seen["approvals"] += 1

    @rule(lagging=st.booleans())
    def lag(self, lagging: bool) -> None:
        self.book.lag(lagging)

    def counted(self, line: str, before: str | None = None) -> int:
        """The highest revision of each payment of the quarter, of those known by then."""
        highest: dict[str, Told] = {}
        for one in sorted(self.told, key=lambda one: one.revision):
            early = before is None or china(one.recorded) < china(before)
            if early and one.paid_on <= "2026-03-31":
                highest[one.document] = one
        return sum(one.cents(line) for one in highest.values())

    @invariant()
    def entitlements_are_what_the_tiers_say(self) -> None:
        if self.book.lagging:
            return
        number, method = self.versions[-1]
        for line in "AB":
            account = self.book.accounts.get(self.book.key(slot(line)))
            if isinstance(account, Open):
                volume = self.counted(line)
                assert units(account.standing.volume.amount, "CNY") == volume
                expected = entitled(volume, TIERS[number], method)
                assert units(account.standing.entitlement.amount, "CNY") == expected, line

    @invariant()
    def what_is_settled_is_settled_once_and_by_the_cut_off(self) -> None:
        for line in "AB":
            told = self.book.told(slot(line), RebateSettled)
            assert len(told) <= 1, "settled twice"
            for one in told:
                amount = units(one.amount.amount, "CNY")
                if line not in self.settled:
                    expected = entitled(self.counted(line, CUT_OFF), TIERS[1], "whole")
                    assert amount == expected, "settled is not what was known at the cut-off"
                    self.seen["settlements"] += 1
                assert self.settled.setdefault(line, amount) == amount

    @invariant()
    def money_is_conserved(self) -> None:
        """X-05; while reactions wait, against what the account has heard of."""
        for account in self.book.accounts.values():
            if isinstance(account, Settled):
                facts = self.book.facts[account.key]
                booked = [f for f in facts if isinstance(f, RebateSettled | RebateAdjusted)]
                assert [one.number for one in booked] == list(range(1, len(booked) + 1))
                parts = [units(one.amount.amount, "CNY") for one in (*booked, *account.proposed)]
                assert sum(parts) == units(account.standing.entitlement.amount, "CNY")

    def teardown(self) -> None:
        """X-01: the same payments in another order, each up to three times."""
        self.book.lag(False)
        random = Random(len(self.told))
        again = [one for one in self.told for _ in range(random.randint(1, 3))]
        random.shuffle(again)
        other = Book()
        for number, method in self.versions:
            other.publish(version(number, method))
        for one in again:
            other.pay(one.command)
        for line in "AB":
            mine, theirs = self.book.explain(slot(line)), other.explain(slot(line))
            assert mine == theirs, "the order of arrival shows"
            shares = [units(leaf.amount.amount, "CNY") for leaf in mine.leaves]
            earned = units(mine.standing.entitlement.amount, "CNY")
            assert not shares or sum(shares) == earned
            volumes = [Fraction(leaf.volume.amount) for leaf in mine.leaves]
            if volumes and min(volumes) >= 0:
                assert shares == handed_out(earned, volumes)
        self.seen["permutations"] += 1


def slot(line: str) -> Slot:
    return Slot(QUARTER, (line,))


def test_rebates_agree_with_a_calculator_in_any_order(tally: Tally) -> None:
    Rebates.seen.clear()
    assert date.fromisoformat(CUT_OFF) > date.fromisoformat(DAYS[2])
    told(Rebates, RUNS, STEPS)
    tally(
        "F5 machine of the rebates",
        {"stories": RUNS},
        seen=dict(Rebates.seen),
        never={"differences from the calculator": []},
    )
