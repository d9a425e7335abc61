"""Facts of `leads`: leads, registered deals, opportunities."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
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
    campaign: str | None = None  # the campaign, or the MDF request, that it came from
    owner: Label | None = None  # the salesperson who looks after it


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRegistered(Event):
    """Protected until `protected_until`, exclusive; without a `project` all of the region."""

    registration_id: Id
    partner_id: Id
    customer_id: Id
    product_line: str
    region: str
    project: str | None = None
    protected_from: datetime
    protected_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DealExtended(Event):
    registration_id: Id
    partner_id: Id
    customer_id: Id
    number: int  # 1 or 2
    protected_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DealExpiryAnnounced(Event):
    """14, 7 and 1 days before the end of the protection."""

    registration_id: Id
    partner_id: Id
    customer_id: Id
    days: int
    protected_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DealProtectionEnded(Event):
    """`free_from` is when the same partner may register the deal again."""

    registration_id: Id
    partner_id: Id
    customer_id: Id
    product_line: str
    region: str
    project: str | None = None
    ended_at: datetime
    free_from: datetime
    reason: str  # expired, withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRejected(Event):
    """By a person, or because the scope belongs to another partner (whom it does not name)."""

    registration_id: Id
    partner_id: Id
    customer_id: Id | None = None
    product_line: str
    region: str
    project: str | None = None
    reason: str  # scope-taken, already-registered, cooling-down, or a person's words


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityOpened(Event):
    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    lead_id: Id | None = None
    campaign: str | None = None
    region: str
    product_line: str | None = None
    amount: Money
    expected_close: date | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityStageChanged(Event):
    """The opportunity as it stands, from revision 1 on: the highest counts.

    Also told when only the amount, the expected close or the category changed (then `from_stage`
    is `stage`), when it is won (`closed`) or lost (`omitted`), with OpportunityWon or
    OpportunityLost behind it, and when it is reopened.
    """

    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    region: str
    product_line: str | None = None
    from_stage: str | None = None
    stage: str
    category: str  # pipeline, best-case, commit, closed, omitted
    probability: Amount | None = None
    amount: Money
    expected_close: date | None = None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityWon(Event):
    """`margin` is a share of the amount (0.30)."""

    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    lead_id: Id | None = None
    campaign: str | None = None
    region: str
    product_line: str | None = None
    amount: Money
    margin: Amount | None = None
    created_at: datetime
    won_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityLost(Event):
    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    region: str
    product_line: str | None = None
    amount: Money
    lost_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityStalled(Event):
    """Each level once a visit of a stage; `visit` counts the stages entered."""

    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    owner: Label | None = None
    stage: str
    visit: int
    entered_at: datetime
    level: str  # yellow (no feedback for so long), escalation (in the stage for so long)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityStallCleared(Event):
    """What was told of a visit holds no longer: feedback (ends yellow), another stage, an end."""

    opportunity_id: Id
    customer_id: Id
    partner_id: Id | None = None
    visit: int
    levels: tuple[str, ...]
