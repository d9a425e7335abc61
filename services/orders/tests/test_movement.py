"""Goods of an order: by line and in parts, by hand and reported."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import strategies as st
from immutables import Map

from services.orders.domain.commands import (
    CancelOrder,
    ConfirmOrder,
    LineWanted,
    ReopenOrder,
    ShipOrder,
)
from services.orders.domain.events import (
    OrderEvent,
    ShipmentDeclined,
    ShipmentDeferred,
    ShipmentResumed,
)
from services.orders.domain.fulfilment import (
    Movement,
    Progresses,
    affected,
    after,
    left,
    values,
)
from services.orders.domain.goods import (
    DeliverOrder,
    LapseShipment,
    LinePart,
    ReportShipment,
    ReturnGoods,
    Shipment,
)
from services.orders.domain.order import ORDER
from services.orders.domain.statements import approved, submitted
from services.orders.tests.samples import LATER, NOW, P1, cny, submission
from shared.contracts.money import Money
from shared.contracts.orders import (
    AffectedLine,
    GoodsReturned,
    OrderCancelled,
    OrderDelivered,
    OrderLine,
    OrderShipped,
)
from shared.kernel.claim import Origin
from shared.kernel.codec import fingerprint_of
from shared.testing.given import Given

given = Given(ORDER)
DAY = date(2026, 1, 6)
WHO: dict[str, Any] = {"order_id": "o1", "partner_id": P1}


def wanted(quantity: str, price: str = "88", rate: str = "0") -> LineWanted:
    return LineWanted(
        line=1,
        sku="s",
        product_line="A",
        quantity=Decimal(quantity),
        unit_price=Money(Decimal(price), "CNY"),
        tax_rate=Decimal(rate),
    )


SUBMITTED = submitted(submission(wanted("100")))
APPROVED = approved(SUBMITTED, "credit-check", 1)
HERE: dict[str, Any] = {"region": "east"}


def part(quantity: str) -> tuple[LinePart, ...]:
    return (LinePart(line=1, quantity=Decimal(quantity)),)


def some(quantity: str, amount: str) -> tuple[AffectedLine, ...]:
    return (
        AffectedLine(
            line=1,
            product_line="A",
            quantity=Decimal(quantity),
            amount=cny(amount),
            net=cny(amount),
        ),
    )


def ship(quantity: str, document: str | None = None) -> ShipOrder:
    return ShipOrder(shipped_on=DAY, lines=part(quantity), document=document, at=LATER)


def left_on(quantity: str, amount: str, number: int = 1, note: str | None = None) -> OrderShipped:
    goods: dict[str, Any] = {"lines": some(quantity, amount), "number": number, "document": note}
    return OrderShipped(**WHO, **HERE, **goods, shipped_on=DAY)


FIRST, SECOND = left_on("60", "5280"), left_on("25", "2200", 2)
CANCELLED = OrderCancelled(
    **WHO, **HERE, revision=2, lines=some("15", "1320"), reason="enough", whole=False
)
BACK = GoodsReturned(
    **WHO, **HERE, revision=3, lines=some("5", "440"), reason="damaged", returned_on=DAY
)


def test_o_05_in_facts() -> None:
    given(SUBMITTED, APPROVED).when(ship("60")).then(FIRST)
    given(SUBMITTED, APPROVED, FIRST).when(ship("25")).then(SECOND)
    cancel = CancelOrder(reason="enough", at=NOW)
    given(SUBMITTED, APPROVED, FIRST, SECOND).when(cancel).then(CANCELLED)
    take = ReturnGoods(reason="damaged", returned_on=DAY, lines=part("5"), at=NOW)
    given(SUBMITTED, APPROVED, FIRST, SECOND, CANCELLED).when(take).then(BACK)
    over = ReturnGoods(reason="", lines=part("81"), at=NOW)
    given(SUBMITTED, APPROVED, FIRST, SECOND, CANCELLED, BACK).when(over).refused("order-quantity")


def test_a_shipment_of_the_past_without_lines_was_all_of_it() -> None:
    old = OrderShipped(**WHO, shipped_on=DAY)
    given(SUBMITTED, APPROVED, old).when(ship("1")).refused("order-wrong-status")
    arrived = OrderDelivered(**WHO, **HERE, lines=some("100", "8800"), delivered_on=DAY, number=1)
    given(SUBMITTED, APPROVED, old).when(DeliverOrder(delivered_on=DAY, at=NOW)).then(arrived)


def test_what_comes_back_from_the_way_is_not_delivered_any_more() -> None:
    story = (SUBMITTED, APPROVED, FIRST)
    all_back = ReturnGoods(reason="", returned_on=DAY, at=NOW)
    back = GoodsReturned(
        **WHO, **HERE, revision=2, lines=some("60", "5280"), reason="", returned_on=DAY
    )
    given(*story).when(all_back).then(back)
    given(*story, back).when(DeliverOrder(at=NOW)).refused("order-quantity")


def test_the_same_document_again_means_nothing_and_with_other_lines_is_refused() -> None:
    story = (SUBMITTED, APPROVED, left_on("60", "5280", note="dn-1"))
    given(*story).when(ship("60", "dn-1")).then()
    given(*story).when(ship("40", "dn-1")).refused("document-conflict")


def test_what_was_cancelled_before_is_not_asked_for_again() -> None:
    less = CancelOrder(reason="", lines=part("40"), at=NOW)
    gone = OrderCancelled(
        **WHO, **HERE, revision=1, lines=some("40", "3520"), reason="", whole=False
    )
    given(SUBMITTED).when(less).then(gone)
    rest = OrderCancelled(**WHO, **HERE, revision=2, lines=some("60", "5280"), reason="")
    given(SUBMITTED, gone).when(CancelOrder(reason="", at=NOW)).then(rest)
    smaller = submitted(submission(wanted("60")))
    confirmed = approved(smaller, "credit-check", 2)
    given(SUBMITTED, gone).when(ConfirmOrder(round=0, at=NOW)).then(confirmed)
    decided = ORDER.decide(ReopenOrder(at=NOW), ORDER.fold([SUBMITTED, gone, rest]))
    assert decided[0].lines == smaller.lines  # type: ignore[union-attr]


ORIGIN = Origin(
    topic="ShipmentReported", log="ShipmentReported/0", position=1, raw_id=UUID(int=1), sha256=""
)


def shipment(partner_id: str = P1, **more: Any) -> Shipment:
    told: dict[str, Any] = {"source_system": "wms", "document_no": "dn-1", "order_id": "o1"}
    told |= {"shipment_id": UUID(int=7), "partner_id": partner_id, "shipped_on": DAY}
    return Shipment(**told | {"lines": part("60")} | more)


def report(told: Shipment) -> ReportShipment:
    return ReportShipment(shipment=told, origin=ORIGIN, at=NOW)


def waits(told: Shipment) -> ShipmentDeferred:
    who: dict[str, Any] = {"order_id": "o1", "partner_id": told.partner_id}
    return ShipmentDeferred(**who, shipment=told, origin=ORIGIN, until=LATER)


def declined(told: Shipment, slug: str) -> list[Any]:
    state = ORDER.fold([waits(told)])
    facts = ORDER.decide(LapseShipment(shipment_id=UUID(int=7), at=LATER), state)
    assert [fact.slug for fact in facts if isinstance(fact, ShipmentDeclined)] == [slug]
    return list(facts)


def test_a_reported_shipment_waits_until_its_order_is_confirmed() -> None:
    told, booked = shipment(), left_on("60", "5280", note="wms/dn-1")
    resumed = ShipmentResumed(**WHO, shipment=told)
    confirm = ConfirmOrder(round=0, at=NOW)
    given().when(report(told)).then(waits(told))
    given(waits(told)).when(report(told)).then()
    given(SUBMITTED).when(report(told)).then(waits(told))
    given(waits(told), SUBMITTED).when(confirm).then(APPROVED, resumed, booked)
    given(SUBMITTED, APPROVED).when(report(told)).then(booked)
    given(SUBMITTED, APPROVED, booked).when(report(told)).then()


def test_a_report_that_comes_again_a_day_later_is_the_same_request() -> None:
    """The bus repeats, and a claim whose position was not kept is read again."""
    later = replace(report(shipment()), at=LATER)
    assert fingerprint_of(later) == fingerprint_of(report(shipment()))


def test_a_reported_delivery_is_a_shipment_too() -> None:
    told = shipment(delivered_on=DAY)
    booked = left_on("60", "5280", note="wms/dn-1")
    goods: dict[str, Any] = {"lines": some("60", "5280"), "number": 1, "document": "wms/dn-1"}
    arrived = OrderDelivered(**WHO, **HERE, **goods, delivered_on=DAY)
    given(SUBMITTED, APPROVED).when(report(told)).then(booked, arrived)
    given(SUBMITTED, APPROVED, booked).when(report(told)).then(arrived)


def test_what_can_never_be_right_is_declined() -> None:
    foreign = shipment("p2")
    declined(shipment(), "order-unknown")
    cases: list[tuple[list[OrderEvent], Shipment, str]] = [
        ([SUBMITTED, APPROVED], foreign, "order-unknown"),
        ([SUBMITTED, APPROVED], shipment(lines=part("101")), "order-quantity"),
        ([SUBMITTED, APPROVED], shipment(lines=(LinePart(line=9, quantity=Decimal(1)),)), ""),
    ]
    for story, told, slug in cases:
        (fact,) = ORDER.decide(report(told), ORDER.fold(story))
        assert isinstance(fact, ShipmentDeclined)
        assert fact.slug == (slug or "order-malformed")


MOVEMENTS: tuple[Movement, ...] = ("cancelled", "shipped", "delivered", "returned")


@for_all(
    st.integers(1, 40).map(lambda n: Decimal(n) / 2),
    st.integers(1, 40_000).map(lambda n: Decimal(n) / 1000),
    st.sampled_from(["0", "0.06", "0.13"]),
    st.lists(st.tuples(st.sampled_from(MOVEMENTS), st.integers(1, 8)), max_size=30),
)
def test_o8_the_parts_of_a_line_always_sum_to_the_whole(
    quantity: Decimal, price: Decimal, rate: str, story: list[tuple[Movement, int]]
) -> None:
    asked = submitted(submission(wanted(str(quantity), str(price), rate)))
    (line,) = asked.lines
    progress: Progresses = Map()
    gone = Money.zero("CNY")
    for movement, eighths in story:
        can = left(line, progress, movement)
        if (some_of := can * eighths / 8) > 0:
            asked_for = (LinePart(line=1, quantity=some_of),)
            (moved,) = affected(asked.lines, progress, movement, asked_for)
            progress = after(progress, movement, (moved,))
            gone += moved.amount if movement in {"cancelled", "returned"} else Money.zero("CNY")
            assert moved.amount >= Money.zero("CNY")
            assert moved.net <= moved.amount
    sound(line, progress)
    for movement in ("cancelled", "returned"):
        asked_for = (LinePart(line=1, quantity=left(line, progress, movement)),)
        if asked_for[0].quantity:
            (moved,) = affected(asked.lines, progress, movement, asked_for)
            progress, gone = after(progress, movement, (moved,)), gone + moved.amount
    assert gone == line.amount  # nothing is left of it, to the cent


def sound(line: OrderLine, progress: Progresses) -> None:
    so_far = progress.get(1)
    if so_far is None:
        return
    assert line.quantity == left(line, progress, "shipped") + so_far.shipped + so_far.cancelled
    assert 0 <= so_far.returned <= so_far.delivered <= so_far.shipped
    for movement in MOVEMENTS:
        assert values([line], progress, movement) <= line.amount
