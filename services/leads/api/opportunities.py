"""Opportunities: opened, moved from stage to stage, won or lost."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from services.leads.api.shapes import Answer, PathId, Short
from services.leads.domain.customer import known as known_customer
from services.leads.domain.offers import Absent as NoLead
from services.leads.domain.offers import Accepted, Lead
from services.leads.domain.pipeline.commands import (
    Beginning,
    Estimate,
    GiveEvidence,
    GiveFeedback,
    LoseOpportunity,
    MoveStage,
    OpenOpportunity,
    OpportunityCommand,
    ReopenOpportunity,
    WinOpportunity,
)
from services.leads.domain.pipeline.opportunity import known
from services.leads.domain.pipeline.pursued import Opportunity, Pursued
from services.leads.domain.pipeline.stage_model import STANDARD, StageModel, in_force
from services.leads.domain.streams import customer, lead, opportunity, stage_model
from shared.contracts.calendar import Day
from shared.contracts.ids import Id, Label, named
from shared.contracts.leads import RuleVersion
from shared.contracts.money import Amount, Money
from shared.kernel.codec import document
from shared.kernel.errors import Forbidden, NotFound, Refused
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Caller, Text, Who, allow, answered

SELLING = allow("partner", "sales", "manager", "operations", "director", "finance")


class OpportunityOpening(Body):
    """Of a customer, or from a lead; what is not said is as the lead has it."""

    opportunity_id: Id | None = None
    customer_id: Id | None = None
    partner_id: Id | None = None
    lead_id: Id | None = None
    campaign: Text | None = None
    region: Text | None = None
    product_line: Text | None = None
    amount: Money
    expected_close: Day | None = None
    owner: Label | None = None
    model_id: Id = STANDARD

    @model_validator(mode="after")
    def of_somebody(self) -> "OpportunityOpening":
        if self.lead_id is None and (self.customer_id is None or self.region is None):
            raise ValueError("name the customer_id and the region, or the lead_id")
        if self.amount.amount < 0:
            raise ValueError("an amount is not negative")
        return self


class Move(Body):
    stage: Text
    reason: Short = ""


class Evidence(Body):
    """`document`: where it lies, or its hash."""

    kind: Text
    note: Short = ""
    document: Text | None = None


class Feedback(Body):
    note: Short = ""
    next_action: Text | None = None
    next_on: Day | None = None


class Estimated(Body):
    amount: Money | None = None
    expected_close: Day | None = None
    category: Literal["pipeline", "best-case", "commit", "omitted"] | None = None


class Won(Body):
    reason: Text
    amount: Money | None = None
    margin: Annotated[Amount, Field(ge=-1, le=1)] | None = None
    won_on: Day | None = None


class Lost(Body):
    reason: Text
    lost_on: Day | None = None


class Reopening(Body):
    reason: Text


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/opportunities", tags=["leads"])
    _opening(router, service)
    _pursuing(router, service)
    _closing(router, service)
    return router


async def visible(service: Service, opportunity_id: str, who: Caller) -> Pursued:
    state: Opportunity = await service.read.fold(opportunity(opportunity_id))
    if not isinstance(state, Pursued) or not who.sees(state.about.partner_id):
        raise NotFound("opportunity-not-found")
    return state


async def ask(
    service: Service,
    opportunity_id: str,
    command: OpportunityCommand,
    by: Cause,
    response: Response,
) -> Answer:
    done = await service.handle(opportunity(opportunity_id), command, by)
    one = known(await service.read.fold(opportunity(opportunity_id)))
    return answered(response, "leads", done, **summary(one))


def summary(one: Pursued) -> Answer:
    return {
        "opportunity_id": one.opportunity_id,
        "customer_id": one.about.customer_id,
        "partner_id": one.about.partner_id,
        "status": one.status,
        "stage": one.now.stage,
        "category": one.category,
        "amount": document(one.amount),
    }


def _opening(router: APIRouter, service: Service) -> None:
    @router.post("", status_code=201, dependencies=[SELLING])
    async def begin(body: OpportunityOpening, by: By, who: Who, response: Response) -> Answer:
        if not who.sees(body.partner_id or who.partner_id):
            raise Forbidden("opportunity-foreign-partner", "a partner opens its own ones")
        opportunity_id = body.opportunity_id or str(named("opportunity", by.commandid))
        if body.customer_id:
            known_customer(await service.read.fold(customer(body.customer_id)))
        command = OpenOpportunity(
            opportunity_id=opportunity_id,
            customer_id=body.customer_id,
            partner_id=body.partner_id or who.partner_id,
            lead_id=body.lead_id,
            campaign=body.campaign,
            region=body.region,
            product_line=body.product_line,
            amount=body.amount,
            expected_close=body.expected_close,
            owner=body.owner,
            found=await found(service, body, who),
            at=service.clock(),
        )
        return await ask(service, opportunity_id, command, by, response)


async def found(service: Service, body: OpportunityOpening, who: Caller) -> Beginning:
    model: StageModel = await service.read.fold(stage_model(body.model_id))
    published = in_force(model, body.model_id)
    if published is None:
        raise Refused("stage-model-unknown", f"nobody has published {body.model_id}")
    version = RuleVersion(id=published.model_id, version=published.version)
    if body.lead_id is None:
        return Beginning(model=version, stages=published.stages)
    state: Lead = await service.read.fold(lead(body.lead_id))
    holder = state.offer.partner_id if isinstance(state, Accepted) else None
    if isinstance(state, NoLead) or not (who.partner_id is None or who.sees(holder)):
        raise NotFound("lead-not-found")
    return Beginning(
        model=version,
        stages=published.stages,
        partner_id=holder,
        customer_id=state.about.customer_id,
        campaign=state.about.campaign,
        region=state.about.region,
        product_line=state.about.product_line,
    )


def _pursuing(router: APIRouter, service: Service) -> None:
    @router.post("/{opportunity_id}/stage", dependencies=[SELLING])
    async def move(
        opportunity_id: PathId, body: Move, by: By, who: Who, response: Response
    ) -> Answer:
        """One forward, with the evidence that the stage asks for; or back, with a reason."""
        await visible(service, opportunity_id, who)
        command = MoveStage(stage=body.stage, reason=body.reason, at=service.clock())
        return await ask(service, opportunity_id, command, by, response)

    @router.post("/{opportunity_id}/evidence", dependencies=[SELLING])
    async def evidence(
        opportunity_id: PathId, body: Evidence, by: By, who: Who, response: Response
    ) -> Answer:
        await visible(service, opportunity_id, who)
        command = GiveEvidence(**dict(body), at=service.clock())
        return await ask(service, opportunity_id, command, by, response)

    @router.post("/{opportunity_id}/feedback", dependencies=[SELLING])
    async def feedback(
        opportunity_id: PathId, body: Feedback, by: By, who: Who, response: Response
    ) -> Answer:
        """Ends the yellow of this visit of the stage."""
        await visible(service, opportunity_id, who)
        command = GiveFeedback(**dict(body), at=service.clock())
        return await ask(service, opportunity_id, command, by, response)

    @router.post("/{opportunity_id}/estimate", dependencies=[SELLING])
    async def estimate(
        opportunity_id: PathId, body: Estimated, by: By, who: Who, response: Response
    ) -> Answer:
        """What it is worth, when it will close, and in which category it is forecast."""
        await visible(service, opportunity_id, who)
        command = Estimate(**dict(body), at=service.clock())
        return await ask(service, opportunity_id, command, by, response)


def _closing(router: APIRouter, service: Service) -> None:
    @router.post("/{opportunity_id}/won", dependencies=[SELLING])
    async def win(
        opportunity_id: PathId, body: Won, by: By, who: Who, response: Response
    ) -> Answer:
        await visible(service, opportunity_id, who)
        command = WinOpportunity(**dict(body), at=service.clock())
        return await ask(service, opportunity_id, command, by, response)

    @router.post("/{opportunity_id}/lost", dependencies=[SELLING])
    async def lose(
        opportunity_id: PathId, body: Lost, by: By, who: Who, response: Response
    ) -> Answer:
        await visible(service, opportunity_id, who)
        command = LoseOpportunity(**dict(body), at=service.clock())
        return await ask(service, opportunity_id, command, by, response)

    @router.post("/{opportunity_id}/reopening", dependencies=[SELLING])
    async def reopen(
        opportunity_id: PathId, body: Reopening, by: By, who: Who, response: Response
    ) -> Answer:
        """Back into the stage in which it was closed."""
        await visible(service, opportunity_id, who)
        command = ReopenOpportunity(reason=body.reason, at=service.clock())
        return await ask(service, opportunity_id, command, by, response)
