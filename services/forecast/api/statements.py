"""What partners submit and what is said above them, rolled up for whoever looks (F-02)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.forecast.api.asking import everything, money, of_whom, only
from services.forecast.api.pipelines import Period, stood
from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.commands import StateForecast
from services.forecast.domain.events import Level
from services.forecast.domain.months import span
from services.forecast.domain.standing import Standing, total
from services.forecast.domain.statement import Said, seen, statement_stream
from services.forecast.projections import OPPORTUNITIES, STATEMENTS
from services.forecast.projections.book import said_by
from shared.contracts.forecast import Mode
from shared.contracts.ids import Id
from shared.contracts.money import Currency, Money
from shared.kernel.errors import Forbidden
from shared.kernel.handler import Cause
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Instant, Role, Text, Who, allow, answered

VIEWS: Mapping[Role, Level] = {"partner": "partner", "sales": "sales", "manager": "manager"}
"""Up to whose figures a role sees; whoever is not named sees all of them."""
Node = str | None
"""A partner; None is the business without one."""


class Statement(Body):
    partner_id: Id
    period: Annotated[str, Field(max_length=16)]
    mode: Mode = "absolute"
    value: Money


class Adjustment(Statement):
    reason: Text


def add(router: APIRouter, service: Service) -> None:
    @router.post("/submissions", status_code=201, dependencies=[allow("partner", "sales")])
    async def submit(body: Statement, by: By, who: Who, response: Response) -> Document:
        """A partner's own word for a period; sales may write it down for the partner."""
        if not who.sees(body.partner_id):
            raise Forbidden("forecast-foreign-partner", "a partner submits its own forecast")
        return await _state(service, body, ("partner", ""), by, response)

    @router.post(
        "/adjustments", status_code=201, dependencies=[allow("sales", "manager", "director")]
    )
    async def adjust(body: Adjustment, by: By, who: Who, response: Response) -> Document:
        """In the place of whatever is said below; those below are not told."""
        return await _state(
            service, body, (VIEWS.get(who.role, "director"), body.reason), by, response
        )

    @router.get("/rollup")
    async def rolled(
        who: Who,
        period: Period,
        partner: Annotated[Id | None, Query()] = None,
        currency: Annotated[Currency, Query()] = "CNY",
        as_at: Instant | None = None,
    ) -> Document:
        """Won and committed, by partner and in all: as it is, as submitted, and as you see it; or
        as it was and you would have seen it.

        `stale`: the figure was put down for good, and what it was put beside has moved since.
        """
        at = as_at or service.clock()
        found = await _nodes(service, period, currency, of_whom(who, partner), at)
        bases, said = found
        nodes = sorted({*bases, *said}, key=str)
        level = VIEWS.get(who.role, "director")
        rows = [_row(node, bases.get(node, ZERO), said.get(node, {}), level) for node in nodes]
        return {
            "period": period,
            **{
                name: money(sum((row[name] for row in rows), ZERO), currency)
                for name in ("unadjusted", "submitted", "forecast")
            },
            "items": [_shown(row, currency) for row in rows],
        }


async def _state(
    service: Service, body: Statement, how: tuple[Level, str], by: Cause, response: Response
) -> Document:
    span(body.period)
    currency, (level, reason) = body.value.currency, how
    bases, _ = await _nodes(service, body.period, currency, body.partner_id, service.clock())
    command = StateForecast(
        partner_id=body.partner_id,
        period=body.period,
        level=level,
        mode=body.mode,
        value=body.value,
        found=Money(bases.get(body.partner_id, ZERO), currency),
        reason=reason,
        at=service.clock(),
    )
    stream = statement_stream(body.partner_id, body.period, currency)
    done = await service.handle(stream, command, by)
    told = {"partner_id": body.partner_id, "period": body.period, "level": level}
    return answered(response, "forecast", done, **told)


async def _nodes(
    service: Service, period: str, currency: str, partner: str | None, at: datetime
) -> tuple[dict[Node, Decimal], dict[Node, dict[Level, Said]]]:
    """By node: what is won and committed, and what was said of it."""
    first, end = span(period)
    rows = await everything(service.read, OPPORTUNITIES.name, only(partner_id=partner))
    owner = {row["opportunity_id"]: row["partner_id"] for row in rows}
    by_node: dict[Node, list[Standing]] = defaultdict(list)
    for key, one in stood(rows, at, currency).items():
        by_node[owner[key]].append(one)
    bases = {
        node: total(each, "closed", first, end) + total(each, "commit", first, end)
        for node, each in by_node.items()
    }
    where = only(partner_id=partner, period=period, currency=currency)
    stated = await everything(service.read, STATEMENTS.name, where)
    said = {row["partner_id"]: said_by(row, at) for row in stated}
    return bases, {node: one for node, one in said.items() if one}


def _row(node: Node, base: Decimal, said: Mapping[Level, Said], viewer: Level) -> Document:
    shown = seen(said, base, viewer)
    return {
        "partner_id": node,
        "unadjusted": base,
        "submitted": seen(said, base, "partner").value,
        "forecast": shown.value,
        "author": shown.author,
        "stale": shown.stale,
    }


def _shown(row: Document, currency: str) -> Document:
    sums = {name: money(row[name], currency) for name in ("unadjusted", "submitted", "forecast")}
    return {**row, **sums}
