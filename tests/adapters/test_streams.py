"""What the Faust worker runs, without Faust: whatever arrives, in whatever order, same sums."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.forecast.domain.anomaly import reports
from services.forecast.domain.region import due, last_due
from services.forecast.streams import STREAM
from services.forecast.tests.test_episodes import NINE, after, weekly
from services.forecast.tests.test_rates import told
from shared.adapters.faust.told import Groups, Part, Things
from shared.contracts.orders import PaymentAllocated, PaymentReceived
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document

Paid = PaymentReceived | PaymentAllocated


class Flow:
    """What the two agents do, with partitions by the first letter of a region."""

    def __init__(self) -> None:
        self.things, self.groups = Things(), Groups(STREAM.moved)
        self.rows: list[Any] = []

    def tell(self, facts: Iterable[Paid]) -> "Flow":
        for fact in facts:
            told = STREAM.told(fact)
            self.things.add(told)
            for part in self.things.parts(told.thing):
                self.rows.append(document(part))
        return self

    def kept(self, rows: Iterable[Any]) -> "Flow":
        for row in rows:
            part: Part = restored(row, Part)
            self.groups.add(ord(part.group[0]), part)
        return self

    def sums(self) -> dict[str, Document]:
        return self.groups.sums([ord("e"), ord("w")])


def test_a_payment_is_told_whole_by_region() -> None:
    first = told(1, after(0) + timedelta(3), "100", region="east")
    found = STREAM.told(first)
    assert (found.thing, found.revision) == (str(first.payment_id), 1)
    piece = {"product_line": "pumps", "net": {"amount": "100", "currency": "CNY"}}
    week = str(after(0))
    assert found.parts == {"east": {"week": week, "pieces": [piece | {"region": "east"}]}}


def test_money_that_goes_to_another_region_leaves_the_first() -> None:
    facts = [
        told(1, after(0), "100", n, region=region) for n, region in ((1, "east"), (2, "west"))
    ]
    for order in (facts, [*reversed(facts)], [*facts, facts[0]]):
        flow = Flow().tell(order)
        assert flow.kept(flow.rows).sums() == {"west": {"pumps": {"CNY": {str(after(0)): "100"}}}}


TOLD = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["east", "west"]),
            st.sampled_from(["pumps", "valves"]),
            st.sampled_from(["0.01", "7", "1000.10"]),
        ),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=5,
)


@for_all(TOLD, st.randoms(use_true_random=False))
def test_no_order_and_no_repeat_of_facts_or_of_rows_changes_a_sum(
    payments: list[list[tuple[str, str, str]]], random: Random
) -> None:
    facts = [
        told(number, after(number), net, revision, region=region, line=line)
        for number, revisions in enumerate(payments)
        for revision, (region, line, net) in enumerate(revisions, start=1)
    ]
    plain = Flow().tell(facts)
    jumbled = Flow().tell(random.sample(facts, len(facts))).tell(random.choices(facts, k=3))
    rows = [*jumbled.rows, *random.choices(jumbled.rows, k=3)]
    random.shuffle(rows)
    assert jumbled.kept(rows).sums() == plain.kept(plain.rows).sums()


def test_groups_of_other_partitions_are_not_shown() -> None:
    flow = Flow().tell([told(1, after(0), "1", region="east"), told(2, after(0), "2", region="w")])
    assert flow.kept(flow.rows).groups.sums([ord("e")]).keys() == {"east"}


def test_the_gauges_are_those_of_the_running_window() -> None:
    flow = Flow().tell([told(1, after(9), "27", region="east")])
    now = datetime.combine(after(10) - timedelta(2), datetime.min.time(), UTC)
    ((rate, collected),) = [STREAM.measured(s, now) for s in flow.kept(flow.rows).sums().values()]
    assert (rate.name, rate.value, collected.value) == ("run_rate", 28.0, 27.0)
    assert rate.labels == {"product_line": "pumps", "currency": "CNY"}
    assert set(rate.labels) == set(STREAM.labels)
    assert {rate.name, collected.name} == set(STREAM.gauges)


def test_f_08_lines_are_judged_together_and_alike_by_the_timers() -> None:
    amounts = [*NINE, "65"]
    facts = [told(n, after(n), "1", region="east", line="valves") for n in range(10)]
    facts += [
        told(100 + n, after(n), str(int(net) - 1), region="east") for n, net in enumerate(amounts)
    ]
    flow = Flow().tell(facts)
    sums = flow.kept(flow.rows).sums()["east"]
    when = due(after(10))
    assert list(STREAM.judged("east", sums, when)) == list(
        reports("east", "CNY", weekly(*amounts), after(10), when)
    )


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-03-16T00:59:59+08:00", after(9)),
        ("2026-03-16T01:00:00+08:00", after(10)),
        ("2026-03-22T23:59:59+08:00", after(10)),
    ],
)
def test_the_last_judgement_was_due_an_hour_into_monday(now: str, monday: Any) -> None:
    assert last_due(datetime.fromisoformat(now)) == due(monday)
