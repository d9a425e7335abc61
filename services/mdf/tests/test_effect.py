"""What an activity brought, in whatever order it was heard of (M-05, ruling m9)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.mdf.domain.effect import Customer, Model, Opportunity, Touch, effect
from services.mdf.projections.effects import Told, campaigns, customer_of, customers
from services.mdf.tests.books import yuan
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadRegistered, OpportunityOpened, OpportunityWon

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
NOBODY = UUID(int=0)
ENVELOPE = Envelope(
    id=NOBODY,
    source="/leads",
    type="",
    subject="",
    time=AT,
    dataschema="",
    sequence=1,
    partitionkey="",
    correlationid=NOBODY,
    causationid=None,
    commandid=NOBODY,
    actor="",
    occurredat=AT,
    data=b"",
)


def lead(number: int, campaign: str | None, days: int = 0) -> LeadRegistered:
    return LeadRegistered(
        lead_id=f"l{number}",
        customer_id="c",
        source="web",
        region="east",
        industry="i",
        captured_at=AT + timedelta(days=days),
        campaign=campaign,
    )


def opened(number: int, **more: Any) -> OpportunityOpened:
    told: dict[str, Any] = {"opportunity_id": f"o{number}", "customer_id": "c", "region": "east"}
    return OpportunityOpened(**told | {"amount": yuan(9), "created_at": AT} | more)


def won(number: int, **more: Any) -> OpportunityWon:
    told: dict[str, Any] = {"opportunity_id": f"o{number}", "customer_id": "c", "region": "east"}
    told |= {"amount": yuan(100), "margin": Decimal("0.3"), "created_at": AT}
    return OpportunityWon(**told | {"won_on": AT.date(), "reason": ""} | more)


TOLD: list[Told] = [
    *(lead(n, campaign) for n, campaign in enumerate(("a", "b", None))),
    *(opened(1), opened(2, campaign="a"), won(1), won(3)),
]


@given(st.permutations(TOLD), st.lists(st.sampled_from(TOLD)))
def test_the_order_and_repeats_of_delivery_do_not_matter(
    order: list[Told], repeats: list[Told]
) -> None:
    def folded(facts: list[Told]) -> Any:
        row = doc = None
        for fact in facts:
            row = customers("c", row, fact, ENVELOPE)
            doc = campaigns("a", doc, fact, ENVELOPE)
        return row, doc

    assert folded([*order, *repeats]) == folded(TOLD)
    row, _ = folded(order)
    assert sum(one.won for one in customer_of(row).opportunities) == 2


def shares(window: int, model: Model, *days: int) -> tuple[str, str]:
    """Of campaigns a and b, whose touches lie so many days before the opportunity."""
    touches = tuple(
        Touch(id=str(n), campaign="ab"[n % 2], at=AT - timedelta(days=ago))
        for n, ago in enumerate(days)
    )
    made = Opportunity(created_at=AT, won=True, amount=yuan(100), margin=Decimal("0.3"))
    customer = Customer(touches=touches, opportunities=(made,))
    first, second = (effect(one, yuan(10), [customer], window, model) for one in "ab")
    return str(first.won), str(second.won)


def test_the_window_is_in_days_and_includes_its_last() -> None:
    assert shares(90, "last", 90) == ("1", "0")
    assert shares(90, "last", 91) == ("0", "0")
    assert shares(90, "last", -1) == ("0", "0")  # after the opportunity was made
    assert shares(0, "last", 0) == ("1", "0")


def test_first_last_and_linear_share_one_opportunity() -> None:
    assert shares(90, "first", 30, 10) == ("1", "0")
    assert shares(90, "last", 30, 10) == ("0", "1")
    assert shares(90, "linear", 30, 10) == ("0.5", "0.5")
    assert shares(20, "linear", 30, 10) == ("0", "1")


def test_an_opportunity_that_names_its_campaign_needs_no_lead() -> None:
    made = Opportunity(created_at=AT, campaign="a", won=True, amount=yuan(100))
    found = effect("a", yuan(10), [Customer(touches=(), opportunities=(made,))], 90, "last")
    assert (str(found.won), found.leads, found.cost_per_lead) == ("1", 0, None)
    assert (found.margin, found.margin_roi) == (None, None)  # nobody told the margin


def test_nothing_spent_has_no_return() -> None:
    found = effect("a", yuan(0), [], 90, "last")
    assert (found.revenue_multiple, found.margin_roi, found.opportunity_to_won) == (None,) * 3
