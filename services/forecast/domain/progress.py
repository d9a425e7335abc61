"""On which Mondays a target is measured, and by what: all that was recorded before each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from math import floor

from services.forecast.domain.accuracy import PRECISE
from services.forecast.domain.events import ActualRecorded
from services.forecast.domain.months import bounds, month_of
from services.forecast.domain.round import as_at
from services.forecast.domain.windows import WEEK, week_of
from shared.contracts.calendar import business_day
from shared.contracts.forecast import AttainmentMeasured, TargetSet
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True)
class Aim:
    """A target as it was set then."""

    at: datetime
    fact: TargetSet


def first_look(one: Aim) -> date:
    """The Monday after it was set and its month had begun."""
    first, _ = bounds(one.fact.month)
    return week_of(max(business_day(one.at), first)) + WEEK


def next_look(week: date, month: str) -> date | None:
    """None once the month is over."""
    return week + WEEK if week < bounds(month)[1] else None


def looks(one: Aim, until: date) -> Iterator[date]:
    week: date | None = first_look(one)
    while week is not None and week <= until:
        yield week
        week = next_look(week, one.fact.month)


def measured(
    sets: Sequence[Aim], actuals: Iterable[ActualRecorded], until: date
) -> Iterator[AttainmentMeasured]:
    """Oldest first, and the same whenever it is asked (ADR 0045); none of a target of 0."""
    known = [*actuals]
    for week in sorted({week for one in sets for week in looks(one, until)}):
        told = [one.fact for one in sets if one.at <= as_at(week)][-1]
        if told.target:
            yield _measured(told, known, week)


def _measured(
    told: TargetSet, actuals: Iterable[ActualRecorded], week: date
) -> AttainmentMeasured:
    until = as_at(week)
    nets = (
        piece.net
        for fact in actuals
        if fact.recorded_at <= until and month_of(fact.paid_on) == told.month
        for piece in fact.deltas
        if (piece.product_line, piece.net.currency) == (told.product_line, told.target.currency)
    )
    collected = sum(nets, Money.zero(told.target.currency))
    return AttainmentMeasured(
        partner_id=told.partner_id,
        product_line=told.product_line,
        month=told.month,
        week=week,
        as_at=until,
        revision=told.revision,
        target=told.target,
        collected=collected,
        percent=percent(collected.amount, told.target.amount),
    )


def percent(part: Decimal, whole: Decimal) -> int:
    with localcontext(PRECISE):
        return floor(100 * part / whole)
