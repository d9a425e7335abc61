"""/v1/registration-rule: who approves registrations; published in versions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response

from services.leads.api.shapes import MANAGERS, STAFF, Answer
from services.leads.domain.deals.commands import PublishRegistrationRule
from services.leads.domain.deals.reviewing import DEFAULT_RULE
from services.leads.domain.streams import REGISTRATION_RULE
from shared.kernel.approvals import Rule
from shared.kernel.codec import document
from shared.runtime.context import Service
from shared.runtime.http import By, answered
from shared.runtime.ruling import CONDITIONS, STEPS, ConditionBody, RuleBody, StepBody


class RegistrationCondition(ConditionBody):
    field: Literal["partner_id", "region", "product_line", "industry"]


class RegistrationStep(StepBody):
    conditions: Annotated[tuple[RegistrationCondition, ...], CONDITIONS] = ()


class RegistrationRule(RuleBody):
    steps: Annotated[tuple[RegistrationStep, ...], STEPS]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/registration-rule", tags=["leads"])

    @router.post("", status_code=201, dependencies=[MANAGERS])
    async def publish(body: RegistrationRule, by: By, response: Response) -> Answer:
        """Registrations in review keep the version that made their route."""
        command = PublishRegistrationRule(rule=body.rule(DEFAULT_RULE.id), at=service.clock())
        done = await service.handle(REGISTRATION_RULE, command, by)
        return answered(response, "leads", done, rule=document(command.rule))

    @router.get("", dependencies=[STAFF])
    async def rule() -> Answer:
        known: Rule = await service.read.fold(REGISTRATION_RULE)
        return {"rule": document(known)}

    return router
