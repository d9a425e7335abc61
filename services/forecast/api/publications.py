"""What was published each Monday, by the clock or by hand, and how good it was (F-07)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.forecast.api.asking import everything, money, only
from services.forecast.api.foresights import book_of, whose
from services.forecast.api.measures import shown
from services.forecast.api.pipelines import Scoped
from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.book import won
from services.forecast.domain.commands import PublishForecast
from services.forecast.domain.hindsight import AUTHORS, Publication, accuracies, chosen
from services.forecast.domain.months import months_of, span
from services.forecast.domain.publication import publication, publication_stream
from services.forecast.domain.round import STREAM, publishable
from services.forecast.domain.windows import week_of
from services.forecast.projections import PUBLICATIONS
from shared.contracts.calendar import Day, business_day
from shared.contracts.forecast import ForecastScope
from shared.contracts.ids import Id
from shared.contracts.money import Currency
from shared.kernel.codec import document
from shared.kernel.ports import Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, Who, allow, answered

Kind = Literal["month", "quarter", "half", "year"]
SIZES: dict[Kind, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}


class Wanted(Body):
    """A scope and period; the week is that of now unless its Monday is named."""

    partner: Id | None = None
    region: Text | None = None
    product_line: Text | None = None
    currency: Currency = "CNY"
    period: Annotated[str, Field(max_length=16)]
    week: Day | None = None


def add(router: APIRouter, service: Service) -> None:
    @router.post(
        "/publications", status_code=201, dependencies=[allow("manager", "director", "operations")]
    )
    async def publish(body: Wanted, by: By, response: Response) -> Document:
        """Of what was recorded until the week's Monday began, also later; once, as the clock does.

        The clock publishes the house and each partner: the month, the quarter, and the next ones.
        """
        span(body.period)
        now = service.clock()
        wanted = body.week or week_of(business_day(now))
        week = publishable(wanted, now, await service.read.fold(STREAM))
        scope = ForecastScope(
            partner=body.partner, region=body.region, product_line=body.product_line
        )
        book = await book_of(service.read, body.currency)
        told = publication(book, scope, body.currency, body.period, week)
        stream = publication_stream(scope, body.currency)
        asked = (body.period, str(body.week))
        command = PublishForecast(wanted=asked, found=(told,), at=now)
        done = await service.handle(stream, command, by)
        return answered(response, "forecast", done, **document(told))

    @router.get("/publications")
    async def publications(
        who: Who,
        scope: Scoped,
        period: Annotated[str | None, Query(max_length=16)] = None,
        week: Annotated[Day | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Document:
        """Of one scope, newest first."""
        about = {"period": period, "week": week.isoformat() if week else None}
        stream = publication_stream(whose(who, scope), scope.currency)
        where = only(stream=stream, **about)
        query = Find(where=where, sort="-week", cursor=cursor, limit=limit)
        page = await service.read.find(PUBLICATIONS.name, query)
        return {"items": [_without(one) for one in page.documents], "cursor": page.cursor}

    @router.get("/publications/accuracy")
    async def accuracy(
        who: Who,
        scope: Scoped,
        kind: Kind = "month",
        ahead: Annotated[int, Query(ge=0, le=52)] = 0,
    ) -> Document:
        """Of periods that are over, what was published before them against what was won in them.

        By author, `ahead` weeks before the period began; WAPE is the measure, bias its direction.
        """
        about, today = whose(who, scope), business_day(service.clock())
        where = only(stream=publication_stream(about, scope.currency))
        told = [_read(one) for one in await everything(service.read, PUBLICATIONS.name, where)]
        found = chosen(told, SIZES[kind], ahead, today)
        months = won(await book_of(service.read, scope.currency), about, service.clock())
        came = {
            one.period: sum((months.get(m, ZERO) for m in months_of(*span(one.period))), ZERO)
            for one in found
        }
        measures = accuracies(found, came)
        return {
            "kind": kind,
            "ahead": ahead,
            "authors": {author: one and shown(one) for author, one in measures.items()},
            "periods": [
                {
                    "period": one.period,
                    "week": one.week.isoformat(),
                    "actual": money(came[one.period], scope.currency),
                    **{name: money(one.said.get(name), scope.currency) for name in AUTHORS},
                }
                for one in found
            ],
        }


def _read(row: Document) -> Publication:
    return Publication(
        period=row["period"],
        week=date.fromisoformat(row["week"]),
        said={name: Decimal(row[name]["amount"]) for name in AUTHORS if row[name]},
    )


def _without(row: Document) -> Document:
    hidden = {"stream", "partner", "region", "product_line"}
    return {name: value for name, value in row.items() if name not in hidden}
