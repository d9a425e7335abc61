"""/v1/order-rule: who must agree to orders; published in versions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response

from services.orders.api.answers import Shown
from services.orders.domain.approval.approving import DEFAULT_RULE
from services.orders.domain.approval.commands import PublishOrderRule
from services.orders.domain.streams import ORDER_RULE
from shared.kernel.approvals import Rule
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import STAFF, By, allow, answered
from shared.runtime.ruling import CONDITIONS, STEPS, ConditionBody, RuleBody, StepBody

RULING = allow("director", "operations")
READING = allow(*STAFF)


class OrderCondition(ConditionBody):
    """`product_line` is known of orders that have only one."""

    field: Literal["partner_id", "region", "customer_id", "product_line"]


class OrderStep(StepBody):
    """Its bands are of the net total, with that of linked orders."""

    conditions: Annotated[tuple[OrderCondition, ...], CONDITIONS] = ()


class OrderRule(RuleBody):
    steps: Annotated[tuple[OrderStep, ...], STEPS]


def rule_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/order-rule", tags=["orders"])

    @router.post("", status_code=201, dependencies=[RULING])
    async def publish(body: OrderRule, by: By, response: Response) -> Shown:
        """Orders that wait keep the version that made their route."""
        command = PublishOrderRule(rule=body.rule(DEFAULT_RULE.id), at=service.clock())
        done = await service.handle(ORDER_RULE, command, by)
        return answered(response, "orders", done, rule=document(command.rule))

    @router.get("", dependencies=[READING])
    async def rule() -> Shown:
        known: Rule = await service.read.fold(ORDER_RULE)
        return {"rule": document(known)}

    return router
