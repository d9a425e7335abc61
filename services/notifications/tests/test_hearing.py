"""What the built-in rules make of facts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.notifications.domain.catalogue import BUILT_IN
from services.notifications.domain.hearing import Heard, heard, holds
from services.notifications.domain.rule import Condition
from services.notifications.tests.facts import NOW, held, released
from services.notifications.tests.test_template import ASSIGNED
from shared.contracts.approvals import ApprovalRuleVersion, Route, RouteStep
from shared.contracts.event import Event
from shared.contracts.mdf import MdfFundAllocated, MdfFundTerms
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


def asking(*steps: tuple[str, ...]) -> Route:
    return Route(
        rule=ApprovalRuleVersion(id="r", version=1),
        requester="pat",
        began_at=NOW,
        steps=tuple(RouteStep(name=str(n), mode="all", seats=one) for n, one in enumerate(steps)),
    )


@pytest.mark.parametrize(
    ("route", "recipients"),
    [
        (None, ("partner:acme", "role:director")),  # recorded before there were routes
        (asking(), ("partner:acme",)),
        (asking(("role:manager", "user:kim")), ("partner:acme", "role:manager")),
        (
            asking(("role:manager",), ("role:finance", "role:manager")),
            ("partner:acme", "role:manager", "role:finance"),
        ),
    ],
)
def test_whoever_is_asked_for_an_approval_is_told(
    route: Route | None, recipients: tuple[str, ...]
) -> None:
    waiting = replace(held("director-approval"), route=route)
    assert opened(waiting) == {"order-held-director": recipients}


def test_a_fund_of_all_partners_is_told_to_none_of_them() -> None:
    terms = MdfFundTerms(
        starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), carry_over=Decimal(0), claim_days=45
    )
    amount = Money(Decimal(100), "CNY")
    fund = MdfFundAllocated(
        fund_id="q1", kind="discretionary", amount=amount, terms=terms, revision=1
    )
    assert opened(fund) == {"mdf-fund-allocated": ("role:marketing",)}
    mine = replace(fund, partner_id="acme")
    assert opened(mine) == {"mdf-fund-allocated": ("partner:acme", "role:marketing")}


@pytest.mark.parametrize(
    ("condition", "value", "met"),
    [
        (Condition(field="amount", above="0"), "0", False),
        (Condition(field="amount", above="0"), "0.01", True),
        (Condition(field="amount", above="0", below="1"), "1", False),
        (Condition(field="amount", above="0", below="1"), "0.99", True),
        (Condition(field="amount", present=True), "0", True),
        (Condition(field="other", present=True), "0", False),
        (Condition(field="amount", present=False), "0", False),
        (Condition(field="other", present=False), "0", True),
        (Condition(field="other", above="0"), "1", False),
    ],
)
def test_what_a_condition_asks(condition: Condition, value: str, met: bool) -> None:
    money = Money(Decimal(value), "CNY")
    assert holds(condition, money) is met
