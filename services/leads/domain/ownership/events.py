"""Private facts of ownership; `shared.contracts.leads.customers` has the published ones."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.leads.customers import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecorded(Event):
    """`silent_since`: from when silence is counted now, if this moved it."""

    customer_id: Id
    kind: str
    happened_at: datetime
    by: Label | None = None
    effective: bool = True
    note: str = ""
    next_action: str | None = None
    next_on: date | None = None
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTerms:
    """Whether customers may be claimed, and how many a day; who lost one waits for so long."""

    claims: bool = True
    claims_a_day: int = 5
    cool_down_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRulesPublished(Event):
    version: int
    terms: PoolTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequested(Event):
    """The customer is kept for the claimant until its claims of the day are counted."""

    customer_id: Id
    claimant: Label
    claims_a_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDropped(Event):
    """Back in the pool."""

    customer_id: Id
    claimant: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCounted(Event):
    customer_id: Id
    claimant: Label
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRefused(Event):
    """More than a day allows."""

    customer_id: Id
    claimant: Label
    day: date


OwnershipEvent = (
    ActivityRecorded
    | CustomerSilenceNoticed
    | CustomerReleased
    | ClaimRequested
    | ClaimDropped
    | CustomerClaimed
    | CustomerAssigned
    | CustomerDisputed
)
ClaimantEvent = ClaimCounted | ClaimRefused
