"""Facts of `leads` about whose a customer is."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Event
from shared.contracts.ids import Id, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSilenceNoticed(Event):
    """30 days without an effective activity: at `release_at` its owner loses it."""

    customer_id: Id
    owner: Label
    last_activity: datetime
    release_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReleased(Event):
    """To the public pool, after 45 days of silence."""

    customer_id: Id
    owner: Label  # who has lost it
    region: str
    last_activity: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerClaimed(Event):
    customer_id: Id
    owner: Label
    previous: Label | None = None
    claimed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAssigned(Event):
    """Restored: by an activity recorded late, with which the release would not have happened."""

    customer_id: Id
    owner: Label
    previous: Label | None = None
    last_activity: datetime  # silence is counted from it
    reason: str  # registered, assigned, handed-over, restored


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDisputed(Event):
    """It would be restored, but somebody else holds it by now: a supervisor decides."""

    customer_id: Id
    owner: Label  # who holds it
    claimant: Label  # who had not lost it, as is known now
    last_activity: datetime
