"""What may be asked of endpoints, preferences, digests and deliveries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.outgoing.events import Item
from services.notifications.domain.outgoing.preferring import Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEndpoint:
    endpoint_id: str
    owner: str
    partner_id: str | None
    channel: str
    person_id: UUID
    least: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSecret:
    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableEndpoint:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableEndpoint:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAttempt:
    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPreferences:
    owner: str
    partner_id: str | None
    preferences: Preferences
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendDigest:
    endpoint_id: str
    owner: str
    partner_id: str | None
    channel: str
    about: str
    item: Item
    due: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDigest:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDelivery:
    delivery_id: UUID
    endpoint_id: str
    owner: str
    partner_id: str | None
    channel: str
    items: tuple[Item, ...]
    about: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeDelivery:
    reason: str
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttempt:
    outcome: str
    reason: str
    status: int | None
    took_ms: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDelivery:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRedelivery:
    at: datetime


EndpointCommand = RegisterEndpoint | ReplaceSecret | DisableEndpoint | EnableEndpoint | NoteAttempt
DigestCommand = ExtendDigest | CloseDigest
DeliveryCommand = (
    PlanDelivery | PostponeDelivery | RecordAttempt | ResumeDelivery | RequestRedelivery
)
