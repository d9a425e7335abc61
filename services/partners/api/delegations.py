"""/v1/delegations: who decides for me, from … until …, wherever I am asked."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.partners.domain.delegation import (
    GrantDelegation,
    RevokeDelegation,
    delegation_stream,
)
from services.partners.projections import DELEGATIONS
from shared.contracts.ids import Id, named
from shared.kernel.codec import document
from shared.kernel.ports import Condition
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import (
    STAFF,
    Body,
    By,
    Cursor,
    Instant,
    Limit,
    Text,
    Who,
    allow,
    answered,
    listed,
)

OURS = allow(*STAFF)
Answer = dict[str, object]
User = Annotated[Text | None, Query()]


class Delegation(Body):
    """`to` is a user id; without `since` from now on; `until` is exclusive."""

    delegation_id: Id | None = None
    to: Text
    since: Instant | None = None
    until: Instant
    reason: Text = "absent"


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/delegations", tags=["partners"])

    @router.post("", status_code=201, dependencies=[OURS])
    async def grant(body: Delegation, by: By, who: Who, response: Response) -> Answer:
        """Where the caller may sit, by name or by the role of this token, `to` may sit for him."""
        delegation_id = body.delegation_id or str(named("delegation", by.commandid))
        command = GrantDelegation(
            delegation_id=delegation_id,
            by=who.subject,
            to=body.to,
            seats=(f"user:{who.subject}", f"role:{who.role}"),
            since=body.since,
            until=body.until,
            reason=body.reason,
            at=service.clock(),
        )
        done = await service.handle(delegation_stream(delegation_id), command, by)
        told = document(await service.read.fold(delegation_stream(delegation_id)))
        return answered(response, "partners", done, **{**told, "delegation_id": delegation_id})

    @router.post("/{delegation_id}/revocation", dependencies=[OURS])
    async def revoke(
        delegation_id: Annotated[Id, Path()], by: By, who: Who, response: Response
    ) -> Answer:
        """By who granted it, or by a director or operations; votes until now count."""
        command = RevokeDelegation(
            by=who.subject,
            anyones=who.role in {"director", "operations"},
            at=service.clock(),
        )
        done = await service.handle(delegation_stream(delegation_id), command, by)
        told = document(await service.read.fold(delegation_stream(delegation_id)))
        return answered(response, "partners", done, **told)

    @router.get("", dependencies=[OURS])
    async def delegations(
        by: User = None, to: User = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Answer:
        wanted = (("by", by), ("to", to))
        where: list[Condition] = [(name, "eq", one) for name, one in wanted if one is not None]
        query = Find(where=where, sort="until", cursor=cursor, limit=limit)
        return listed(await service.read.find(DELEGATIONS.name, query))

    return router
