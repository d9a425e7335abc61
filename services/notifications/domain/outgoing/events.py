"""Private facts of endpoints, preferences, digests and deliveries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.rule import Wording
from shared.contracts.event import Event
from shared.contracts.ids import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRegistered(Event):
    """Where it is and its secrets are known under `person_id`. `least`: the severity from which
    its owner wants to be told there.
    """

    endpoint_id: Id
    owner: str
    partner_id: Id | None
    channel: str
    person_id: UUID
    least: str = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSecretReplaced(Event):
    """Until `overlaps_until` deliveries are signed with the one before, too."""

    endpoint_id: Id
    person_id: UUID
    overlaps_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFailed(Event):
    """The first failure after a success."""

    endpoint_id: Id
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRecovered(Event):
    endpoint_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDisabled(Event):
    """`reason`: failing (for too long), gone (it said so), asked (by one); `number` counts."""

    endpoint_id: Id
    owner: str
    partner_id: Id | None
    channel: str
    reason: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEnabled(Event):
    endpoint_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesSet(Event):
    """Times are of the recipient's `zone`; None: no quiet hours, no digest."""

    owner: str
    partner_id: Id | None
    language: str
    zone: str
    quiet_from: str | None
    quiet_until: str | None
    digest_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a delivery tells: one notification."""

    notification_id: UUID
    rule: str
    subject: str
    episode: str
    severity: str
    heading: Wording
    body: Wording
    fact_id: UUID
    raised_at: datetime
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestExtended(Event):
    """`due` is when it is closed; it was set with its first item."""

    endpoint_id: Id
    owner: str
    partner_id: Id | None
    channel: str
    about: str
    item: Item
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestClosed(Event):
    endpoint_id: Id
    owner: str
    partner_id: Id | None
    channel: str
    about: str
    number: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlanned(Event):
    """`about` is what a digest is about; None: it tells its only item."""

    delivery_id: UUID
    endpoint_id: Id
    owner: str
    partner_id: Id | None
    channel: str
    items: tuple[Item, ...]
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPostponed(Event):
    delivery_id: UUID
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempted(Event):
    """`number` counts all attempts. Without `retry_at` it is done with, delivered or dead."""

    delivery_id: UUID
    endpoint_id: Id
    number: int
    outcome: str
    reason: str
    status: int | None
    took_ms: int
    retry_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResumed(Event):
    """What it waited for is over."""

    delivery_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliveryRequested(Event):
    delivery_id: UUID


EndpointEvent = (
    EndpointRegistered
    | EndpointSecretReplaced
    | EndpointFailed
    | EndpointRecovered
    | EndpointDisabled
    | EndpointEnabled
)
DigestEvent = DigestExtended | DigestClosed
DeliveryEvent = (
    DeliveryPlanned | DeliveryPostponed | DeliveryAttempted | DeliveryResumed | RedeliveryRequested
)
