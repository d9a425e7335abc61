"""The facts of leads that never leave it. Published ones live in `shared.contracts.leads`."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.leads.domain.ownership.events import OwnershipEvent
from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.leads import (
    Candidate,
    LeadAccepted,
    LeadAssigned,
    LeadClosed,
    LeadDeclined,
    LeadRegistered,
    LeadReleased,
    RuleVersion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A customer that may be the same firm, by its name."""

    customer_id: Id
    score: Decimal
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRegistered(Event):
    customer_id: Id
    name: str
    uscc: str | None = None
    region: str
    industry: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesSuspected(Event):
    """`matching` is the version of the names, places and thresholds it was found with."""

    suspects: tuple[Suspect, ...]
    matching: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyIntroduced(Event):
    """A lead came with a firm instead of a customer."""

    customer_id: Id
    name: str
    uscc: str | None = None
    region: str
    industry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """How long an offer stands; of `working_hours` by the named calendar or the one in use."""

    hours: int
    working_hours: bool = True
    calendar_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    partner_id: Id
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """Empty lists mean any; without a capacity there is no end to it."""

    priority: int
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    product_lines: tuple[str, ...] = ()
    weights: tuple[Weight, ...]
    capacity: int | None = None
    sla: Sla


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRulePublished(Event):
    rule_id: Id
    version: int
    terms: RuleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPublished(Event):
    calendar_id: Id
    version: int
    workdays: tuple[date, ...]
    holidays: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnGiven(Event):
    """`cost`, the sum of the eligible weights, is what the turn costs who gets it."""

    lead_id: Id
    offer: int
    rule: RuleVersion
    partner_id: Id
    candidates: tuple[Candidate, ...]
    cost: Decimal
    sla: Sla


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesExhausted(Event):
    lead_id: Id
    offer: int
    rule: RuleVersion
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFreed(Event):
    lead_id: Id
    offer: int
    partner_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOverflowed(Event):
    """Nobody is left to offer it to: a person decides. `offer` would have been its number."""

    lead_id: Id
    offer: int
    reason: str  # no-rule, no-candidate, hand-assignment-ended
    rule: RuleVersion | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRetried(Event):
    """Out of the overflow queue, to the rules again."""

    lead_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPicked(Event):
    """Out of the overflow queue, to the partner a person chose."""

    lead_id: Id
    offer: int
    partner_id: Id
    sla: Sla


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDropped(Event):
    """A turn was taken for a lead that no longer waited for it: the place is to be freed."""

    lead_id: Id
    offer: int
    rule: RuleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLearned(Event):
    """What a partner covers. `revision` is its version with the owner: the highest counts."""

    partner_id: Id
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    product_lines: tuple[str, ...]
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelLearned(Event):
    partner_id: Id
    level: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingLearned(Event):
    partner_id: Id
    suspended: bool
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTransferred(Event):
    """From one salesperson to another."""

    lead_id: Id
    owner: Label
    previous: Label


LeadEvent = (
    LeadRegistered
    | CompanyIntroduced
    | LeadAssigned
    | LeadAccepted
    | LeadDeclined
    | LeadReleased
    | LeadOverflowed
    | LeadRetried
    | PartnerPicked
    | OfferDropped
    | LeadTransferred
    | LeadClosed
)
CustomerEvent = CustomerRegistered | DuplicatesSuspected | OwnershipEvent
RotationEvent = TurnGiven | CandidatesExhausted | PlaceFreed
PartnerEvent = CoverageLearned | LevelLearned | StandingLearned
