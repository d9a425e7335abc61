"""What one prefers: language, quiet hours, digest."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, StringConstraints, model_validator

from services.notifications.api.whose import own, themselves
from services.notifications.domain.outgoing.commands import SetPreferences
from services.notifications.domain.outgoing.preference import preference_stream
from services.notifications.domain.outgoing.preferring import Preferences
from shared.contracts.calendar import BUSINESS
from shared.kernel.codec import document
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Text, Who, allow, answered

Wall = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Recipient = Annotated[Text | None, Query(pattern=r"^(partner|role):[A-Za-z0-9][A-Za-z0-9._-]*$")]


def zoned(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("a zone like Asia/Shanghai") from unknown


class Quiet(Body):
    """Clock times in the recipient's zone; they may go over midnight."""

    begin: Wall
    end: Wall

    @model_validator(mode="after")
    def _spans(self) -> "Quiet":
        if self.begin == self.end:
            raise ValueError("quiet hours end at another time than they begin")
        return self


class PreferencesBody(Body):
    """The whole of it: what is not said is as at the start, no quiet hours where it is null."""

    language: Literal["zh", "en"] = "zh"
    zone: Annotated[Text, AfterValidator(zoned)] = BUSINESS.key
    quiet: Quiet | None = Quiet(begin="21:00", end="08:00")
    digest_at: Wall | None = None

    def preferences(self) -> Preferences:
        return Preferences(
            language=self.language,
            zone=self.zone,
            quiet_from=self.quiet.begin if self.quiet else None,
            quiet_until=self.quiet.end if self.quiet else None,
            digest_at=self.digest_at,
        )


def add(router: APIRouter, service: Service) -> None:
    @router.get("/notifications/preferences")
    async def preferences(who: Who, recipient: Recipient = None) -> Document:
        """One's own unless named."""
        owner = recipient or themselves(who)
        own(who, owner, "recipient-not-found")
        found: Document = document(await service.read.fold(preference_stream(owner)))
        return {"recipient": owner, **found}

    @router.post(
        "/notifications/preferences",
        dependencies=[
            allow("partner", "sales", "manager", "marketing", "finance", "director", "operations")
        ],
    )
    async def prefer(
        body: PreferencesBody, who: Who, by: By, response: Response, recipient: Recipient = None
    ) -> Document:
        owner = recipient or themselves(who)
        own(who, owner, "recipient-not-found")
        command = SetPreferences(
            owner=owner,
            partner_id=owner.removeprefix("partner:") if owner.startswith("partner:") else None,
            preferences=body.preferences(),
            at=service.clock(),
        )
        done = await service.handle(preference_stream(owner), command, by)
        return answered(response, "notifications", done, recipient=owner)
