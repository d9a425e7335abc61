"""The open pipeline of a period: its categories, as they stand or stood, and why they moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from services.forecast.api.asking import everything, money, of_whom, only
from services.forecast.domain.accuracy import digits
from services.forecast.domain.months import months_of, span
from services.forecast.domain.rollup import rollup
from services.forecast.domain.standing import Standing, standing
from services.forecast.domain.waterfall import waterfall
from services.forecast.projections import OPPORTUNITIES, TARGETS
from services.forecast.projections.book import told
from shared.contracts.ids import Id
from shared.contracts.money import Currency
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document
from shared.runtime.context import Service
from shared.runtime.http import Caller, Instant, Text, Who

Counted = Literal["commit", "best-case", "pipeline"]
Period = Annotated[str, Query(max_length=16, description="2025-03, 2025Q1, 2025H1 or 2025")]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose opportunities: each may be left open. Amounts of other currencies do not count."""

    partner: Annotated[Id | None, Query()] = None
    region: Annotated[Text | None, Query()] = None
    product_line: Annotated[Text | None, Query()] = None
    currency: Annotated[Currency, Query()] = "CNY"

    def of(self, who: Caller) -> tuple[Condition, ...]:
        partner = of_whom(who, self.partner)
        return only(partner_id=partner, region=self.region, product_line=self.product_line)


Scoped = Annotated[Scope, Depends()]


def add(router: APIRouter, service: Service) -> None:
    @router.get("/pipeline")
    async def pipeline(
        who: Who, scope: Scoped, period: Period, as_at: Instant | None = None
    ) -> Document:
        """Each category alone, and with all that is surer. The quota is the sum of the targets."""
        first, end = span(period)
        rows = await everything(service.read, OPPORTUNITIES.name, scope.of(who))
        seen = stood(rows, as_at or service.clock(), scope.currency)
        quota = await _quota(service.read, who, scope, (first, end))
        found = rollup([*seen.values()], first, end, quota)
        return {
            "period": period,
            "as_at": (as_at or service.clock()).isoformat(),
            "single": _moneys(found.single.items(), scope.currency),
            "cumulative": _moneys(found.cumulative.items(), scope.currency),
            "open": money(found.open, scope.currency),
            "quota": money(quota, scope.currency),
            "coverage": digits(found.coverage),
        }

    @router.get("/waterfall")
    async def moved(
        who: Who,
        scope: Scoped,
        period: Period,
        since: Instant,
        until: Instant | None = None,
        category: Counted = "commit",
    ) -> Document:
        """Start + moves = end: each opportunity's difference has one reason."""
        rows = await everything(service.read, OPPORTUNITIES.name, scope.of(who))
        then, now = (stood(rows, at, scope.currency) for at in (since, until or service.clock()))
        found = waterfall(then, now, category, span(period))
        return {
            "period": period,
            "category": category,
            "start": money(found.start, scope.currency),
            "moves": _moneys(found.moves.items(), scope.currency),
            "end": money(found.end, scope.currency),
        }


def stood(rows: Iterable[Document], at: datetime, currency: str) -> dict[str, Standing]:
    """By opportunity, as it was known at that instant."""
    found = (told(row, currency) for row in rows)
    stood = (standing(one.opportunity_id, one.versions, at) for one in found)
    return {one.opportunity_id: one for one in stood if one}


async def _quota(
    read: Read, who: Caller, scope: Scope, period: tuple[date, date]
) -> Decimal | None:
    """Targets know no region: asked for one, there is no quota."""
    if scope.region:
        return None
    partner = of_whom(who, scope.partner)
    where = only(partner_id=partner, product_line=scope.product_line)
    months = months_of(*period)
    targets = [
        Decimal(one["target"]["amount"])
        for one in await everything(read, TARGETS.name, where)
        if one["month"] in months and one["target"]["currency"] == scope.currency
    ]
    return sum(targets, Decimal(0)) if targets else None


def _moneys(items: Iterable[tuple[str, Decimal]], currency: str) -> Document:
    return {name: money(amount, currency) for name, amount in items}
