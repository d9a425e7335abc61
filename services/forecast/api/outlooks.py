"""A month, of one partner or of all: actual, target, and two forecasts with their past errors."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from services.forecast.api.asking import Asked, everything, money, of_whom, only
from services.forecast.api.measures import shown
from services.forecast.domain.accuracy import Accuracy, digits
from services.forecast.domain.months import month_of
from services.forecast.domain.outlook import Outlook, outlook
from services.forecast.projections import COLLECTED, TARGETS, months_in
from shared.contracts.calendar import business_day
from shared.contracts.money import Currency
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import Who

CNY = "CNY"


def add(router: APIRouter, service: Service) -> None:
    @router.get("")
    async def forecast(
        who: Who, about: Asked, currency: Annotated[Currency | None, Query()] = None
    ) -> Document:
        """All partners and product lines together unless named; the present month unless named."""
        partner_id, today = of_whom(who, about.partner), business_day(service.clock())
        month = about.month or month_of(today)
        where = only(partner_id=partner_id, product_line=about.product_line)
        lines = await everything(service.read, COLLECTED.name, where)
        targets = await everything(service.read, TARGETS.name, (*where, *only(month=month)))
        currencies = currencies_of(lines, targets)
        unit = currency or next(iter(currencies), CNY)
        seen = outlook(months_in(lines, unit), target_in(targets, unit), month, today)
        return {
            "partner_id": partner_id,
            "product_line": about.product_line,
            "month": month,
            "today": today.isoformat(),
            "currencies": currencies,
            **told(seen, unit),
        }


def currencies_of(lines: Sequence[Document], targets: Sequence[Document]) -> list[str]:
    """Those of the targets first: what was aimed at is what is asked about."""
    aimed = {one["target"]["currency"] for one in targets}
    collected = {currency for one in lines for currency in one["months"]}
    return [*sorted(aimed), *sorted(collected - aimed)]


def target_in(targets: Sequence[Document], currency: str) -> Decimal | None:
    of = [one["target"] for one in targets if one["target"]["currency"] == currency]
    return sum((Decimal(target["amount"]) for target in of), Decimal(0)) if of else None


def told(seen: Outlook, unit: str) -> Document:
    return {
        "actual": money(seen.actual, unit),
        "target": money(seen.target, unit),
        "attainment": digits(seen.attainment),
        "run_rate": money(seen.run_rate, unit),
        "seasonal_naive": money(seen.seasonal_naive, unit),
        "backtest": {
            "run_rate": tested(seen.run_rate_tested),
            "seasonal_naive": tested(seen.seasonal_naive_tested),
        },
    }


def tested(found: Accuracy | None) -> Document | None:
    return shown(found) if found else None
