"""A period foreseen, now or as of any instant: F-04, F-06, F-07."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.forecast.api.asking import money
from services.forecast.api.measures import Number
from services.forecast.api.pipelines import Period, Scope, Scoped
from services.forecast.domain.accuracy import ZERO, digits
from services.forecast.domain.blend import Opinion, blended, weights
from services.forecast.domain.book import Book, expected
from services.forecast.domain.chances import Record
from services.forecast.domain.foresight import Foresight, foreseen
from services.forecast.domain.months import span
from services.forecast.domain.standing import OPEN, Standing
from services.forecast.projections.book import rows
from shared.contracts.forecast import ForecastScope
from shared.kernel.policy import Read
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import Body, Caller, Instant, Who


class Said(Body):
    """`wape`: how wrong its author was before; null: nobody knows yet."""

    value: Number
    wape: Annotated[Number, Field(ge=0)] | None = None


class Opinions(Body):
    opinions: Annotated[list[Said], Field(min_length=1, max_length=100)]


def add(router: APIRouter, service: Service) -> None:
    @router.post("/blend")
    async def calculated(body: Opinions, _: Who) -> Document:
        """F-06 as a calculator: weights 1 ÷ max(WAPE, 1 %)². Nothing is kept."""
        opinions = [Opinion(one.value, one.wape) for one in body.opinions]
        shares = [digits(one) for one in weights(opinions)]
        return {"blended": digits(blended(opinions)), "weights": shares}

    @router.get("/blend")
    async def blend(
        who: Who, scope: Scoped, period: Period, as_at: Instant | None = None
    ) -> Document:
        """Each author's figure with its past error and weight, and all as one.

        Of a Monday's last instant before, it is what was published that Monday.
        """
        span(period)
        at, book = await _book(service, scope, as_at)
        found = foreseen(book, whose(who, scope), period, at)
        return {"period": period, "as_at": at.isoformat(), **_told(found, scope.currency)}

    @router.get("/weighted")
    async def weighted(
        who: Who, scope: Scoped, period: Period, as_at: Instant | None = None
    ) -> Document:
        """Open opportunities by their chances: the mean, and σ as if none depended on another.

        A stage's chance is what was won of what closed in the twelve months before (of the whole
        house); under twenty, the stage model's own.
        """
        within, about = span(period), whose(who, scope)
        at, book = await _book(service, scope, as_at)
        seen = book.at(at)
        mean, deviation = expected(book, about, within, at) or (ZERO, ZERO)
        won = sum((one.counts("closed", *within) or ZERO for one in seen.of(about)), Decimal(0))
        open_ = [one for one in seen.of(about) if one.category in OPEN and one.within(*within)]
        return {
            "period": period,
            "as_at": at.isoformat(),
            "won": money(won, scope.currency),
            "mean": money(mean - won, scope.currency),
            "deviation": money(deviation, scope.currency),
            "opportunities": len(open_),
            "stages": _stages(book, at, open_),
        }


def whose(who: Caller, scope: Scope) -> ForecastScope:
    """As asked, as far as the caller may see."""
    where = {field: value for field, _, value in scope.of(who)}
    return ForecastScope(
        partner=where.get("partner_id"),
        region=where.get("region"),
        product_line=where.get("product_line"),
    )


async def _book(service: Service, scope: Scope, as_at: datetime | None) -> tuple[datetime, Book]:
    return as_at or service.clock(), await book_of(service.read, scope.currency)


async def book_of(read: Read, currency: str) -> Book:
    return (await rows(read)).book(currency)


def _told(found: Foresight, unit: str) -> Document:
    rolled = {name.replace("-", "_"): one for name, one in found.rollup.cumulative.items()}
    return {
        **{name: money(one, unit) for name, one in rolled.items()},
        "opinions": [
            {
                "author": author,
                "value": money(one.value, unit),
                "wape": digits(one.wape),
                "weight": digits(one.weight),
                "tested": len(one.trial),
            }
            for author, one in found.voices.items()
        ],
        "method": found.method,
        "deviation": money(found.deviation, unit),
        "blended": money(found.blended, unit),
        "wape_backtest": digits(found.wape),
    }


def _stages(book: Book, at: datetime, open_: list[Standing]) -> list[Document]:
    chances = book.at(at).chances
    one_of = {one.stage: one for one in open_}
    found = []
    for stage, one in sorted(one_of.items(), key=lambda item: str(item[0])):
        record, chance = chances.records.get(stage or "", Record()), chances.of(one)
        found.append(
            {
                "stage": stage,
                "chance": digits(chance.value),
                "source": chance.source,
                "closed": record.closed,
                "won": record.won,
            }
        )
    return found
