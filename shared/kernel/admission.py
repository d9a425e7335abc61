"""The door for claims: bytes that we did not write are checked before anybody believes them."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from shared.contracts.event import Event
from shared.contracts.ids import named
from shared.kernel.claim import Claim, Claimed, Origin, RejectClaim, rejection
from shared.kernel.consumer import Consumer, Effects, Place
from shared.kernel.errors import Malformed, Refused
from shared.kernel.handler import Cause, Handler
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import People
from shared.kernel.reactor import once
from shared.kernel.schema import admit, strictly
from shared.kernel.step import Entry, Feed
from shared.kernel.trace import traced

LARGEST = 256 * 1024
KEPT = timedelta(days=30)
Named = Annotated[str, StringConstraints(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a claim's CloudEvent must have; what else it has is the sender's business."""

    specversion: str
    id: Named
    source: Named
    type: str
    data: dict[str, Any]
    dataschema: str | None = None
    traceparent: Any = None


REPORTED: TypeAdapter[Reported] = TypeAdapter(Reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a claim is checked with, and where its personal data may go."""

    claim: Claim[Any]
    read: Read
    people: People


class Doorkeeper(Consumer):
    """Reads one inbound topic: a claim becomes our commands, or a visible rejection."""

    def __init__(self, admission: Admission, handle: Handler, feed: Feed, place: Place) -> None:
        super().__init__(f"{place.context}.{admission.claim.topic}", feed, place)
        self._admission, self._handle = admission, handle

    async def apply(self, entry: Entry, effects: Effects) -> None:
        origin = await self._keep(entry)
        try:
            claimed, claim = self._checked(entry.raw, origin)
            asked = once(await self._react()(claim, claimed), self.name)
            for stream, command in asked.items():
                await self._handle(stream, command, self._cause(claimed))
        except Refused as refusal:
            await self._reject(origin, refusal)

    async def _keep(self, entry: Entry) -> Origin:
        digest, now = sha256(entry.raw).hexdigest(), self._place.clock()
        raw_id = named(entry.log, entry.position, digest)
        await self._admission.people.keep(raw_id, entry.raw, until=now + KEPT)
        return Origin(
            topic=self._admission.claim.topic,
            log=entry.log,
            position=entry.position,
            raw_id=raw_id,
            sha256=digest,
        )

    def _checked(self, raw: bytes, origin: Origin) -> tuple[Claimed, Any]:
        if len(raw) > LARGEST:
            raise Malformed("claim-too-large", f"at most {LARGEST} bytes")
        try:
            reported = REPORTED.validate_python(strictly(raw))
        except ValueError as error:
            raise Malformed("claim-malformed", _told(error)) from None
        fact = self._admission.claim.fact
        if not _speaks(reported, fact):
            raise Malformed("claim-version-unknown", "a CloudEvent 1.0 of this topic's type")
        claim = admit(fact, json.dumps(reported.data).encode())
        commandid = named(reported.source, reported.id)
        return Claimed(
            commandid=commandid,
            source=reported.source,
            id=reported.id,
            at=self._place.clock(),
            origin=origin,
            traceparent=traced(reported.traceparent),
        ), claim

    def _react(self) -> Callable[[Any, Claimed], Awaitable[Iterable[Asked]]]:
        own = self._admission
        return lambda claim, claimed: own.claim.react(claim, claimed, own.read, own.people)

    def _cause(self, claimed: Claimed) -> Cause:
        return Cause(
            commandid=claimed.commandid,
            actor=claimed.source[:200],
            correlationid=claimed.commandid,
            outside=True,
            traceparent=claimed.traceparent,
        )

    async def _reject(self, origin: Origin, refusal: Refused) -> None:
        command = RejectClaim(
            origin=origin, slug=refusal.slug, detail=refusal.detail, at=self._place.clock()
        )
        commandid = named(origin.raw_id, refusal.slug)
        cause = Cause(commandid=commandid, actor=self.name, correlationid=commandid)
        await self._handle(rejection(self._place.context, origin), command, cause)


def _speaks(reported: Reported, fact: type[Event]) -> bool:
    """A sender may name its own schema; ours in another version we would misread."""
    ours = re.search(rf"\b{fact.__name__}\.v[0-9]+\.json$", reported.dataschema or "")
    known = ours is None or ours[0] == fact.schema_name()
    return known and (reported.specversion, reported.type) == ("1.0", fact.__name__)


def _told(error: ValueError) -> str:
    """Where and why, never the value: it may name a person."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'/'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
    return str(error)
