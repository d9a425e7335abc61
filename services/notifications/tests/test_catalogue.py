"""What users were promised to be told (N-02) is told by a rule, or said to be missing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.notifications.context import FACTS
from services.notifications.domain.catalogue import BUILT_IN
from services.notifications.domain.catalogue_promised import PROMISED, SILENT, Promise
from services.notifications.domain.hearing import heard
from services.notifications.domain.rule import PARTNER, ROLES, Rule
from shared.contracts.leads import DealExpiryAnnounced
from shared.contracts.money import Money
from shared.contracts.rebates import RebateAdjusted
from shared.runtime.hosting import published

RULES = {rule.rule_id: rule for rule in BUILT_IN}
SENIORITY = ("role:sales", "role:finance", "role:manager", "role:director")


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len(RULES) == len(BUILT_IN)


@pytest.mark.parametrize("promise", PROMISED, ids=lambda one: one.what.en)
def test_a_promise_is_kept_or_says_what_it_waits_for(promise: Promise) -> None:
    assert promise.rules or promise.missing
    assert all(RULES[rule].enabled for rule in promise.rules)


def test_all_ten_promises_of_the_case_are_there() -> None:
    assert len(PROMISED) == 10
    assert [one.what.en for one in PROMISED if one.missing] == []


def test_every_published_fact_is_heard_or_silent_for_a_reason() -> None:
    """A new fact of anybody's is looked at here: is it worth telling?"""
    told_by_us = {"NotificationSent", "NotificationFailed"}
    assert {*FACTS} & {*SILENT} == set()
    assert {*published()} - told_by_us == {*FACTS} | {*SILENT}


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.rule_id)
def test_words_are_there_in_both_languages_and_name_the_same_things(rule: Rule) -> None:
    for wording in (rule.title, rule.body):
        assert wording.zh
        assert wording.en
        assert any("\u4e00" <= sign <= "\u9fff" for sign in wording.zh)
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in wording.en)


@pytest.mark.parametrize("rule", [r for r in BUILT_IN if r.ladder], ids=lambda r: r.rule_id)
def test_a_ladder_leads_upwards_to_somebody_new(rule: Rule) -> None:
    assert set(rule.ladder) <= {f"role:{role}" for role in ROLES}
    rungs = [SENIORITY.index(one) for one in rule.ladder]
    assert rungs == sorted(set(rungs))
    assert not {*rule.ladder} & {*rule.recipients}
    told = [SENIORITY.index(one) for one in rule.recipients if one != PARTNER]
    assert max(told, default=-1) < rungs[0]


def expiry(days: int) -> DealExpiryAnnounced:
    return DealExpiryAnnounced(
        registration_id="r-1",
        partner_id="acme",
        customer_id="c-1",
        days=days,
        protected_until=datetime(2026, 4, 1, tzinfo=UTC),
    )


def adjusted(amount: str) -> RebateAdjusted:
    return RebateAdjusted(
        programme_id="p",
        version=1,
        partner_id="acme",
        period="2026Q1",
        partition="A",
        volume=Money(Decimal(1), "CNY"),
        amount=Money(Decimal(amount), "CNY"),
        number=2,
        reason="refund",
        counted=(UUID(int=1),),
    )


@pytest.mark.parametrize(
    ("fact", "severity"),
    [
        (expiry(14), "warning"),
        (expiry(2), "warning"),
        (expiry(1), "critical"),
        (expiry(0), "critical"),
        (adjusted("10.00"), "warning"),
        (adjusted("0"), "warning"),
        (adjusted("-0.01"), "critical"),
    ],
    ids=str,
)
def test_what_is_critical_depends_on_the_fact(fact: object, severity: str) -> None:
    """Protection that ends within a day, and a clawback (N-01)."""
    (found,) = heard(BUILT_IN, fact, timedelta()).values()
    assert [one.severity for one in found.opened] == [severity]


def test_the_kind_of_thing_is_the_subjects() -> None:
    (found,) = heard(BUILT_IN, expiry(14), timedelta()).values()
    assert found.opened[0].about == "registration"
