"""Programmes: publish, look up, and ask for a settlement."""

from typing import Any

from fastapi import APIRouter, Response

from services.rebates.api.shape import ProgrammeShape, schema
from services.rebates.domain.commands import PublishProgramme, RequestSettlement
from services.rebates.domain.programme import Programme, programme_stream
from services.rebates.projections.sources import PROGRAMMES, shape
from shared.contracts.ids import Id
from shared.kernel.errors import NotFound
from shared.kernel.ports import Document, Query
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, Who, allow, answered, listed

Answer = dict[str, object]


class Settlement(Body):
    period: Text


def add(router: APIRouter, service: Service) -> None:
    _commands(router, service)

    @router.get("/programmes")
    async def programmes(_: Who, cursor: Cursor = None, limit: Limit = 50) -> Document:
        query = Query(sort="programme_id", cursor=cursor, limit=limit)
        return listed(await service.read.find(PROGRAMMES.name, query))

    @router.get("/programmes/schema")
    async def programme_schema(_: Who) -> dict[str, Any]:
        return schema()

    @router.get("/programmes/{programme_id}")
    async def programme(programme_id: Id, _: Who) -> Document:
        """The latest version, and every version before it."""
        found: Programme = await service.read.fold(programme_stream(programme_id))
        if not found.published:
            raise NotFound("programme-not-found")
        versions = [
            {**shape(one.terms), "published_at": one.published_at.isoformat()}
            for one in found.published
        ]
        return {**versions[-1], "versions": versions}


def _commands(router: APIRouter, service: Service) -> None:
    @router.post(
        "/programmes",
        status_code=201,
        dependencies=[allow("manager", "operations", "finance", "director")],
    )
    async def publish(body: ProgrammeShape, by: By, response: Response) -> Answer:
        command = PublishProgramme(terms=body.terms(), at=service.clock())
        done = await service.handle(programme_stream(body.programme_id), command, by)
        told = {"programme_id": body.programme_id, "programme_version": body.version}
        return answered(response, "rebates", done, **told)

    @router.post(
        "/programmes/{programme_id}/settlements",
        status_code=201,
        dependencies=[allow("manager", "operations", "finance", "director")],
    )
    async def settle(programme_id: Id, body: Settlement, by: By, response: Response) -> Answer:
        """Settles every account of a period that is past its cut-off; each account once."""
        command = RequestSettlement(
            programme_id=programme_id, period=body.period, at=service.clock()
        )
        done = await service.handle(programme_stream(programme_id), command, by)
        told = {"programme_id": programme_id, "period": body.period}
        return answered(response, "rebates", done, **told)
