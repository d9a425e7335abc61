"""The platform's routes, composed of what every context answers to them.

They are the routes of shared/runtime/admin.py, whose document describes these too.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from httpx2 import codes

from shared.kernel.errors import Refused
from shared.runtime.admin import CLOCK, OPERATE, READERS, ClockTarget, Patience
from shared.runtime.gateway.desk import Desk
from shared.runtime.gateway.forwarding import Passed
from shared.runtime.gateway.standing import Answered, Standings
from shared.runtime.gateway.upstream import hosted
from shared.runtime.http import By, Who
from shared.runtime.platform import NotSettled, parsed

NOT_FOUND = codes.NOT_FOUND


def composed(desk: Desk) -> list[APIRouter]:
    return [_anywhere(desk), _settled(desk), _facts(desk), _parked(desk), _rebuilds(desk)]


def _router(**how: Any) -> APIRouter:
    return APIRouter(include_in_schema=False, **how)


def _anywhere(desk: Desk) -> APIRouter:
    router = _router()

    @router.post("/tokens")
    async def issue(request: Request) -> Response:
        return await desk.anyone(request)

    @router.get("/clock")
    async def read(who: Who, request: Request) -> Response:
        return await desk.anyone(request)

    @router.post("/clock", dependencies=[CLOCK])
    async def advance(target: ClockTarget) -> Response:
        raise Refused("clock-not-turnable", "start with --clock INSTANT to turn it by hand")

    return router


def _settled(desk: Desk) -> APIRouter:
    router, standing = _router(), desk.standing

    @router.get("/settled")
    async def settled(
        who: Who, request: Request, token: str | None = None, within: Patience = 30
    ) -> dict[str, object]:
        if token is None:
            return _totals(await standing.settled(request, within))
        parsed(token, desk.contexts)
        if not await standing.heard(token, desk.contexts, request, within):
            raise NotSettled("not-settled", f"behind {token} after {within} s")
        return _totals(await standing.standings(request))

    return router


def _totals(found: Standings) -> dict[str, object]:
    positions = {name: at for one in found.values() for name, at in one["positions"].items()}
    sums = {name: sum(one[name] for one in found.values()) for name in ("parked", "waiting")}
    return {"settled": True, **sums, "positions": positions}


def _facts(desk: Desk) -> APIRouter:
    router = _router(dependencies=[READERS])

    @router.get("/streams/{stream}")
    async def stream(stream: str, request: Request) -> Response:
        return await desk.to(stream.partition(".")[0], request)

    @router.get("/facts")
    async def facts(request: Request) -> dict[str, object]:
        each = [hosted(at, one["contexts"]) for at, one in await desk.everyone(request)]
        return {"contexts": {context: end for one in each for context, end in one.items()}}

    @router.get("/events")
    async def events(context: str, request: Request) -> Response:
        return await desk.to(context, request)

    return router


def _parked(desk: Desk) -> APIRouter:
    router = _router()

    @router.get("/parked", dependencies=[READERS])
    async def parked(request: Request) -> dict[str, object]:
        told = await desk.everyone(request)
        rows = [row for at, one in told for row in one["items"] if row["context"] in at.contexts]
        return {"items": rows}

    @router.post("/parked/retries", dependencies=[OPERATE])
    async def retry(by: By, context: str, request: Request) -> Response:
        return await desk.to(context, request)

    @router.post("/parked/drops", dependencies=[OPERATE])
    async def drop(by: By, context: str, request: Request) -> Response:
        return await desk.to(context, request)

    return router


def _rebuilds(desk: Desk) -> APIRouter:
    router = _router()

    @router.post("/rebuilds", dependencies=[OPERATE])
    async def rebuild(by: By, view: str, request: Request) -> Response:
        return await desk.to(view.partition(".")[0], request)

    @router.get("/rebuilds", dependencies=[READERS])
    async def rebuilds(request: Request) -> dict[str, object]:
        told = await desk.everyone(request)
        rows = [
            row
            for at, one in told
            for row in one["items"]
            if row["view"].partition(".")[0] in at.contexts
        ]
        return {"items": rows}

    @router.delete("/people/{person_id}", dependencies=[OPERATE])
    async def forget(person_id: UUID, by: By, request: Request) -> Response:
        """By every context; not found only where nobody knew of this person."""
        answers = [answer for _, answer in await desk.asked(request)]
        worst = max(answers, key=lambda one: (one.status_code != NOT_FOUND, one.status_code))
        if not worst.is_success:
            raise Answered(worst)
        return Passed(worst)

    return router
