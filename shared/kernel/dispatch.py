"""A dispatch carries what waits in queues to places outside, each queue at its own pace."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from shared.kernel.policy import Asked, Read
from shared.kernel.ports import Clock, Document, People

Outcome = Literal["delivered", "failed", "refused", "gone", "postponed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a carrier takes along: words for people, `data` (JSON) for machines.

    `delivery_id` is the same however often it is carried; `address` is what its carrier must know
    of the place, secrets among it.
    """

    delivery_id: UUID
    title: str
    body: str
    data: bytes
    address: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of it. `failed` may go better later, `refused` never will, and behind a place
    that is `gone` there is nobody any more; `postponed` was not tried before `until`.

    `reason` is a slug, `status` what the other side answered, if it speaks in numbers.
    """

    outcome: Outcome
    reason: str = ""
    status: int | None = None
    until: datetime | None = None


class Carrier(Protocol):
    """A way to places outside; it acts on the world, so only a dispatch may use it."""

    async def vet(self, address: Mapping[str, str]) -> None:
        """Refuse an address to which nothing can or may be carried. Nothing is sent."""

    async def carry(self, parcel: Parcel) -> Receipt:
        """Within its own time limit; whatever the other side does is a receipt, never an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """All that a dispatch may use."""

    read: Read
    people: People
    clock: Clock
    carriers: Mapping[str, Carrier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trip:
    """One attempt: the document of its delivery, what became of it, and how long that took."""

    document: Document
    receipt: Receipt
    took_ms: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Works off `view`, one delivery of a queue at a time, whatever the other queues do.

    A document that is ready has `queue` (an id), `turn` (`<queue>/…`, in the queue's order, with
    a text index; None while it is not ready), `stream`, and `ready_by`, the fact that made it
    ready. The command of `record` must end that, or it is carried again.
    Never replayed; a crash between carrying and recording carries again, under the same id.
    """

    name: str
    view: str
    carry: Callable[[Document, Depot], Awaitable[Receipt]]
    record: Callable[[Trip], Asked]
