"""What a reader sees of a fact."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.notifications.domain.template import filled, places
from services.notifications.tests.facts import held
from shared.contracts.leads import Candidate, LeadAssigned, RuleVersion
from shared.contracts.money import Money
from shared.contracts.orders import OrderShipped
from shared.contracts.rebates import RebateTierReached

ASSIGNED = LeadAssigned(
    lead_id="l-1",
    partner_id="acme",
    customer_id="c-1",
    region="华东",
    industry="化工",
    rule=RuleVersion(id="east", version=3),
    candidates=(Candidate(partner_id="rival", score=Decimal(1)),),
    offer=2,
    accept_by=datetime(2025, 9, 28, 7, tzinfo=UTC),
)


def test_instants_are_told_in_business_time() -> None:
    assert filled("请在 {accept_by} 前接受", ASSIGNED) == "请在 2025-09-28 15:00 前接受"


def test_amounts_are_told_with_their_currency() -> None:
    fact = RebateTierReached(
        programme_id="p",
        version=1,
        partner_id="acme",
        period="2025Q1",
        partition="pumps",
        threshold=Money(Decimal("10000"), "CNY"),
        rate=Decimal("0.03"),
        volume=Money(Decimal("1234567.50"), "CNY"),
        cause=UUID(int=1),
    )
    assert filled("{volume} ≥ {threshold}", fact) == "1,234,567.50 CNY ≥ 10,000 CNY"


def test_parts_and_several_values_can_be_named() -> None:
    assert filled("{rule.id} v{rule.version}, {offer}", ASSIGNED) == "east v3, 2"
    assert filled("{reasons}", held("credit", "director-approval")) == "credit、director-approval"


def test_what_is_not_there_is_a_dash() -> None:
    assert filled("{product_line} {nonsense} {rule.nonsense}", ASSIGNED) == "— — —"


def test_only_fields_can_be_reached() -> None:
    assert filled("{schema_name} {lead_id.upper} {__class__}", ASSIGNED) == "— — —"


def test_other_partners_stay_inside() -> None:
    assert filled("{candidates}", ASSIGNED) == "…"


def test_a_template_says_which_fields_it_needs() -> None:
    assert places("{rule.id} and {offer}") == {"rule", "offer"}


def test_days_are_told_as_they_are() -> None:
    fact = OrderShipped(order_id="o-1", partner_id="acme", shipped_on=date(2025, 3, 31))
    assert filled("{shipped_on}", fact) == "2025-03-31"
