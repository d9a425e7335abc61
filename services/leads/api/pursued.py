"""Opportunities listed and shown, each to its partner and to staff."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.leads.api.opportunities import visible
from services.leads.api.shapes import Answer, PathId
from services.leads.domain.pipeline.pursued import Pursued
from services.leads.domain.streams import opportunity
from services.leads.projections.opportunities import OPPORTUNITIES
from shared.contracts.ids import Id, Label
from shared.kernel import ports
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import Cursor, Limit, Text, Who, listed


class Wanted(BaseModel):
    """What a list is asked for; the token to read one's own writes may stand beside it."""

    status: Literal["open", "won", "lost"] | None = None
    stage: Text | None = None
    category: Text | None = None
    partner_id: Id | None = None
    customer_id: Id | None = None
    lead_id: Id | None = None
    campaign: Text | None = None
    region: Text | None = None
    product_line: Text | None = None
    owner: Label | None = None
    cursor: Cursor = None
    limit: Limit = 50

    def where(self) -> list[ports.Condition]:
        asked = dict(self)
        fields = asked.keys() - {"cursor", "limit"}
        return [(one, "eq", asked[one]) for one in sorted(fields) if asked[one] is not None]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/opportunities", tags=["leads"])

    @router.get("")
    async def opportunities(wanted: Annotated[Wanted, Query()], who: Who) -> Answer:
        query = ports.Query(
            [*wanted.where(), *who.scope()],
            sort="-created_at",
            cursor=wanted.cursor,
            limit=wanted.limit,
        )
        return listed(await service.read.find(OPPORTUNITIES.name, query))

    @router.get("/{opportunity_id}")
    async def show(opportunity_id: PathId, who: Who, response: Response) -> Answer:
        one = await visible(service, opportunity_id, who)
        version = await service.handle.version(opportunity(opportunity_id))
        response.headers["ETag"] = f'"{version}"'
        return {**shown(one), "version": version}

    return router


def shown(one: Pursued) -> Answer:
    """`next` is the stage that may be entered next, and what it still lacks."""
    following = one.stages[one.place + 1] if one.place + 1 < len(one.stages) else None
    lacking = (
        [kind for kind in following.requires if kind not in one.evidence] if following else []
    )
    warned = one.now.warned
    return {
        **document(one.about),
        "owner": one.owner,
        "model": document(one.model),
        "status": one.status,
        "stage": one.now.stage,
        "visit": one.now.number,
        "entered_at": document(one.now.entered_at),
        "category": one.category,
        "amount": document(one.amount),
        "expected_close": document(one.expected_close),
        "revision": one.revision,
        "evidence": sorted(one.evidence),
        "next": {"stage": following.stage, "lacking": lacking} if following else None,
        "yellow": "yellow" in warned and not one.now.heard and one.status == "open",
        "escalated": "escalation" in warned and one.status == "open",
        "reason": one.reason or None,
        "next_action": one.next_action,
        "next_on": document(one.next_on),
    }
