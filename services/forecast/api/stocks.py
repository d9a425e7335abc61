"""Stock on partners' shelves: reported here or on its topic, and what it says (F-08)."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.forecast.api.asking import only
from services.forecast.domain.accuracy import digits
from services.forecast.domain.commands import RecordStock
from services.forecast.domain.stock import Judgement, Report, judged, rounded, stock_stream
from services.forecast.projections import SHELVES
from shared.contracts.calendar import Day
from shared.contracts.ids import Id, Label
from shared.contracts.money import Amount
from shared.kernel.errors import Forbidden
from shared.kernel.ports import Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, Who, allow, answered

Units = Annotated[Amount, Field(ge=0, le=10**12)]


class StockIn(Body):
    """Units from `since` to `until`, both inclusive; the fields of StockReported."""

    partner_id: Id
    region: Label
    product_line: Label
    sku: Label | None = None
    since: Day
    until: Day
    opening: Units | None = None
    sell_in: Units
    sell_through: Units
    on_hand: Units | None = None


def add(router: APIRouter, service: Service) -> None:
    @router.post(
        "/stock",
        status_code=201,
        dependencies=[allow("partner", "sales", "manager", "operations")],
    )
    async def report(body: StockIn, by: By, who: Who, response: Response) -> Document:
        """A partner reports its own shelves. The same days again replace."""
        if not who.sees(body.partner_id):
            raise Forbidden("stock-foreign-partner", "a partner reports its own stock")
        stream = stock_stream(body.partner_id, body.product_line, body.sku)
        done = await service.handle(stream, RecordStock(**dict(body), at=service.clock()), by)
        told = {"partner_id": body.partner_id, "product_line": body.product_line, "sku": body.sku}
        return answered(response, "forecast", done, **told)

    @router.get("/stock")
    async def stock(
        who: Who,
        partner: Annotated[Id | None, Query()] = None,
        region: Annotated[Text | None, Query()] = None,
        product_line: Annotated[Text | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Document:
        """By partner and product: what is there, how long it lasts, if too much went in."""
        where = only(partner_id=partner, region=region, product_line=product_line)
        query = Find(where=(*who.scope(), *where), cursor=cursor, limit=limit)
        page = await service.read.find(SHELVES.name, query)
        return {"items": [_shown(one) for one in page.documents], "cursor": page.cursor}


def _shown(row: Document) -> Document:
    reports = {
        (date.fromisoformat(one["since"]), date.fromisoformat(one["until"])): Report(
            opening=Decimal(one["opening"]),
            sell_in=Decimal(one["sell_in"]),
            sell_through=Decimal(one["sell_through"]),
            closing=Decimal(one["closing"]),
        )
        for one in row["reports"].values()
    }
    last = row["reports"][max(row["reports"], key=lambda days: days.split("/")[::-1])]
    named = {name: row[name] for name in ("partner_id", "region", "product_line", "sku")}
    return {**named, "last": last, **_told(judged(reports))}


def _told(found: Judgement) -> Document:
    """Ratios and weeks as decimals; null where nothing can be divided by."""
    return {
        "on_hand": digits(found.on_hand),
        "weekly": digits(rounded(found.weekly)),
        "weeks": digits(found.weeks),
        "safety": digits(rounded(found.safety)),
        "below_safety": found.below,
        "turns": digits(found.turns),
        "sell_in_per_sell_through": digits(found.ratio),
        "overstocked": found.stuffed,
    }
