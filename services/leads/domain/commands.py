"""What may be asked in leads. `at` makes decisions repeatable."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.leads.domain.events import RuleTerms, Sla, Suspect
from services.leads.domain.names import Company
from services.leads.domain.ownership.commands import OwnershipCommand
from shared.contracts.leads import CalendarVersion, Candidate, RuleVersion
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCustomer:
    customer_id: str
    company: Company
    region: str
    industry: str
    person_id: UUID | None = None
    owner: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroduceCustomer:
    """Like RegisterCustomer, but a customer that we have already is fine."""

    customer_id: str
    company: Company
    region: str
    industry: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSuspects:
    suspects: tuple[Suspect, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRule:
    rule_id: str
    terms: RuleTerms
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCalendar:
    calendar_id: str
    version: int
    workdays: tuple[date, ...]
    holidays: tuple[date, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLead:
    """Without `captured_at` it was captured now; with a `company` the customer may be new."""

    lead_id: str
    customer_id: str
    company: Company | None = None
    source: str
    region: str
    industry: str
    product_line: str | None = None
    estimated_amount: Money | None = None
    person_id: UUID | None = None
    captured_at: datetime | None = None
    campaign: str | None = None
    owner: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLead:
    """From a turn, or from a person's choice. Out of date it is dropped."""

    offer: int
    partner_id: str
    rule: RuleVersion
    candidates: tuple[Candidate, ...]
    accept_by: datetime
    calendar: CalendarVersion | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowLead:
    offer: int
    reason: str
    rule: RuleVersion | None = None
    candidates: tuple[Candidate, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOutOffer:
    """Whatever offer was to be answered by `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconsiderLead:
    """If it lies in the overflow queue: what was missing may be there now."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptLead:
    """By the partner itself, or by staff on its behalf (then without `partner_id`)."""

    offer: int
    partner_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineLead:
    offer: int
    partner_id: str | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallLead:
    """The offer named, or else the one that stands."""

    offer: int | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPartner:
    partner_id: str
    sla: Sla
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLead:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLead:
    partner_id: str | None
    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLead:
    """To `owner`, if it is still `previous` who has it."""

    owner: str
    previous: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A partner of the rule as the process saw it; `excluded` if it cannot get this lead."""

    partner_id: str
    weight: int
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveTurn:
    lead_id: str
    offer: int
    rule: RuleVersion
    contenders: tuple[Contender, ...]
    capacity: int | None
    sla: Sla
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePlace:
    lead_id: str
    offer: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnCoverage:
    partner_id: str
    level: str
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    product_lines: tuple[str, ...]
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnLevel:
    partner_id: str
    level: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnStanding:
    partner_id: str
    suspended: bool
    revision: int
    at: datetime


CustomerCommand = RegisterCustomer | IntroduceCustomer | NoteSuspects | OwnershipCommand
RotationCommand = GiveTurn | FreePlace
PartnerCommand = LearnCoverage | LearnLevel | LearnStanding
Answer = AcceptLead | DeclineLead
FromStaff = RecallLead | PickPartner | RetryLead | CloseLead
FromProcess = OfferLead | OverflowLead | TimeOutOffer | ReconsiderLead | TransferLead
LeadCommand = RegisterLead | Answer | FromStaff | FromProcess
