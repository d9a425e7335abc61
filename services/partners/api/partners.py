"""/v1/partners: shape in, command, shape out. No rule lives here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from services.partners.domain.commands import (
    ChangeLevel,
    EnrolPartner,
    PartnerCommand,
    ReinstatePartner,
    SetCreditLimit,
    SuspendPartner,
)
from services.partners.domain.partner import Enrolled
from shared.contracts.ids import Id
from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.kernel.ports import Condition, Query
from shared.runtime.context import Service
from shared.runtime.http import (
    Body,
    By,
    Cursor,
    Instant,
    Limit,
    Text,
    Who,
    allow,
    answered,
    listed,
    own,
)

MANAGERS = allow("manager", "director", "operations")
CREDIT = allow("manager", "director", "operations", "finance")
PartnerId = Annotated[Id, Path()]
Answer = dict[str, object]


class Enrolment(Body):
    partner_id: Id
    type: Text
    level: Text
    regions: tuple[Text, ...] = ()
    industries: tuple[Text, ...] = ()
    product_lines: tuple[Text, ...] = ()
    at: Instant | None = None


class Level(Body):
    level: Text


class Suspension(Body):
    reason: Text = "unspecified"


class CreditLimit(Body):
    limit: Money


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/partners", tags=["partners"])

    async def ask(partner_id: str, command: PartnerCommand, by: By, response: Response) -> Answer:
        done = await service.handle(stream(partner_id), command, by)
        return answered(response, "partners", done, partner_id=partner_id)

    @router.post("", status_code=201, dependencies=[MANAGERS])
    async def enrol(body: Enrolment, by: By, response: Response) -> Answer:
        told = dict(body) | {"at": body.at or service.clock()}
        return await ask(body.partner_id, EnrolPartner(**told), by, response)

    @router.post("/{partner_id}/level", dependencies=[MANAGERS])
    async def level(partner_id: PartnerId, body: Level, by: By, response: Response) -> Answer:
        command = ChangeLevel(level=body.level, at=service.clock())
        return await ask(partner_id, command, by, response)

    @router.post("/{partner_id}/suspension", dependencies=[MANAGERS])
    async def suspend(
        partner_id: PartnerId, by: By, response: Response, body: Suspension | None = None
    ) -> Answer:
        reason = (body or Suspension()).reason
        command = SuspendPartner(reason=reason, at=service.clock())
        return await ask(partner_id, command, by, response)

    @router.post("/{partner_id}/reinstatement", dependencies=[MANAGERS])
    async def reinstate(partner_id: PartnerId, by: By, response: Response) -> Answer:
        return await ask(partner_id, ReinstatePartner(at=service.clock()), by, response)

    @router.post("/{partner_id}/credit-limit", dependencies=[CREDIT])
    async def limit(
        partner_id: PartnerId, body: CreditLimit, by: By, response: Response
    ) -> Answer:
        command = SetCreditLimit(limit=body.limit, at=service.clock())
        return await ask(partner_id, command, by, response)

    _reads(router, service)
    return router


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("/{partner_id}")
    async def show(partner_id: PartnerId, who: Who, response: Response) -> Answer:
        own(who, partner_id, "partner-not-found")
        partner = await service.read.fold(stream(partner_id))
        if not isinstance(partner, Enrolled):
            raise NotFound("partner-not-found", "enrol it first")
        version = await service.handle.version(stream(partner_id))
        response.headers["ETag"] = f'"{version}"'
        return {**document(partner), "version": version}

    @router.get("")
    async def register(
        who: Who, level: Literal[""] | Text = "", cursor: Cursor = None, limit: Limit = 50
    ) -> Answer:
        wanted: tuple[Condition, ...] = (("level", "eq", level),) if level else ()
        query = Query((*who.scope(), *wanted), cursor=cursor, limit=limit)
        return listed(await service.read.find("partners.register", query))


def stream(partner_id: str) -> str:
    return f"partners.partner-{partner_id}"
