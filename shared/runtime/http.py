"""What routes are made of: who asks, which command it is, how an answer looks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, cast, get_args

from fastapi import Depends, Query, Request, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StringConstraints,
)

from shared.contracts.ids import named
from shared.kernel.errors import Forbidden, Malformed, NotFound
from shared.kernel.handler import Cause, Done
from shared.kernel.ports import Condition, Page
from shared.kernel.trace import traced
from shared.runtime.reading import header, reads
from shared.runtime.telemetry import current_traceparent

REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[!-~]{1,255}")
VERSION = re.compile(r'(?:W/)?"?([0-9]{1,18})"?')
Role = Literal[
    "partner", "sales", "manager", "marketing", "finance", "director", "operations", "auditor"
]
STAFF: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "partner")


class Body(BaseModel):
    """A request's body: unknown fields are refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A verified token. `partner_id` is set for the role partner only."""

    issuer: str
    subject: str
    role: Role
    partner_id: str | None = None
    regions: tuple[str, ...] = ()

    def sees(self, partner_id: str | None) -> bool:
        return self.role != "partner" or self.partner_id == partner_id

    def scope(self, field: str = "partner_id") -> tuple[Condition, ...]:
        """The condition that is and-ed to every list this caller asks for."""
        return () if self.role != "partner" else ((field, "eq", self.partner_id),)


async def caller(request: Request) -> Caller:
    """The app's token middleware has verified it, or the request never came here."""
    return cast(Caller, request.state.caller)


Who = Annotated[Caller, Depends(caller)]


def allow(*roles: Role) -> Any:
    """As a route's dependency: only these roles may call it."""

    async def check(request: Request) -> None:
        if (await caller(request)).role not in roles:
            raise Forbidden("role-insufficient", f"ask someone with role {' or '.join(roles)}")

    return Depends(check)


@reads(
    header("idempotency-key", "one key for one command, also when it is sent again", needed=True),
    header("if-match", "the version that the command is meant for, as an ETag told it"),
    header("traceparent", "W3C Trace Context: stored with the facts"),
)
async def cause(request: Request) -> Cause:
    """One request, one command id: uuid5 of the client and its Idempotency-Key."""
    told = request.headers
    key, if_match, traceparent = map(told.get, ("idempotency-key", "if-match", "traceparent"))
    if key is None:
        raise Malformed("idempotency-key-missing", "send an Idempotency-Key of 1–255 characters")
    if not KEY.fullmatch(key):
        raise Malformed("idempotency-key-malformed", "1–255 visible ASCII characters")
    who = await caller(request)
    commandid = named(who.issuer, who.subject, key)
    return Cause(
        commandid=commandid,
        actor=who.subject,
        correlationid=commandid,
        outside=True,
        expected=version_of(if_match),
        traceparent=current_traceparent() or traced(traceparent),
    )


def version_of(if_match: str | None) -> int | None:
    if if_match in {None, "*"}:
        return None
    if shown := VERSION.fullmatch(str(if_match)):
        return int(shown[1])
    raise Malformed("if-match-malformed", "If-Match is the quoted version of the last answer")


By = Annotated[Cause, Depends(cause)]


def own(who: Caller, partner_id: str | None, slug: str) -> None:
    """Another partner's object and a missing one cannot be told apart."""
    if not who.sees(partner_id):
        raise NotFound(slug)


def answered(response: Response, context: str, done: Done, **body: object) -> dict[str, object]:
    """The body of a command's answer, with its version and the token to read it back.

    A repeat is answered like the first time; only a header tells.
    """
    token = f"{context}:{done.position}"
    response.headers["ETag"] = f'"{done.version}"'
    response.headers["Qudao-Token"] = token
    if not done.fresh:
        response.headers[REPLAYED] = "true"
    return {**body, "version": done.version, "token": token}


def reachable(instant: datetime) -> datetime:
    """In every zone."""
    if not 1 < instant.year < 9_999:  # noqa: PLR2004
        raise ValueError("an instant of the years 2 to 9998")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(reachable)]
Cursor = Annotated[str | None, Query(max_length=2_048)]
Limit = Annotated[int, Query(ge=1, le=200)]
Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


def listed(page: Page, shown: Callable[[dict[str, Any]], Any] | None = None) -> dict[str, Any]:
    items: Sequence[Any] = page.documents if shown is None else [*map(shown, page.documents)]
    return {"items": items, "cursor": page.cursor}
