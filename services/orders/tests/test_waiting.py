"""A payment that names what nobody knows waits, then it is rejected, visibly (rule 9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from services.orders.domain.account import ACCOUNT
from services.orders.domain.commands import LapsePayment, RecordPayment, RejectPayment
from services.orders.domain.events import (
    PaymentDeclined,
    PaymentDeferred,
    PaymentResumed,
    ReceiptRecorded,
    ReceiptRejected,
)
from services.orders.domain.receipt import RECEIPT
from services.orders.processes import reject, told
from services.orders.tests.books import Book, of
from services.orders.tests.samples import LATER, NOW, P1, cny, enrolled, limited, money, order, pay
from services.orders.timers import fire, set_
from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.contracts.orders import PaymentReceived
from shared.kernel.claim import Origin, RejectClaim
from shared.kernel.timer import ClearTimer, Due, SetTimer
from shared.testing.given import Given

given = Given(RECEIPT)
UNREAD: Any = None
PAYMENT = money("d1", 100)
ORIGIN = Origin(topic="PaymentReported", log="l/0", position=1, raw_id=named("raw"), sha256="…")
RECORD = RecordPayment(payment=PAYMENT, origin=ORIGIN, at=NOW)
RECORDED = ReceiptRecorded(
    payment_id=PAYMENT.payment_id, partner_id=P1, payment=PAYMENT, origin=ORIGIN
)
REJECT = RejectPayment(slug="order-unknown", detail="no such order", at=LATER)
REJECTED = ReceiptRejected(
    payment_id=PAYMENT.payment_id, partner_id=P1, slug="order-unknown", detail="no such order"
)


def envelope(fact: Event, subject: str = "orders.account-p1") -> Envelope:
    return Envelope(
        id=named("fact"),
        source="/orders",
        type=type(fact).__name__,
        subject=subject,
        time=NOW,
        dataschema="",
        sequence=1,
        partitionkey=P1,
        correlationid=named("cause"),
        causationid=None,
        commandid=named("command"),
        actor="test",
        occurredat=NOW,
        data=b"",
    )


def lapse(document_no: str = "d1") -> LapsePayment:
    return LapsePayment(partner_id=P1, payment_id=money(document_no, 1).payment_id, at=LATER)


def test_a_document_is_one_payment_however_often_it_is_reported() -> None:
    given().when(RECORD).then(RECORDED)
    given(RECORDED).when(RECORD).then()
    exact = replace(RECORD, payment=replace(PAYMENT, strategy="exact-else-oldest"))
    given(RECORDED).when(exact).then()


def test_the_same_number_with_other_content_is_refused() -> None:
    other = replace(RECORD, payment=replace(PAYMENT, amount=cny(101)))
    given(RECORDED).when(other).refused("payment-conflict")


def test_a_rejected_document_may_be_reported_again_corrected() -> None:
    corrected = replace(PAYMENT, order_id="o1")
    given(RECORDED).when(REJECT).then(REJECTED)
    given(RECORDED, REJECTED).when(REJECT).then()
    given(RECORDED, REJECTED).when(replace(RECORD, payment=corrected)).then(
        replace(RECORDED, payment=corrected)
    )


def test_money_for_an_unknown_order_waits_and_is_never_treated_as_unnamed() -> None:
    book = Book(limit=100)
    book.tell(order("o1", 50))
    facts = book.tell(pay("d1", 50, order_id="o2"))
    assert [fact.reason for fact in of(facts, PaymentDeferred)] == ["order-unknown"]
    assert book.available == "50.00"


def test_it_is_allocated_when_the_order_arrives() -> None:
    book = Book(limit=100)
    book.tell(pay("d1", 50, order_id="o1"))
    facts = book.tell(order("o1", 50))
    assert [type(fact) for fact in facts][-2:] == [PaymentResumed, PaymentReceived]
    assert (book.taken("d1"), book.available) == ({"o1": "50.00"}, "100.00")


@pytest.mark.parametrize("came", [*permutations(["d1", "d2", "d3"])])
def test_what_waited_is_allocated_the_oldest_first_whenever_it_came(came: list[str]) -> None:
    book = Book(limit=100)
    for document in came:
        book.tell(pay(document, 50, order_id="o1"))
    facts = book.tell(order("o1", 50))
    assert [one.payment.document_no for one in of(facts, PaymentResumed)] == ["d1", "d2", "d3"]
    assert not book.tell(lapse())


def test_it_is_allocated_when_the_partner_is_enrolled() -> None:
    book = Book()
    facts = book.tell(pay("d1", 50))
    assert [fact.reason for fact in of(facts, PaymentDeferred)] == ["partner-unknown"]
    book.tell(enrolled())
    assert book.last("d1").unallocated == cny(50)


def test_first_the_partner_is_unknown_and_then_still_the_order() -> None:
    book = Book()
    book.tell(pay("d1", 50, order_id="o1"))
    facts = book.tell(limited(10))
    assert [fact.reason for fact in of(facts, PaymentDeferred)] == ["order-unknown"]
    assert [fact.slug for fact in of(book.tell(lapse()), PaymentDeclined)] == ["order-unknown"]


def test_after_its_time_it_is_declined_and_the_account_forgets_it() -> None:
    book = Book()
    book.tell(pay("d1", 50))
    assert [fact.slug for fact in of(book.tell(lapse()), PaymentDeclined)] == ["partner-unknown"]
    assert not book.tell(lapse()) and not book.account.waiting
    assert not of(book.tell(enrolled()), PaymentReceived)


async def test_money_waits_24_hours_from_when_we_heard_of_it() -> None:
    early = replace(RECORDED, payment=replace(PAYMENT, paid_on=datetime(2025, 12, 1).date()))
    command = told(early, envelope(early))
    assert command.at == datetime(2025, 11, 30, 16, tzinfo=UTC)
    (deferred,) = of(ACCOUNT.decide(command, ACCOUNT.initial), PaymentDeferred)
    assert deferred.until == NOW + timedelta(hours=24)
    assert set_(deferred, envelope(deferred)) == [
        SetTimer(str(PAYMENT.payment_id), deferred.until)
    ]


async def test_the_timer_lapses_the_payment_unless_it_was_cleared() -> None:
    resumed = PaymentResumed(
        partner_id=P1, payment_id=PAYMENT.payment_id, payment=PAYMENT, origin=None, until=LATER
    )
    assert set_(resumed, envelope(resumed)) == [ClearTimer(str(PAYMENT.payment_id))]
    due = Due("orders.account-p1", str(PAYMENT.payment_id), LATER, UUID(int=1))
    assert await fire(due, UNREAD) == [("orders.account-p1", lapse())]


async def test_what_came_by_topic_is_rejected_on_its_topic_too() -> None:
    declined = PaymentDeclined(
        partner_id=P1,
        payment_id=PAYMENT.payment_id,
        origin=ORIGIN,
        slug="order-unknown",
        detail="no such order",
    )
    asked = dict(await reject(declined, envelope(declined), UNREAD))
    assert asked == {
        f"orders.receipt-{PAYMENT.payment_id}": replace(REJECT, at=NOW),
        f"orders.rejection-{ORIGIN.raw_id}": RejectClaim(
            origin=ORIGIN, slug="order-unknown", detail="no such order", at=NOW
        ),
    }
    by_hand = replace(declined, origin=None)
    assert len([*await reject(by_hand, envelope(by_hand), UNREAD)]) == 1
