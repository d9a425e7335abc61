"""Facts of `leads`: a lead, the partner it was offered to and why, and the answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    id: Id
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarVersion:
    id: Id
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`score` is the credit it had in this turn, the weight gained in it included.

    The largest wins, of equals the lower partner id. `excluded` says why it gained nothing.
    """

    partner_id: Id
    score: Amount
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRegistered(Event):
    lead_id: Id
    customer_id: Id
    source: str  # campaign, referral, outbound, web
    region: str
    industry: str
    product_line: str | None = None
    estimated_amount: Money | None = None
    person_id: UUID | None = None
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAssigned(Event):
    """An offer. Assigned by hand, the rule is `by-hand` in version 0.

    `calendar` counted the working hours up to `accept_by`; None if every hour counted.
    """

    staff_only = frozenset({"candidates"})

    lead_id: Id
    partner_id: Id
    customer_id: Id
    region: str
    industry: str
    product_line: str | None = None
    rule: RuleVersion
    candidates: tuple[Candidate, ...]
    offer: int  # 1, 2, … for this lead
    accept_by: datetime
    calendar: CalendarVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAccepted(Event):
    lead_id: Id
    partner_id: Id
    customer_id: Id
    offer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDeclined(Event):
    lead_id: Id
    partner_id: Id
    offer: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadReleased(Event):
    """The partner no longer holds the lead: its offer timed-out or was recalled, or it closed."""

    lead_id: Id
    partner_id: Id
    offer: int
    reason: str  # timed-out, recalled, closed
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadClosed(Event):
    """Nobody works on it any more; a LeadReleased precedes it if a partner held it."""

    lead_id: Id
    customer_id: Id
    outcome: str
    reason: str = ""
