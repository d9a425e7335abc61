"""/v1/order-rule: who must agree to orders; published in versions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from services.orders.api.answers import Shown
from services.orders.domain.approval.approving import DEFAULT_RULE
from services.orders.domain.approval.commands import (
    PublishOrderRule,
)
from services.orders.domain.streams import ORDER_RULE
from shared.contracts.approvals import Seat
from shared.contracts.money import Money
from shared.kernel.approvals import Band, Condition, Rule, Step
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import STAFF, Body, By, Text, allow, answered

RULING = allow("director", "operations")
READING = allow(*STAFF)


class OrderBand(Body):
    """Of the net total, with that of linked orders; in another currency it is always asked."""

    op: Literal[">", ">=", "<", "<="]
    amount: Money


class OrderCondition(Body):
    """`product_line` is known of orders that have only one."""

    field: Literal["partner_id", "region", "customer_id", "product_line"]
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]


class OrderStep(Body):
    """`all` is 会签, `any` is 或签; after `hours` it goes to the next of `escalation`."""

    name: Text
    mode: Literal["all", "any"] = "all"
    seats: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=20)]
    bands: Annotated[tuple[OrderBand, ...], Field(max_length=4)] = ()
    conditions: Annotated[tuple[OrderCondition, ...], Field(max_length=10)] = ()
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


class OrderRule(Body):
    version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    steps: Annotated[tuple[OrderStep, ...], Field(max_length=20)]


def rule_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/order-rule", tags=["orders"])

    @router.post("", status_code=201, dependencies=[RULING])
    async def publish(body: OrderRule, by: By, response: Response) -> Shown:
        """Orders that wait keep the version that made their route."""
        steps = tuple(one.step() for one in body.steps)
        rule = Rule(id=DEFAULT_RULE.id, version=body.version, steps=steps)
        command = PublishOrderRule(rule=rule, at=service.clock())
        done = await service.handle(ORDER_RULE, command, by)
        return answered(response, "orders", done, rule=document(rule))

    @router.get("", dependencies=[READING])
    async def rule() -> Shown:
        known: Rule = await service.read.fold(ORDER_RULE)
        return {"rule": document(known)}

    return router
