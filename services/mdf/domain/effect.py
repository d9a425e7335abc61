"""What an activity brought: leads, opportunities, revenue, and the return on what was paid (M-05).

Ruling m9: spend is what the maker paid; a touch counts if 0 ≤ days to the opportunity's creation ≤
window; division by zero is null. Another model or window is the same touches, counted again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from shared.contracts.calendar import business_day
from shared.contracts.money import Money

Model = Literal["first", "last", "linear"]
WINDOW = 90
RATIO = Decimal("0.0001")
WHOLE = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A lead that came from a campaign."""

    id: str
    campaign: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """`margin` is a share of the amount. Not won: `won` is False, and it counts as one."""

    created_at: datetime
    campaign: str | None = None
    won: bool = False
    amount: Money | None = None
    margin: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    touches: tuple[Touch, ...]
    opportunities: tuple[Opportunity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Shares of opportunities are fractions under `linear`, whole numbers under the others."""

    spend: Money
    leads: int
    opportunities: Decimal
    won: Decimal
    revenue: Money
    margin: Money | None
    cost_per_lead: Money | None
    lead_to_opportunity: Decimal | None
    opportunity_to_won: Decimal | None
    revenue_multiple: Decimal | None
    margin_roi: Decimal | None


def share(
    campaign: str, one: Opportunity, customer: Customer, window: int, model: Model
) -> Fraction:
    """The campaign's part in the opportunity."""
    touches = sorted(_counting(one, customer.touches, window), key=lambda it: (it.at, it.id))
    if one.campaign and all(it.campaign != one.campaign for it in touches):
        touches.append(Touch(id="", campaign=one.campaign, at=one.created_at))
    if not touches:
        return Fraction(0)
    match model:
        case "first":
            return Fraction(touches[0].campaign == campaign)
        case "last":
            return Fraction(touches[-1].campaign == campaign)
        case "linear":
            mine = sum(it.campaign == campaign for it in touches)
            return Fraction(mine, len(touches))


def _counting(one: Opportunity, touches: Iterable[Touch], window: int) -> Iterable[Touch]:
    made = business_day(one.created_at)
    return (
        it
        for it in touches
        if it.at <= one.created_at and 0 <= (made - business_day(it.at)).days <= window
    )


def effect(
    campaign: str, spend: Money, customers: Sequence[Customer], window: int, model: Model
) -> Effect:
    """Revenue in the currency of the spend; amounts in others are left out."""
    leads = sum(it.campaign == campaign for one in customers for it in one.touches)
    parts = [
        (share(campaign, one, customer, window, model), one)
        for customer in customers
        for one in customer.opportunities
    ]
    made = sum((part for part, _ in parts), Fraction(0))
    sold = [(part, one) for part, one in parts if one.won and part]
    won = sum((part for part, _ in sold), Fraction(0))
    paid = [(part, one) for part, one in sold if _in(one, spend.currency)]
    revenue = sum((part * Fraction(_amount(one)) for part, one in paid), Fraction(0))
    known = all(one.margin is not None for _, one in paid)
    margin = sum(
        (part * Fraction(_amount(one)) * Fraction(one.margin or 0) for part, one in paid),
        Fraction(0),
    )
    cost = Fraction(spend.amount)
    return Effect(
        spend=spend.rounded(),
        leads=leads,
        opportunities=_decimal(made, WHOLE) or Decimal(0),
        won=_decimal(won, WHOLE) or Decimal(0),
        revenue=_money(revenue, spend.currency),
        margin=_money(margin, spend.currency) if known else None,
        cost_per_lead=_money(cost / leads, spend.currency) if leads else None,
        lead_to_opportunity=_ratio(made, Fraction(leads)),
        opportunity_to_won=_ratio(won, made),
        revenue_multiple=_ratio(revenue, cost),
        margin_roi=_ratio(margin - cost, cost) if known else None,
    )


def _in(one: Opportunity, currency: str) -> bool:
    return one.amount is not None and one.amount.currency == currency


def _amount(one: Opportunity) -> Decimal:
    return one.amount.amount if one.amount else Decimal(0)


def _ratio(part: Fraction, whole: Fraction) -> Decimal | None:
    return _decimal(part / whole, RATIO) if whole else None


def _decimal(value: Fraction, unit: Decimal) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(unit, ROUND_HALF_UP).normalize()


def _money(value: Fraction, currency: str) -> Money:
    return Money(Decimal(value.numerator) / Decimal(value.denominator), currency).rounded()
