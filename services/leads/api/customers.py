"""Customers: registered once, held against those that we know."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.leads.api.ownership import owned
from services.leads.api.shapes import (
    DESK,
    STAFF,
    Answer,
    Code,
    Contact,
    PathId,
    candidates,
    company,
    remember,
    sound,
)
from services.leads.domain.commands import RegisterCustomer
from services.leads.domain.customer import known
from services.leads.domain.streams import customer, customer_for
from services.leads.projections.customers import CUSTOMERS, shown
from shared.contracts.ids import Label, named
from shared.kernel import ports
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, answered, listed


class Registration(Body):
    name: Text
    uscc: Code | None = None
    region: Text
    industry: Text
    contact: Contact | None = None
    owner: Label | None = None


class Question(Body):
    name: Text
    uscc: Code | None = None


class Wanted(BaseModel):
    """What a list is asked for; the token to read one's own writes may stand beside it."""

    region: Text | None = None
    industry: Text | None = None
    uscc: Code | None = None
    pool: Literal["public", "owned", "unowned"] | None = None
    owner: Label | None = None
    cursor: Cursor = None
    limit: Limit = 50


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/customers", tags=["leads"])

    @router.post("", status_code=201, dependencies=[DESK])
    async def register(body: Registration, by: By, response: Response) -> Answer:
        firm = company(body.name, body.uscc)
        customer_id = customer_for(firm, by.commandid)
        person_id = named("person", customer_id, by.commandid) if body.contact else None
        command = RegisterCustomer(
            customer_id=customer_id,
            company=firm,
            region=body.region,
            industry=body.industry,
            person_id=person_id,
            owner=body.owner,
            at=service.clock(),
        )
        done = await service.handle(customer(customer_id), command, by)
        await remember(service, person_id, body.contact)
        found = await candidates(service.read, firm, customer_id)
        told = {"customer_id": customer_id, "uscc_valid": sound(firm.uscc), "candidates": found}
        return answered(response, "leads", done, **told)

    @router.post("/check", dependencies=[DESK])
    async def check(body: Question) -> Answer:
        """Who it might be already. It changes nothing, so it needs no Idempotency-Key."""
        firm = company(body.name, body.uscc)
        return {"candidates": await candidates(service.read, firm, passing=True)}

    _reads(router, service)
    return router


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("", dependencies=[STAFF])
    async def register(wanted: Annotated[Wanted, Query()]) -> Answer:
        where: list[ports.Condition] = [
            (field, "eq", value)
            for field in ("region", "industry", "uscc", "pool", "owner")
            if (value := getattr(wanted, field)) is not None
        ]
        query = ports.Query(where, sort="-registered_at", cursor=wanted.cursor, limit=wanted.limit)
        return listed(await service.read.find(CUSTOMERS.name, query))

    @router.get("/{customer_id}", dependencies=[STAFF])
    async def show(customer_id: PathId, response: Response) -> Answer:
        state = known(await service.read.fold(customer(customer_id)))
        version = await service.handle.version(customer(customer_id))
        response.headers["ETag"] = f'"{version}"'
        people = await service.people.get_many([state.person_id] if state.person_id else [])
        return {
            "customer_id": state.customer_id,
            "name": state.company.name,
            "uscc": state.company.uscc,
            "uscc_valid": sound(state.company.uscc),
            "region": state.region,
            "industry": state.industry,
            "contact": next(iter(people.values()), None),
            "candidates": [shown(one) for one in document(state.suspects)],
            **owned(state.holding),
            "version": version,
        }
