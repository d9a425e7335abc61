"""Targets: set by staff, read by staff and by the partner they are for."""

from decimal import Decimal

from fastapi import APIRouter, Response

from services.forecast.api.asking import Asked, money, only
from services.forecast.domain.accuracy import ZERO, digits
from services.forecast.domain.commands import SetTarget
from services.forecast.domain.outlook import attainment
from services.forecast.domain.target import target_stream
from services.forecast.projections import COLLECTED, TARGETS, months_in
from shared.contracts.forecast import Month
from shared.contracts.ids import Id
from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.kernel.policy import Read
from shared.kernel.ports import Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, Who, allow, answered


class Target(Body):
    partner_id: Id
    product_line: Text
    month: Month
    target: Money


def add(router: APIRouter, service: Service) -> None:
    @router.post(
        "/targets",
        status_code=201,
        dependencies=[allow("manager", "operations", "director", "finance")],
    )
    async def set_target(body: Target, by: By, response: Response) -> Document:
        stream = target_stream(body.partner_id, body.product_line, body.month)
        done = await service.handle(stream, SetTarget(**dict(body), at=service.clock()), by)
        told = {**document(dict(body)), "revision": done.version}
        return answered(response, "forecast", done, **told)

    @router.get("/targets")
    async def targets(
        who: Who, about: Asked, cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        where = only(partner_id=about.partner, product_line=about.product_line, month=about.month)
        query = Find(where=(*who.scope(), *where), cursor=cursor, limit=limit)
        page = await service.read.find(TARGETS.name, query)
        items = [await attained(service.read, one) for one in page.documents]
        return {"items": items, "cursor": page.cursor}


async def attained(read: Read, target: Document) -> Document:
    """The target with what was collected towards it until now."""
    line = await read.get(COLLECTED.name, f"{target['partner_id']}/{target['product_line']}")
    currency, month = target["target"]["currency"], target["month"]
    actual = months_in([line] if line else [], currency).get(month, ZERO)
    reached = attainment(actual, Decimal(target["target"]["amount"]))
    return {**target, "actual": money(actual, currency), "attainment": digits(reached)}
