"""What people do with a lead: answer an offer, recall it, help out, close."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from services.leads.api.rules import Hours
from services.leads.api.shapes import DESK, Answer, PathId, Short
from services.leads.domain.commands import (
    AcceptLead,
    CloseLead,
    DeclineLead,
    LeadCommand,
    PickPartner,
    RecallLead,
    RetryLead,
)
from services.leads.domain.events import Sla
from services.leads.domain.offers import Absent, Lead, status
from services.leads.domain.partner import Partner
from services.leads.domain.streams import lead, partner
from shared.contracts.ids import Id
from shared.kernel.errors import Refused
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Text, Who, allow, answered

ANSWERING = allow("partner", "sales", "manager", "operations", "director", "finance")
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class Acceptance(Body):
    offer: Number


class Decline(Body):
    offer: Number
    reason: Text = "unspecified"


class Recall(Body):
    offer: Number | None = None
    reason: Short = ""


class Closing(Body):
    outcome: Text
    reason: Short = ""


class LeadAssignment(Body):
    partner_id: Id
    sla_hours: Hours = 8
    working_hours: bool = True
    calendar_id: Id | None = None

    def sla(self) -> Sla:
        return Sla(
            hours=self.sla_hours,
            working_hours=self.working_hours,
            calendar_id=self.calendar_id,
        )


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/leads/{lead_id}", tags=["leads"])

    async def ask(lead_id: str, command: LeadCommand, by: Cause, response: Response) -> Answer:
        done = await service.handle(lead(lead_id), command, by)
        state: Lead = await service.read.fold(lead(lead_id))
        now = None if isinstance(state, Absent) else status(state)
        return answered(response, "leads", done, lead_id=lead_id, status=now)

    @router.post("/acceptance", dependencies=[ANSWERING])
    async def accept(
        lead_id: PathId, body: Acceptance, who: Who, by: By, response: Response
    ) -> Answer:
        command = AcceptLead(offer=body.offer, partner_id=who.partner_id, at=service.clock())
        return await ask(lead_id, command, by, response)

    @router.post("/decline", dependencies=[ANSWERING])
    async def decline(
        lead_id: PathId, body: Decline, who: Who, by: By, response: Response
    ) -> Answer:
        command = DeclineLead(
            offer=body.offer,
            partner_id=who.partner_id,
            reason=body.reason,
            at=service.clock(),
        )
        return await ask(lead_id, command, by, response)

    @router.post("/closing", dependencies=[ANSWERING])
    async def close(
        lead_id: PathId, body: Closing, who: Who, by: By, response: Response
    ) -> Answer:
        command = CloseLead(
            partner_id=who.partner_id,
            outcome=body.outcome,
            reason=body.reason,
            at=service.clock(),
        )
        return await ask(lead_id, command, by, response)

    @router.post("/recall", dependencies=[DESK])
    async def recall(
        lead_id: PathId, by: By, response: Response, body: Recall | None = None
    ) -> Answer:
        asked = body or Recall()
        command = RecallLead(offer=asked.offer, reason=asked.reason, at=service.clock())
        return await ask(lead_id, command, by, response)

    @router.post("/assignment", dependencies=[DESK])
    async def assign(lead_id: PathId, body: LeadAssignment, by: By, response: Response) -> Answer:
        """By hand, out of the overflow queue."""
        await fit(service, body.partner_id)
        command = PickPartner(partner_id=body.partner_id, sla=body.sla(), at=service.clock())
        return await ask(lead_id, command, by, response)

    @router.post("/retry", dependencies=[DESK])
    async def retry(lead_id: PathId, by: By, response: Response) -> Answer:
        """Out of the overflow queue, to the rules again."""
        return await ask(lead_id, RetryLead(at=service.clock()), by, response)

    return router


async def fit(service: Service, partner_id: str) -> None:
    known: Partner = await service.read.fold(partner(partner_id))
    if known.coverage is None:
        raise Refused("partner-unknown", f"leads has not heard of {partner_id} yet")
    if known.suspended:
        raise Refused("partner-suspended", f"{partner_id} gets nothing while it is suspended")
