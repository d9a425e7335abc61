"""Leads: captured, listed, shown, explained."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, model_validator

from services.leads.api.explanation import explained
from services.leads.api.shapes import (
    DESK,
    Answer,
    Code,
    Contact,
    PathId,
    candidates,
    company,
    remember,
)
from services.leads.api.showing import shown, visible
from services.leads.domain.commands import IntroduceCustomer, RegisterLead
from services.leads.domain.customer import known
from services.leads.domain.names import Company
from services.leads.domain.streams import customer, customer_for, lead
from services.leads.projections.pipeline import PIPELINE
from shared.contracts.ids import Id, Label, named
from shared.contracts.money import Money
from shared.kernel import ports
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Instant, Limit, Text, Who, answered, listed


class Capture(Body):
    """With a customer we know, or with a company that may be new."""

    lead_id: Id | None = None
    customer_id: Id | None = None
    company: Text | None = None
    uscc: Code | None = None
    contact: Contact | None = None
    source: Literal["campaign", "referral", "outbound", "web"]
    region: Text
    industry: Text
    product_line: Text | None = None
    estimated_amount: Money | None = None
    captured_at: Instant | None = None
    campaign: Text | None = None
    owner: Label | None = None

    @model_validator(mode="after")
    def somebody_wants_something(self) -> "Capture":
        if (self.customer_id is None) == (self.company is None):
            raise ValueError("name the customer_id or the company")
        if self.uscc and self.company is None:
            raise ValueError("a uscc belongs to a company")
        if self.estimated_amount and self.estimated_amount.amount < 0:
            raise ValueError("an estimate is not negative")
        return self


class Wanted(BaseModel):
    """What a list is asked for; the token to read one's own writes may stand beside it."""

    status: Literal["registered", "offered", "accepted", "overflow", "closed"] | None = None
    partner_id: Id | None = None
    customer_id: Id | None = None
    region: Text | None = None
    source: Text | None = None
    campaign: Text | None = None
    owner: Label | None = None
    cursor: Cursor = None
    limit: Limit = 50

    def where(self) -> list[ports.Condition]:
        asked = dict(self)
        fields = asked.keys() - {"cursor", "limit"}
        return [(one, "eq", asked[one]) for one in sorted(fields) if asked[one] is not None]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/leads", tags=["leads"])

    @router.post("", status_code=201, dependencies=[DESK])
    async def register(body: Capture, by: By, response: Response) -> Answer:
        lead_id = body.lead_id or str(named("lead", by.commandid))
        firm = company(body.company, body.uscc) if body.company else None
        customer_id = await customer_of(body, firm, lead_id)
        command = registration(body, by, lead_id, (customer_id, firm))
        done = await service.handle(lead(lead_id), command, by)
        await remember(service, command.person_id, body.contact)
        told: Answer = {"lead_id": lead_id, "customer_id": customer_id, "status": "registered"}
        if firm:
            await introduce(command, firm, by)
            told |= {"candidates": await candidates(service.read, firm, customer_id)}
        return answered(response, "leads", done, **told)

    def registration(
        body: Capture, by: Cause, lead_id: str, who: tuple[str, Company | None]
    ) -> RegisterLead:
        person_id: UUID | None = named("person", lead_id, by.commandid) if body.contact else None
        return RegisterLead(
            lead_id=lead_id,
            customer_id=who[0],
            company=who[1],
            source=body.source,
            region=body.region,
            industry=body.industry,
            product_line=body.product_line,
            estimated_amount=body.estimated_amount,
            person_id=person_id,
            captured_at=body.captured_at,
            campaign=body.campaign,
            owner=body.owner,
            at=service.clock(),
        )

    async def customer_of(body: Capture, firm: Company | None, lead_id: str) -> str:
        if firm:
            return customer_for(firm, lead_id)
        return known(await service.read.fold(customer(str(body.customer_id)))).customer_id

    async def introduce(command: RegisterLead, firm: Company, by: Cause) -> None:
        """Our process would do it in a moment: so that the answer's id can be read at once."""
        introduced = IntroduceCustomer(
            customer_id=command.customer_id,
            company=firm,
            region=command.region,
            industry=command.industry,
            at=command.at,
        )
        await service.handle(customer(command.customer_id), introduced, by)

    _reads(router, service)
    return router


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("")
    async def pipeline(wanted: Annotated[Wanted, Query()], who: Who) -> Answer:
        """A partner finds what is offered to it or accepted by it, and nothing else."""
        query = ports.Query(
            [*wanted.where(), *who.scope()],
            sort="-registered_at",
            cursor=wanted.cursor,
            limit=wanted.limit,
        )
        return listed(await service.read.find(PIPELINE.name, query), listing)

    @router.get("/{lead_id}")
    async def show(lead_id: PathId, who: Who, response: Response) -> Answer:
        state = await visible(service, lead_id, who)
        version = await service.handle.version(lead(lead_id))
        response.headers["ETag"] = f'"{version}"'
        return {**await shown(service, state, who), "version": version}

    @router.get("/{lead_id}/explanation")
    async def explain(lead_id: PathId, who: Who) -> Answer:
        """Who got it, in which turn, and why not the others."""
        state = await visible(service, lead_id, who)
        return explained(state, await service.read.facts(lead(lead_id)), who)


def listing(row: ports.Document) -> Answer:
    return {field: value for field, value in row.items() if field not in {"awaits", "unknown"}}
