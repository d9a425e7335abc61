"""/v1/registration-rule: who approves registrations; published in versions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from services.leads.api.shapes import MANAGERS, STAFF, Answer
from services.leads.domain.deals.commands import PublishRegistrationRule
from services.leads.domain.deals.reviewing import DEFAULT_RULE
from services.leads.domain.streams import REGISTRATION_RULE
from shared.contracts.approvals import Seat
from shared.contracts.money import Money
from shared.kernel.approvals import Band, Condition, Rule, Step
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Text, answered


class BandIn(Body):
    op: Literal[">", ">=", "<", "<="]
    amount: Money


class RegistrationCondition(Body):
    field: Literal["partner_id", "region", "product_line", "industry"]
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]


class RegistrationStep(Body):
    """`all` is 会签, `any` is 或签; after `hours` it goes to the next of `escalation`."""

    name: Text
    mode: Literal["all", "any"] = "all"
    seats: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=20)]
    bands: Annotated[tuple[BandIn, ...], Field(max_length=4)] = ()
    conditions: Annotated[tuple[RegistrationCondition, ...], Field(max_length=10)] = ()
    hours: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    escalation: Annotated[tuple[Seat, ...], Field(max_length=10)] = ()

    def step(self) -> Step:
        return Step(
            name=self.name,
            mode=self.mode,
            seats=self.seats,
            bands=tuple(Band(**dict(one)) for one in self.bands),
            conditions=tuple(Condition(**dict(one)) for one in self.conditions),
            hours=self.hours,
            escalation=self.escalation,
        )


class RuleIn(Body):
    version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    steps: Annotated[tuple[RegistrationStep, ...], Field(max_length=20)]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/registration-rule", tags=["leads"])

    @router.post("", status_code=201, dependencies=[MANAGERS])
    async def publish(body: RuleIn, by: By, response: Response) -> Answer:
        """Registrations in review keep the version that made their route."""
        steps = tuple(one.step() for one in body.steps)
        rule = Rule(id=DEFAULT_RULE.id, version=body.version, steps=steps)
        command = PublishRegistrationRule(rule=rule, at=service.clock())
        done = await service.handle(REGISTRATION_RULE, command, by)
        return answered(response, "leads", done, rule=document(rule))

    @router.get("", dependencies=[STAFF])
    async def rule() -> Answer:
        known: Rule = await service.read.fold(REGISTRATION_RULE)
        return {"rule": document(known)}

    return router
