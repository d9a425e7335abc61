"""Whose a customer is: activities, the public pool, claims, assignments."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from services.leads.api.shapes import DESK, MANAGERS, STAFF, Answer, PathId, Short
from services.leads.domain.customer import known
from services.leads.domain.ownership.claimant import Claimant
from services.leads.domain.ownership.commands import (
    AssignCustomer,
    ClaimCustomer,
    OwnershipCommand,
    PublishPoolRules,
    RecordActivity,
)
from services.leads.domain.ownership.events import PoolRulesPublished, PoolTerms
from services.leads.domain.ownership.holding import Holding
from services.leads.domain.streams import POOL, claimant, customer
from shared.contracts.calendar import Day, business_day
from shared.contracts.ids import Label
from shared.kernel.codec import document
from shared.kernel.errors import Refused
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Instant, Text, Who, answered


class CustomerActivity(Body):
    """It happened now unless it says when; by its owner unless it says by whom."""

    kind: Text
    happened_at: Instant | None = None
    by: Label | None = None
    effective: bool = True
    note: Short = ""
    next_action: Text | None = None
    next_on: Day | None = None


class OwnerAssignment(Body):
    owner: Label


class PoolRules(Body):
    claims: bool = True
    claims_a_day: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    cool_down_days: Annotated[int, Field(ge=0, le=3_650)] = 7


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["leads"])
    _customers(router, service)
    _pool(router, service)
    return router


async def ask(
    service: Service,
    customer_id: str,
    command: OwnershipCommand,
    by: Cause,
    response: Response,
) -> Answer:
    done = await service.handle(customer(customer_id), command, by)
    firm = known(await service.read.fold(customer(customer_id)))
    told = owned(firm.holding)
    return answered(response, "leads", done, customer_id=customer_id, **told)


def owned(holding: Holding) -> Answer:
    return {
        "owner": holding.owner,
        "pool": "public" if holding.pooled else holding.status,
        "claimant": holding.claimant,
        "previous_owner": holding.loss.owner if holding.loss else None,
        "disputed_by": holding.disputed_by,
        "silent_since": document(holding.since),
        "last_contact": document(holding.last_contact),
        "next_action": holding.next_action,
        "next_on": document(holding.next_on),
    }


def _customers(router: APIRouter, service: Service) -> None:
    @router.post("/customers/{customer_id}/activities", status_code=201, dependencies=[DESK])
    async def activity(
        customer_id: PathId, body: CustomerActivity, by: By, who: Who, response: Response
    ) -> Answer:
        """An effective one keeps the customer; recorded late it may bring it back."""
        command = RecordActivity(
            kind=body.kind,
            happened_at=body.happened_at,
            by=body.by or (who.subject if who.role == "sales" else None),
            effective=body.effective,
            note=body.note,
            next_action=body.next_action,
            next_on=body.next_on,
            at=service.clock(),
        )
        return await ask(service, customer_id, command, by, response)

    @router.post("/customers/{customer_id}/claim", dependencies=[DESK])
    async def claim(customer_id: PathId, by: By, who: Who, response: Response) -> Answer:
        """It is kept for the claimant; owned as soon as the day's claims are counted."""
        pool: PoolRulesPublished = await service.read.fold(POOL)
        command = ClaimCustomer(claimant=who.subject, found=pool.terms, at=service.clock())
        await within(service, customer_id, command)
        return await ask(service, customer_id, command, by, response)

    @router.post("/customers/{customer_id}/assignment", dependencies=[MANAGERS])
    async def assign(
        customer_id: PathId, body: OwnerAssignment, by: By, response: Response
    ) -> Answer:
        """Out of the pool, or away from whose it is; it settles a dispute."""
        command = AssignCustomer(owner=body.owner, at=service.clock())
        return await ask(service, customer_id, command, by, response)


async def within(service: Service, customer_id: str, command: ClaimCustomer) -> None:
    """Said early; in the end the claimant's own stream counts."""
    firm = known(await service.read.fold(customer(customer_id)))
    claims: Claimant = await service.read.fold(claimant(command.claimant))
    most = command.found.claims_a_day
    if firm.holding.holder == command.claimant:
        return  # perhaps this very claim again
    if firm.holding.pooled and claims.on(business_day(command.at)) >= most:
        raise Refused("claim-cap-reached", f"{most} customers a day: claim it tomorrow")


def _pool(router: APIRouter, service: Service) -> None:
    @router.post("/pool-rules", status_code=201, dependencies=[MANAGERS])
    async def publish(body: PoolRules, by: By, response: Response) -> Answer:
        command = PublishPoolRules(terms=PoolTerms(**dict(body)), at=service.clock())
        done = await service.handle(POOL, command, by)
        return answered(response, "leads", done)

    @router.get("/pool-rules", dependencies=[STAFF])
    async def rules() -> Answer:
        pool: PoolRulesPublished = await service.read.fold(POOL)
        return {"rules_version": pool.version, **document(pool.terms)}
