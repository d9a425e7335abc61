"""Registrations listed and shown; a partner learns its rank, and never another's name."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.leads.api.registrations import visible, waiting
from services.leads.api.shapes import Answer, PathId
from services.leads.domain.deals.filed import Filed
from services.leads.domain.deals.registration import lacking
from services.leads.domain.deals.scope import Scope, priority
from services.leads.domain.streams import registration, scope
from services.leads.projections.registrations import REGISTRATIONS
from shared.contracts.ids import Id, Label
from shared.kernel import ports
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import Caller, Cursor, Limit, Text, Who, listed


class Wanted(BaseModel):
    """What a list is asked for; the token to read one's own writes may stand beside it."""

    status: (
        Literal[
            "draft",
            "review",
            "approved",
            "held",
            "protected",
            "rejected",
            "withdrawn",
            "ended",
        ]
        | None
    ) = None
    partner_id: Id | None = None
    customer_id: Id | None = None
    product_line: Text | None = None
    region: Text | None = None
    owner: Label | None = None
    cursor: Cursor = None
    limit: Limit = 50

    def where(self) -> list[ports.Condition]:
        asked = dict(self)
        fields = asked.keys() - {"cursor", "limit"}
        return [(one, "eq", asked[one]) for one in sorted(fields) if asked[one] is not None]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/registrations", tags=["leads"])

    @router.get("")
    async def registrations(wanted: Annotated[Wanted, Query()], who: Who) -> Answer:
        query = ports.Query(
            [*wanted.where(), *who.scope()],
            sort="-opened_at",
            cursor=wanted.cursor,
            limit=wanted.limit,
        )
        return listed(await service.read.find(REGISTRATIONS.name, query))

    @router.get("/{registration_id}")
    async def show(registration_id: PathId, who: Who, response: Response) -> Answer:
        filed = await visible(service, registration_id, who)
        version = await service.handle.version(registration(registration_id))
        response.headers["ETag"] = f'"{version}"'
        return {**shown(filed), **await contended(service, filed, who), "version": version}

    return router


def shown(filed: Filed) -> Answer:
    return {
        "registration_id": filed.registration_id,
        "partner_id": filed.partner_id,
        "owner": filed.owner,
        **document(filed.details),
        "customer_id": filed.customer_id or filed.details.customer_id,
        "status": filed.status,
        "lacking": lacking(filed.details),
        "waiting_for": waiting(filed),
        "rule": document(filed.approval.route.rule) if filed.approval else None,
        "completed_at": document(filed.completed_at),
        "reason": filed.reason or None,
        "protected_from": document(filed.protected_from),
        "protected_until": document(filed.until),
        "extensions": filed.extensions,
        "extension_pending": bool(filed.asked),
        "free_from": document(filed.free_from),
    }


async def contended(service: Service, filed: Filed, who: Caller) -> Answer:
    """Its place among those that want the same, the first by priority first."""
    details, customer_id = filed.details, filed.customer_id
    if customer_id is None or not details.product_line or not details.region:
        return {"rank": None, "total": None}
    stream = scope(customer_id, details.product_line, details.region)
    state: Scope = await service.read.fold(stream)
    own = state.entries.get(filed.registration_id)
    if own is None:
        return {"rank": None, "total": None}
    rivals = state.rivals(own)
    ranked = sorted((own, *rivals), key=priority)
    place = {"rank": ranked.index(own) + 1, "total": len(ranked)}
    return place if who.role == "partner" else place | {"rivals": document(rivals)}
