"""A partner is enrolled once; what is so already is not said again."""

from datetime import UTC, datetime
from decimal import Decimal

from services.partners.domain.commands import (
    ChangeLevel,
    EnrolPartner,
    ReinstatePartner,
    SetCreditLimit,
    SuspendPartner,
)
from services.partners.domain.partner import PARTNER
from shared.contracts.money import Money
from shared.contracts.partners import (
    CreditLimitSet,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)
from shared.testing.given import Given

AT = datetime(2026, 1, 5, tzinfo=UTC)
GIVEN = Given(PARTNER)
COVERAGE = {"regions": ("east",), "industries": ("pumps",), "product_lines": ("A",)}
ENROLLED = PartnerEnrolled(partner_id="acme", type="agent", level="gold", **COVERAGE)
ENROL = EnrolPartner(partner_id="acme", type="agent", level="gold", **COVERAGE, at=AT)
SUSPENDED = PartnerSuspended(partner_id="acme", reason="overdue")


def yuan(amount: int) -> Money:
    return Money(Decimal(amount), "CNY")


def test_is_enrolled_with_what_it_covers() -> None:
    GIVEN().when(ENROL).then(ENROLLED)


def test_is_enrolled_once() -> None:
    GIVEN(ENROLLED).when(ENROL).refused("partner-exists")


def test_a_stranger_has_no_level() -> None:
    GIVEN().when(ChangeLevel(level="silver", at=AT)).refused("partner-not-found")


def test_changes_level_and_remembers_the_one_before() -> None:
    changed = PartnerTierChanged(partner_id="acme", level="platinum", previous="gold")
    GIVEN(ENROLLED).when(ChangeLevel(level="platinum", at=AT)).then(changed)


def test_the_same_level_again_is_no_news() -> None:
    GIVEN(ENROLLED).when(ChangeLevel(level="gold", at=AT)).then()


def test_is_suspended_and_reinstated() -> None:
    GIVEN(ENROLLED).when(SuspendPartner(reason="overdue", at=AT)).then(SUSPENDED)
    GIVEN(ENROLLED, SUSPENDED).when(SuspendPartner(reason="again", at=AT)).then()
    reinstated = PartnerReinstated(partner_id="acme")
    GIVEN(ENROLLED, SUSPENDED).when(ReinstatePartner(at=AT)).then(reinstated)
    GIVEN(ENROLLED).when(ReinstatePartner(at=AT)).then()


def test_has_a_credit_limit_in_one_currency() -> None:
    limit = CreditLimitSet(partner_id="acme", limit=yuan(500_000))
    GIVEN(ENROLLED).when(SetCreditLimit(limit=yuan(500_000), at=AT)).then(limit)
    GIVEN(ENROLLED, limit).when(SetCreditLimit(limit=yuan(500_000), at=AT)).then()
    GIVEN(ENROLLED).when(SetCreditLimit(limit=yuan(-1), at=AT)).refused("limit-negative")
    dollars = SetCreditLimit(limit=Money(Decimal(1), "USD"), at=AT)
    GIVEN(ENROLLED, limit).when(dollars).refused("limit-currency-fixed")
