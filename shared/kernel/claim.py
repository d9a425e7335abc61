"""Claims: what other systems report on inbound topics. We record our own fact, wait, or reject."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from shared.contracts.event import Event
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import People

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a claim lies; `raw_id` finds its bytes in the People port for 30 days."""

    topic: str
    log: str
    position: int
    raw_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What we trust of a claim's CloudEvent. `commandid` = uuid5(source, id)."""

    commandid: UUID
    source: str
    id: str
    at: datetime  # our clock
    origin: Origin
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Generic[E]):
    """`react` may raise Refused: the claim is rejected, visibly, with that slug."""

    fact: type[E]
    react: Callable[[E, Claimed, Read, People], Awaitable[Iterable[Asked]]]

    @property
    def topic(self) -> str:
        return self.fact.__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectClaim:
    origin: Origin
    slug: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRejected(Event):
    """Private; the relay writes the untouched bytes to `<topic>.rejected`, slug in the headers."""

    origin: Origin
    slug: str
    detail: str


def _decide(command: RejectClaim, rejected: bool) -> list[ClaimRejected]:
    if rejected:
        return []
    return [ClaimRejected(origin=command.origin, slug=command.slug, detail=command.detail)]


REJECTION = Aggregate(
    name="rejection",
    decider=Decider(_decide, lambda _, __: True, False),
    facts=(ClaimRejected,),
)


def rejection(context: str, origin: Origin) -> str:
    """The stream of a claim's rejection."""
    return f"{context}.rejection-{origin.raw_id}"
