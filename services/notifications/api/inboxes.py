"""An inbox is read by whom it belongs to; staff may look into any."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.notifications.api.whose import themselves
from services.notifications.domain.commands import AcknowledgeNotification
from services.notifications.domain.message import message_stream
from services.notifications.projections import INBOXES
from shared.kernel.ports import Condition, Document
from shared.kernel.ports import Query as Find
from shared.runtime.context import Service
from shared.runtime.http import By, Cursor, Limit, Text, Who, allow, answered, listed


@dataclass(frozen=True, slots=True)
class About:
    """`recipient`: one's own unless named."""

    recipient: Annotated[Text | None, Query()] = None
    rule: Annotated[Text | None, Query()] = None
    subject: Annotated[str | None, Query(max_length=400)] = None


def add(router: APIRouter, service: Service) -> None:
    @router.get("/notifications")
    async def inbox(
        who: Who, about: Annotated[About, Depends()], cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """The latest first."""
        asked = {
            "recipient": about.recipient or themselves(who),
            "rule": about.rule,
            "subject": about.subject,
        }
        where: list[Condition] = [(name, "eq", value) for name, value in asked.items() if value]
        query = Find((*who.scope(), *where), sort="-raised_at", cursor=cursor, limit=limit)
        return listed(await service.read.find(INBOXES.name, query))

    @router.post(
        "/notifications/{notification_id}/acknowledgement",
        dependencies=[allow("partner", "sales", "manager", "finance", "director", "operations")],
    )
    async def acknowledge(notification_id: UUID, who: Who, by: By, response: Response) -> Document:
        recipient = themselves(who)
        command = AcknowledgeNotification(recipient=recipient, at=service.clock())
        done = await service.handle(message_stream(notification_id), command, by)
        told = {"notification_id": str(notification_id), "recipient": recipient}
        return answered(response, "notifications", done, **told)
