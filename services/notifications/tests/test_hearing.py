"""What the built-in rules make of facts."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.notifications.domain.catalogue import BUILT_IN
from services.notifications.domain.hearing import Heard, heard
from services.notifications.tests.facts import held, released
from services.notifications.tests.test_template import ASSIGNED
from shared.contracts.event import Event
from shared.contracts.money import Money
from shared.contracts.orders import OrderReopened, PaymentReceived
from shared.contracts.partners import PartnerSuspended
from shared.contracts.rebates import RebateAdjusted

FRESH = timedelta()


def opened(fact: Event, age: timedelta = FRESH) -> dict[str, tuple[str, ...]]:
    """Rule → recipients."""
    found = heard(BUILT_IN, fact, age).values()
    return {notice.rule: notice.recipients for one in found for notice in one.opened}


def closed(fact: Event) -> set[str]:
    return {rule for one in heard(BUILT_IN, fact, FRESH).values() for rule in one.closed}


def payment(paid_on: date) -> PaymentReceived:
    amount = Money(Decimal("1000.00"), "CNY")
    return PaymentReceived(
        payment_id=UUID(int=5),
        source_system="erp",
        document_no="4711",
        partner_id="acme",
        amount=amount,
        paid_on=paid_on,
        revision=1,
        allocations=(),
        unallocated=amount,
    )


def test_a_credit_hold_is_told_to_the_partner_and_to_finance() -> None:
    assert opened(held("credit")) == {"order-held-credit": ("partner:acme", "role:finance")}


def test_a_large_order_is_told_to_the_partner_and_to_the_director() -> None:
    assert opened(held("director-approval")) == {
        "order-held-director": ("partner:acme", "role:director")
    }


def test_the_order_of_the_rules_changes_nothing() -> None:
    """A map gives them in another order in each process; the fact must be the same."""
    fact = held("credit", "partner-suspended", "director-approval")
    there = {subject: repr(one) for subject, one in heard(BUILT_IN, fact, FRESH).items()}
    back = heard(reversed(BUILT_IN), fact, FRESH)
    assert {subject: repr(one) for subject, one in back.items()} == there


def test_an_order_held_for_two_reasons_is_told_for_each() -> None:
    assert set(opened(held("credit", "partner-suspended"))) == {
        "order-held-credit",
        "order-held-partner",
    }


def test_a_hold_for_another_reason_ends_the_first() -> None:
    assert "order-held-director" in closed(held("credit"))
    assert "order-held-credit" not in closed(held("credit"))


def test_an_imported_hold_is_nobodys_news() -> None:
    assert opened(held("imported")) == {}


def test_a_release_is_told_and_ends_the_hold() -> None:
    assert opened(released()) == {"order-released": ("partner:acme",)}
    assert closed(released()) >= {"order-held-credit", "order-held-director"}


def test_a_reopened_order_may_be_approved_again() -> None:
    reopened = OrderReopened(
        order_id="o-1", partner_id="acme", region="华东", revision=3, lines=()
    )
    assert {"order-approved", "order-released"} <= closed(reopened)


def test_a_lead_is_told_to_the_partner_it_is_offered_to() -> None:
    ((subject, one),) = heard(BUILT_IN, ASSIGNED, FRESH).items()
    (notice,) = one.opened
    assert (subject, notice.key, notice.recipients) == ("l-1", "2", ("partner:acme",))
    assert "rival" not in str(notice)


def test_a_payment_is_told_in_words() -> None:
    ((_, one),) = heard(BUILT_IN, payment(date(2026, 1, 3)), FRESH).items()
    assert one.opened[0].title.en == "Payment of 1,000.00 CNY received"


def test_a_suspension_is_told_to_managers() -> None:
    assert opened(PartnerSuspended(partner_id="acme", reason="dispute")) == {
        "partner-suspended": ("role:manager",)
    }


def test_each_adjustment_is_an_episode_of_its_own() -> None:
    amount = Money(Decimal("-18.00"), "CNY")
    fact = RebateAdjusted(
        programme_id="p",
        version=1,
        partner_id="acme",
        period="2025Q1",
        partition="pumps",
        volume=amount,
        amount=amount,
        number=3,
        reason="late",
        counted=(),
    )
    ((subject, one),) = heard(BUILT_IN, fact, FRESH).items()
    assert (subject, one.opened[0].key) == ("acme/p/2025Q1/pumps", "3")


def test_history_tells_nothing() -> None:
    assert heard(BUILT_IN, held("credit"), timedelta(days=32)) == {}
    assert opened(held("credit"), timedelta(days=31)) != {}
    assert opened(payment(date(2025, 10, 20)), timedelta(days=90)) != {}


def test_subjects_are_kept_apart() -> None:
    assert heard((), held(), FRESH) == {}
    assert list(heard(BUILT_IN, held(), FRESH)) == ["o-1"]
    assert isinstance(heard(BUILT_IN, held(), FRESH)["o-1"], Heard)
