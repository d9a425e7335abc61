"""Assignment rules and working calendars: data, published in versions."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from immutables import Map
from pydantic import Field, model_validator

from services.leads.api.shapes import MANAGERS, STAFF, Answer, PathId
from services.leads.domain.calendar import Calendars
from services.leads.domain.commands import PublishCalendar, PublishRule
from services.leads.domain.events import LeadRulePublished, RuleTerms, Sla, Weight
from services.leads.domain.rotation import Credits, Rotation
from services.leads.domain.rule import published
from services.leads.domain.streams import CALENDAR, rotation, rule
from services.leads.projections.rules import RULES
from shared.contracts.ids import Id
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document, Query
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, answered, listed

MOST = 1_000_000
Texts = Annotated[tuple[Text, ...], Field(max_length=1_000)]
Days = Annotated[tuple[date, ...], Field(max_length=10_000)]
Whole = Annotated[int, Field(ge=1, le=MOST)]
Hours = Annotated[int, Field(ge=1, le=8_760)]


class Terms(Body):
    """Empty lists mean any; without a capacity there is no end to it."""

    rule_id: Id
    priority: Annotated[int, Field(ge=-MOST, le=MOST)] = 100
    regions: Texts = ()
    industries: Texts = ()
    product_lines: Texts = ()
    weights: Annotated[dict[Id, Whole], Field(min_length=1, max_length=1_000)]
    capacity: Annotated[int, Field(ge=0, le=MOST)] | None = None
    sla_hours: Hours = 8
    working_hours: bool = True
    calendar_id: Id | None = None

    def terms(self) -> RuleTerms:
        weights = sorted(self.weights.items())
        return RuleTerms(
            priority=self.priority,
            regions=self.regions,
            industries=self.industries,
            product_lines=self.product_lines,
            weights=tuple(Weight(partner_id=partner, weight=n) for partner, n in weights),
            capacity=self.capacity,
            sla=Sla(
                hours=self.sla_hours,
                working_hours=self.working_hours,
                calendar_id=self.calendar_id,
            ),
        )


class Calendar(Body):
    """Mon–Fri 09:00–18:00, but for `holidays`, and on `workdays` (调休)."""

    calendar_id: Id
    version: Whole
    workdays: Days = ()
    holidays: Days = ()

    @model_validator(mode="after")
    def one_or_the_other(self) -> "Calendar":
        if set(self.workdays) & set(self.holidays):
            raise ValueError("a day is a working day or a holiday")
        return self


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["leads"])

    @router.post("/lead-rules", status_code=201, dependencies=[MANAGERS])
    async def publish(body: Terms, by: By, response: Response) -> Answer:
        """Published again it is a new version, and its rotation starts at 0."""
        command = PublishRule(rule_id=body.rule_id, terms=body.terms(), at=service.clock())
        done = await service.handle(rule(body.rule_id), command, by)
        return answered(response, "leads", done, rule_id=body.rule_id)

    @router.post("/calendars", status_code=201, dependencies=[MANAGERS])
    async def calendar(body: Calendar, by: By, response: Response) -> Answer:
        command = PublishCalendar(
            calendar_id=body.calendar_id,
            version=body.version,
            workdays=tuple(sorted(set(body.workdays))),
            holidays=tuple(sorted(set(body.holidays))),
            at=service.clock(),
        )
        done = await service.handle(CALENDAR, command, by)
        told = {"calendar_id": body.calendar_id, "calendar_version": body.version}
        return answered(response, "leads", done, **told)

    _reads(router, service)
    return router


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("/lead-rules", dependencies=[STAFF])
    async def rules(cursor: Cursor = None, limit: Limit = 50) -> Answer:
        query = Query(sort="priority", cursor=cursor, limit=limit)
        page = await service.read.find(RULES.name, query)
        return listed(page, lambda row: flat(row, restored(row["terms"], RuleTerms)))

    @router.get("/lead-rules/{rule_id}", dependencies=[STAFF])
    async def show(rule_id: PathId, response: Response) -> Answer:
        current = published(await service.read.fold(rule(rule_id)))
        turns: Rotation = await service.read.fold(rotation(rule_id))
        response.headers["ETag"] = f'"{current.version}"'
        return flat(document(current), current.terms) | {"rotation": standing(current, turns)}

    @router.get("/calendars", dependencies=[STAFF])
    async def calendars() -> Answer:
        found: Calendars = await service.read.fold(CALENDAR)
        items = [
            {
                "calendar_id": one.calendar_id,
                "version": one.version,
                "workdays": sorted(map(str, one.workdays)),
                "holidays": sorted(map(str, one.holidays)),
                "in_use": one.calendar_id == found.last,
            }
            for _, one in sorted(found.published.items())
        ]
        return {"items": items, "cursor": None}


def flat(row: Document, terms: RuleTerms) -> Answer:
    """As it was published."""
    return {
        "rule_id": row["rule_id"],
        "version": row["version"],
        "priority": terms.priority,
        "regions": terms.regions,
        "industries": terms.industries,
        "product_lines": terms.product_lines,
        "weights": {one.partner_id: one.weight for one in terms.weights},
        "capacity": terms.capacity,
        "sla_hours": terms.sla.hours,
        "working_hours": terms.sla.working_hours,
        "calendar_id": terms.sla.calendar_id,
    }


def standing(current: LeadRulePublished, turns: Rotation) -> Answer:
    """Each partner's credit in this version, and the leads it holds of this rule."""
    credits: Credits = turns.credits.get(current.version, Map())
    return {
        "credits": {partner: str(credit) for partner, credit in sorted(credits.items())},
        "held": {partner: held for partner, held in sorted(turns.held.items()) if held},
    }
