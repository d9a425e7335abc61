"""Collected money: whatever order the bus tells it in, the sums are the same."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.forecast.domain.actuals import DECIDER, actuals_stream, summed
from services.forecast.domain.commands import RecordActual
from services.forecast.domain.events import ActualRecorded, Piece
from services.forecast.domain.region import region_stream
from services.forecast.policies import record
from services.forecast.projections import COLLECTED, PACE, REGIONS, months_in, weeks_in
from services.forecast.tests.envelopes import NOW, NothingToRead, sealed
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.orders import (
    AllocatedLine,
    Allocation,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.testing.given import Given

given = Given(DECIDER)
PAYMENT = UUID(int=7)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def piece(product_line: str, net: str, currency: str = "CNY", region: str = "") -> Piece:
    return Piece(product_line=product_line, net=Money(Decimal(net), currency), region=region)


def told(
    revision: int, *pieces: Piece, payment: UUID = PAYMENT, on: date = date(2025, 3, 9)
) -> RecordActual:
    return RecordActual(
        partner_id="acme",
        payment_id=payment,
        paid_on=on,
        revision=revision,
        pieces=pieces,
        fact_id=named(payment, revision),
        recorded_at=NOW,
        at=NOW,
    )


def recorded(revision: int, *deltas: Piece) -> ActualRecorded:
    return ActualRecorded(
        partner_id="acme",
        payment_id=PAYMENT,
        paid_on=date(2025, 3, 9),
        revision=revision,
        deltas=deltas,
        fact_id=named(PAYMENT, revision),
        recorded_at=NOW,
    )


def test_a_payment_counts_with_its_pieces() -> None:
    given().when(told(1, piece("pumps", "70"), piece("valves", "30"))).then(
        recorded(1, piece("pumps", "70"), piece("valves", "30"))
    )


def test_a_later_revision_counts_with_what_it_changes() -> None:
    given(recorded(1, piece("pumps", "70"))).when(
        told(2, piece("pumps", "50"), piece("valves", "30"))
    ).then(recorded(2, piece("pumps", "-20"), piece("valves", "30")))


def test_an_earlier_revision_changes_nothing() -> None:
    given(recorded(2, piece("pumps", "50"))).when(told(1, piece("pumps", "70"))).then()
    given(recorded(2, piece("pumps", "50"))).when(told(2, piece("pumps", "50"))).then()


def test_a_revision_that_changes_nothing_is_still_remembered() -> None:
    given(recorded(1, piece("pumps", "70"))).when(told(3, piece("pumps", "70"))).then(recorded(3))
    given(recorded(1, piece("pumps", "70")), recorded(3)).when(told(2, piece("pumps", "1"))).then()


def test_money_that_waits_for_an_order_does_not_count_yet() -> None:
    given().when(told(1)).then(recorded(1))


async def test_x_04_a_refund_leaves_what_remains_and_a_reversal_nothing() -> None:
    """In the month of the payment, whenever the money went back."""
    line = AllocatedLine(product_line="pumps", amount=cny("113"), net=cny("100"))
    rest = Allocation(order_id="o-1", region="华东", amount=cny("113"), lines=(line,))
    who: dict[str, Any] = {"payment_id": PAYMENT, "source_system": "erp", "document_no": "4711"}
    who |= {"partner_id": "acme", "paid_on": date(2024, 12, 31)}
    back: dict[str, Any] = {"refunded_on": date(2025, 2, 1), "amount": cny("226"), "revision": 2}
    refunded = PaymentRefunded(**who, **back, allocations=(rest,), unallocated=cny("0"))
    never: dict[str, Any] = {"reversed_on": date(2025, 2, 2), "amount": cny("113"), "revision": 3}
    reversed_ = PaymentReversed(**who, **never)
    for fact, left in ((refunded, (piece("pumps", "100"),)), (reversed_, ())):
        (stream, command), *_ = await record(fact, sealed(1), NothingToRead())
        assert stream == actuals_stream("acme", 2024)
        assert isinstance(command, RecordActual)
        assert [(one.product_line, one.net) for one in command.pieces] == [
            (one.product_line, one.net) for one in left
        ]


async def test_what_orders_tells_is_counted_net_by_product_line_and_region() -> None:
    line = AllocatedLine(product_line="pumps", amount=cny("113"), net=cny("100"))
    other = AllocatedLine(product_line="valves", amount=cny("226"), net=cny("200"))
    first = Allocation(order_id="o-1", region="华东", amount=cny("339"), lines=(line, other))
    second = Allocation(order_id="o-2", region="华北", amount=cny("113"), lines=(line,))
    fact = PaymentReceived(
        payment_id=PAYMENT,
        source_system="erp",
        document_no="4711",
        partner_id="acme",
        amount=cny("500"),
        paid_on=date(2024, 12, 31),
        revision=1,
        allocations=(first, second),
        unallocated=cny("48"),
    )
    (stream, command), *watches = await record(fact, sealed(1), NothingToRead())
    assert stream == actuals_stream("acme", 2024)
    assert isinstance(command, RecordActual)
    assert command.pieces == (
        piece("pumps", "100", region="华东"),
        piece("pumps", "100", region="华北"),
        piece("valves", "200", region="华东"),
    )
    assert [stream for stream, _ in watches] == [region_stream("华东"), region_stream("华北")]


LINES = st.lists(
    st.tuples(
        st.sampled_from(["pumps", "valves"]),
        st.sampled_from(["0", "10.50", "0.01", "99"]),
        st.sampled_from(["CNY", "USD"]),
        st.sampled_from(["华东", "华北"]),
    ),
    max_size=3,
)
PAYMENTS = st.lists(st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=4)


@for_all(PAYMENTS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_repeats_give_the_same_sums(
    payments: list[list[list[tuple[str, str, str, str]]]], random: Random
) -> None:
    commands = [
        told(
            revision,
            *summed(piece(*line) for line in lines),
            payment=UUID(int=n),
            on=date(2025, n % 3 + 1, 5),
        )
        for n, revisions in enumerate(payments)
        for revision, lines in enumerate(revisions, start=1)
    ]
    again = [*commands, *random.choices(commands, k=3)]
    random.shuffle(again)
    for projection in (COLLECTED, PACE, REGIONS):
        assert view(projection, again) == view(projection, commands)
    lines, places, regions = (
        view(projection, again).values() for projection in (COLLECTED, PACE, REGIONS)
    )
    for currency in ("CNY", "USD"):
        latest = [one for revisions in payments for one in revisions[-1] if one[2] == currency]
        whole = sum(Decimal(amount) for _, amount, _, _ in latest)
        assert sum(months_in(lines, currency).values()) == whole
        for documents in (places, regions):
            weeks = [weeks_in(one["weeks"]).get(currency, {}) for one in documents]
            assert sum(sum(one.values()) for one in weeks) == whole


def view(
    projection: Projection[ActualRecorded], commands: Iterable[RecordActual]
) -> dict[str, Document]:
    state, documents = DECIDER.initial, dict[str, Document | None]()
    for n, command in enumerate(commands, start=1):
        for fact in DECIDER.decide(command, state):
            state = DECIDER.evolve(state, fact)
            for key in projection.keys(fact, sealed(n)):
                before = documents.get(key)
                documents[key] = projection.fold(key, before, fact, sealed(n))
    return {key: one for key, one in documents.items() if one is not None}
