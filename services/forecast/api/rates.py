"""How fast money comes in, by region and product line, and the weeks that were abnormal."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from services.forecast.api.asking import everything, money, of_whom, only
from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.windows import Rate, Weeks, rates
from services.forecast.projections import ANOMALIES, PACE, weeks_in
from shared.contracts.calendar import DAY, business_day
from shared.contracts.ids import Id
from shared.kernel.ports import Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import STAFF, Cursor, Limit, Text, Who, allow, listed

Of = tuple[str, str, str]
Region = Annotated[Text | None, Query()]
Line = Annotated[Text | None, Query()]
Partner = Annotated[Id | None, Query()]


def add(router: APIRouter, service: Service) -> None:
    @router.get("/run-rates")
    async def run_rates(
        who: Who, region: Region = None, product_line: Line = None, partner: Partner = None
    ) -> Document:
        """Windows of four weeks, one ending with each of the last twelve; the last is running."""
        partner_id, today = of_whom(who, partner), business_day(service.clock())
        where = only(partner_id=partner_id, region=region, product_line=product_line)
        found = summed(await everything(service.read, PACE.name, where))
        items = [shown(of, weeks, today) for of, weeks in sorted(found.items())]
        return {"partner_id": partner_id, "today": today.isoformat(), "items": items}

    @router.get("/anomalies", dependencies=[allow(*STAFF)])
    async def anomalies(
        region: Region = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """Newest first; regions are sums over partners, so partners do not see them."""
        query = Find(where=only(region=region), sort="-week", cursor=cursor, limit=limit)
        return listed(await service.read.find(ANOMALIES.name, query))


def summed(documents: Iterable[Document]) -> Mapping[Of, Weeks]:
    """The partners together, by region, product line and currency."""
    sums: dict[Of, dict[date, Decimal]] = {}
    for one in documents:
        for currency, weeks in weeks_in(one["weeks"]).items():
            into = sums.setdefault((one["region"], one["product_line"], currency), {})
            for week, amount in weeks.items():
                into[week] = into.get(week, ZERO) + amount
    return sums


def shown(of: Of, weeks: Weeks, today: date) -> Document:
    region, product_line, currency = of
    windows = [window(one, currency) for one in rates(weeks, today)]
    return {
        "region": region,
        "product_line": product_line,
        "currency": currency,
        "run_rate": windows[-1]["run_rate"],
        "windows": windows,
    }


def window(one: Rate, currency: str) -> Document:
    return {
        "from": one.window.first.isoformat(),
        "to": (one.window.end - DAY).isoformat(),
        "collected": money(one.collected, currency),
        "run_rate": money(one.run_rate, currency),
    }
