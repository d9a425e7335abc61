"""Customers, rules, calendars, and what is known of partners."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from services.leads.domain.calendar import CALENDARS
from services.leads.domain.commands import (
    IntroduceCustomer,
    LearnCoverage,
    LearnLevel,
    LearnStanding,
    NoteSuspects,
    PartnerCommand,
    PublishCalendar,
    PublishRule,
    RegisterCustomer,
)
from services.leads.domain.customer import CUSTOMER
from services.leads.domain.events import (
    CalendarPublished,
    CoverageLearned,
    CustomerRegistered,
    DuplicatesSuspected,
    LeadRulePublished,
    RuleTerms,
    Sla,
    Suspect,
    Weight,
)
from services.leads.domain.names import MATCHING, Company
from services.leads.domain.partner import PARTNER, Partner
from services.leads.domain.rule import RULE, matches, unfit
from shared.contracts.leads import LeadRegistered
from shared.testing.given import Given

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
FIRM = Company("华东重工设备有限公司", "91310000607207879K")
REGISTERED = CustomerRegistered(
    customer_id="C1", name=FIRM.name, uscc=FIRM.uscc, region="east", industry="steel"
)
LEAD = LeadRegistered(
    lead_id="L1",
    customer_id="C1",
    source="web",
    region="east",
    industry="steel",
    product_line="pumps",
    captured_at=NOW,
)


def register(person: None = None) -> RegisterCustomer:
    return RegisterCustomer(
        customer_id="C1",
        company=FIRM,
        region="east",
        industry="steel",
        person_id=person,
        at=NOW,
    )


def test_a_customer_is_registered_once() -> None:
    Given(CUSTOMER)().when(register()).then(REGISTERED)
    Given(CUSTOMER)(REGISTERED).when(register()).refused("customer-exists")


def test_to_introduce_whom_we_know_is_fine() -> None:
    introduce = IntroduceCustomer(
        customer_id="C1", company=FIRM, region="east", industry="steel", at=NOW
    )
    Given(CUSTOMER)().when(introduce).then(REGISTERED)
    Given(CUSTOMER)(REGISTERED).when(introduce).then()


def test_suspects_are_noted_once() -> None:
    suspects = (Suspect(customer_id="C0", score=Decimal("0.6000"), decision="review"),)
    noted = DuplicatesSuspected(suspects=suspects, matching=MATCHING)
    note = NoteSuspects(suspects=suspects, at=NOW)
    Given(CUSTOMER)(REGISTERED).when(note).then(noted)
    Given(CUSTOMER)(REGISTERED, noted).when(note).then()


def terms(**more: tuple[str, ...]) -> RuleTerms:
    weights = (Weight(partner_id="A", weight=1),)
    return RuleTerms(priority=1, weights=weights, sla=Sla(hours=8), **more)  # type: ignore[arg-type]


def test_a_rule_published_again_is_a_new_version() -> None:
    publish = PublishRule(rule_id="R", terms=terms(), at=NOW)
    first = LeadRulePublished(rule_id="R", version=1, terms=terms())
    second = LeadRulePublished(rule_id="R", version=2, terms=terms())
    Given(RULE)().when(publish).then(first)
    Given(RULE)(first).when(publish).then(second)


def test_what_a_person_assigns_has_no_rule() -> None:
    publish = PublishRule(rule_id="by-hand", terms=terms(), at=NOW)
    Given(RULE)().when(publish).refused("rule-id-reserved")


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, True),
        ({"regions": ("west", "east")}, True),
        ({"regions": ("west",)}, False),
        ({"industries": ("steel",), "product_lines": ("pumps",)}, True),
        ({"industries": ("food",)}, False),
        ({"product_lines": ("valves",)}, False),
    ],
)
def test_an_empty_list_means_any(more: dict[str, tuple[str, ...]], found: bool) -> None:
    assert matches(terms(**more), LEAD) is found


def covering(*lists: tuple[str, ...]) -> Partner:
    regions, industries, product_lines = lists
    return Partner(
        coverage=CoverageLearned(
            partner_id="A",
            regions=regions,
            industries=industries,
            product_lines=product_lines,
            revision=1,
        )
    )


@pytest.mark.parametrize(
    ("partner", "reason"),
    [
        (Partner(), "partner-unknown"),
        (covering(("east",), ("steel",), ("pumps",)), None),
        (covering((), (), ()), None),
        (covering(("west",), (), ()), "region-not-covered"),
        (covering((), ("food",), ()), "industry-not-covered"),
        (covering((), (), ("valves",)), "product-line-not-covered"),
    ],
)
def test_who_can_have_a_lead(partner: Partner, reason: str | None) -> None:
    assert unfit(partner, LEAD) == reason


TOLD: tuple[PartnerCommand, ...] = (
    LearnCoverage(
        partner_id="A",
        level="gold",
        regions=("east",),
        industries=(),
        product_lines=(),
        revision=1,
        at=NOW,
    ),
    LearnLevel(partner_id="A", level="silver", revision=2, at=NOW),
    LearnStanding(partner_id="A", suspended=True, revision=3, at=NOW),
    LearnStanding(partner_id="A", suspended=False, revision=4, at=NOW),
    LearnStanding(partner_id="A", suspended=True, revision=5, at=NOW),
)


def test_what_is_known_of_a_partner_does_not_depend_on_the_order_it_was_told_in() -> None:
    known = set()
    for told in permutations((*TOLD, *TOLD[:1])):
        partner = Partner()
        for command in told:
            for fact in PARTNER.decide(command, partner):
                partner = PARTNER.evolve(partner, fact)
        known.add(partner)
    (partner,) = known
    assert partner.suspended
    assert partner.level is not None and partner.level.level == "silver"
    assert unfit(partner, LEAD) == "partner-suspended"


def calendar(calendar_id: str, version: int) -> CalendarPublished:
    return CalendarPublished(
        calendar_id=calendar_id, version=version, workdays=(date(2025, 9, 28),), holidays=()
    )


def publish(calendar_id: str, version: int) -> PublishCalendar:
    return PublishCalendar(
        calendar_id=calendar_id,
        version=version,
        workdays=(date(2025, 9, 28),),
        holidays=(),
        at=NOW,
    )


def test_a_calendar_version_is_published_once_and_upwards() -> None:
    given = Given(CALENDARS)
    given().when(publish("cn", 2)).then(calendar("cn", 2))
    given(calendar("cn", 2)).when(publish("cn", 3)).then(calendar("cn", 3))
    given(calendar("cn", 2)).when(publish("cn", 2)).refused("calendar-version-stale")
    given(calendar("cn", 2)).when(publish("other", 1)).then(calendar("other", 1))


def test_the_calendar_published_last_is_in_use() -> None:
    calendars = CALENDARS.fold([calendar("cn", 1), calendar("naive", 1), calendar("cn", 2)])
    used, named = calendars.chosen(None), calendars.chosen("naive")
    assert used is not None and (used.calendar_id, used.version) == ("cn", 2)
    assert named is not None and named.calendar_id == "naive"
    assert CALENDARS.initial.chosen(None) is None
