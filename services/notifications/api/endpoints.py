"""Endpoints: where else somebody wants to be told. Addresses and secrets lie with the people."""

import base64
import secrets
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from services.notifications.api.whose import own, themselves
from services.notifications.domain.outgoing.commands import (
    DisableEndpoint,
    EnableEndpoint,
    EndpointCommand,
    RegisterEndpoint,
    ReplaceSecret,
)
from services.notifications.domain.outgoing.endpoint import (
    WEBHOOK,
    Endpoint,
    endpoint_stream,
)
from services.notifications.projections import ENDPOINT_LIST
from shared.contracts.ids import Id, named
from shared.kernel.errors import Malformed, NotFound, Refused
from shared.kernel.handler import Cause, Done
from shared.kernel.ports import Condition, Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import (
    Body,
    By,
    Caller,
    Cursor,
    Limit,
    Role,
    Text,
    Who,
    allow,
    answered,
    listed,
)

MAY: tuple[Role, ...] = (
    "partner",
    "sales",
    "manager",
    "marketing",
    "finance",
    "director",
    "operations",
)
SECRET_BYTES = 32
Owner = Annotated[
    str,
    StringConstraints(
        pattern=r"^(partner:[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
        r"|role:(sales|manager|marketing|finance|director|operations|auditor))$"
    ),
]
Address = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$")
]


class EndpointBody(Body):
    """`address`: the url of a webhook, a mail address, or the key (token) of a robot, whose own
    signing secret, where it has one, is `robot_secret`. `recipient`: oneself unless named.
    """

    endpoint_id: Id
    channel: Literal["webhook", "mail", "wecom", "dingtalk", "feishu"]
    address: Address
    robot_secret: Address | None = None
    recipient: Owner | None = None
    least: Literal["info", "warning", "critical"] = "info"

    def known(self) -> dict[str, str]:
        told = {"address": self.address}
        if self.robot_secret:
            told["robot_secret"] = self.robot_secret
        return told


def add(router: APIRouter, service: Service) -> None:
    desk = Desk(service)

    @router.get("/notifications/endpoints")
    async def endpoints(
        who: Who,
        recipient: Annotated[Text | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Document:
        """Their standing, without addresses."""
        where: list[Condition] = [("recipient", "eq", recipient or themselves(who))]
        query = Find((*who.scope(), *where), cursor=cursor, limit=limit)
        return listed(await service.read.find(ENDPOINT_LIST.name, query))

    @router.post("/notifications/endpoints", status_code=201, dependencies=[allow(*MAY)])
    async def register(body: EndpointBody, who: Who, by: By, response: Response) -> Document:
        """A webhook's answer holds the secret that its deliveries are signed with."""
        owner = body.recipient or themselves(who)
        own(who, owner, "recipient-not-found")
        await desk.vet(body)
        person_id, known = await desk.kept(by, body.channel, body.known())
        command = RegisterEndpoint(
            endpoint_id=body.endpoint_id,
            owner=owner,
            partner_id=owner.removeprefix("partner:") if owner.startswith("partner:") else None,
            channel=body.channel,
            person_id=person_id,
            least=body.least,
            at=service.clock(),
        )
        done = await desk.handled(body.endpoint_id, command, by, person_id)
        return answered(response, "notifications", done, **told(body.endpoint_id, known))

    @router.post(
        "/notifications/endpoints/{endpoint_id}/secret",
        status_code=201,
        dependencies=[allow(*MAY)],
    )
    async def rotate(endpoint_id: Id, who: Who, by: By, response: Response) -> Document:
        """A new secret; for 24 hours deliveries are signed with both."""
        endpoint = await desk.endpoint(endpoint_id, who)
        before = (await service.people.get_many([endpoint.person_id])).get(endpoint.person_id, {})
        person_id, known = await desk.kept(by, endpoint.fact.channel, before)
        command = ReplaceSecret(person_id=person_id, at=service.clock())
        done = await desk.handled(endpoint_id, command, by, person_id)
        return answered(response, "notifications", done, **told(endpoint_id, known))

    @router.post("/notifications/endpoints/{endpoint_id}/disabling", dependencies=[allow(*MAY)])
    async def disable(endpoint_id: Id, who: Who, by: By, response: Response) -> Document:
        await desk.endpoint(endpoint_id, who)
        done = await desk.handled(endpoint_id, DisableEndpoint(at=service.clock()), by)
        return answered(response, "notifications", done, endpoint_id=endpoint_id)

    @router.post("/notifications/endpoints/{endpoint_id}/enabling", dependencies=[allow(*MAY)])
    async def enable(endpoint_id: Id, who: Who, by: By, response: Response) -> Document:
        await desk.endpoint(endpoint_id, who)
        done = await desk.handled(endpoint_id, EnableEndpoint(at=service.clock()), by)
        return answered(response, "notifications", done, endpoint_id=endpoint_id)


class Desk:
    """What these routes have in common."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def endpoint(self, endpoint_id: str, who: Caller) -> Endpoint:
        found = await self._service.read.fold(endpoint_stream(endpoint_id))
        if not isinstance(found, Endpoint):
            raise NotFound("endpoint-not-found")
        own(who, found.fact.owner, "endpoint-not-found")
        return found

    async def vet(self, body: EndpointBody) -> None:
        if (carrier := self._service.carriers.get(body.channel)) is None:
            raise Malformed("channel-unavailable", "this installation has no such channel")
        await carrier.vet(body.known())

    async def kept(
        self, by: Cause, channel: str, known: dict[str, str]
    ) -> tuple[UUID, dict[str, str]]:
        """Under an id of this request's own: a repeat finds what the first one kept."""
        person_id = named(by.commandid, "endpoint")
        if there := (await self._service.people.get_many([person_id])).get(person_id):
            return person_id, there
        if channel == WEBHOOK:
            fresh = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
            known = known | {"secret": f"whsec_{fresh}"}
        await self._service.people.put(person_id, known)
        return person_id, known

    async def handled(
        self, endpoint_id: str, command: EndpointCommand, by: Cause, kept: UUID | None = None
    ) -> Done:
        """What was kept for a command that is refused is forgotten."""
        try:
            return await self._service.handle(endpoint_stream(endpoint_id), command, by)
        except Refused as refusal:
            if kept and refusal.slug != "idempotency-key-reused":
                await self._service.people.forget(kept)
            raise


def told(endpoint_id: str, known: dict[str, str]) -> Document:
    shown = {"secret": known["secret"]} if "secret" in known else {}
    return {"endpoint_id": endpoint_id, **shown}
