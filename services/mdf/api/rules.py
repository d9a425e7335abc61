"""/v1/mdf/templates and /approval-rule: what maintainers of the programme publish."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.mdf.api.answers import Shown
from services.mdf.api.bodies import ApprovalRule, Template
from services.mdf.domain.commands import PublishApprovalRule, PublishTemplate
from services.mdf.domain.documents import TemplateVersion
from services.mdf.domain.published import DEFAULT_RULE
from services.mdf.domain.streams import rule_stream, template_stream
from shared.contracts.ids import Id
from shared.kernel.approvals import Rule
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.runtime.context import Service
from shared.runtime.http import STAFF, By, Who, allow, answered

PUBLISHING = allow("manager", "marketing", "director", "operations")
RULING = allow("director", "operations")
READING = allow(*STAFF)


def rule_routes(service: Service) -> APIRouter:
    router = APIRouter()

    @router.post("/templates", status_code=201, dependencies=[PUBLISHING])
    async def template(body: Template, by: By, response: Response) -> Shown:
        """A kind of activity with the checklist of its evidence."""
        command = PublishTemplate(template=body.told(), at=service.clock())
        done = await service.handle(template_stream(body.template_id), command, by)
        return answered(response, "mdf", done, **document(command.template))

    @router.get("/templates/{template_id}")
    async def shown(template_id: Annotated[Id, Path()], who: Who) -> Shown:
        known: TemplateVersion | None = await service.read.fold(template_stream(template_id))
        if known is None:
            raise NotFound("template-not-found")
        return document(known)  # type: ignore[no-any-return]

    @router.post("/approval-rule", status_code=201, dependencies=[RULING])
    async def rule(body: ApprovalRule, by: By, response: Response) -> Shown:
        """Requests on their way keep the version that made their route."""
        command = PublishApprovalRule(rule=body.rule(DEFAULT_RULE.id), at=service.clock())
        done = await service.handle(rule_stream(DEFAULT_RULE.id), command, by)
        return answered(response, "mdf", done, **document(command.rule))

    @router.get("/approval-rule", dependencies=[READING])
    async def present(who: Who) -> Shown:
        known: Rule = await service.read.fold(rule_stream(DEFAULT_RULE.id))
        return document(known)  # type: ignore[no-any-return]

    return router
