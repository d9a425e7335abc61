"""What may be asked of an opportunity, and of a stage model."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.leads.domain.pipeline.events import Stage
from shared.contracts.leads import RuleVersion
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStageModel:
    model_id: str
    stages: tuple[Stage, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Its stages; and of the lead that it comes from what the request does not say itself."""

    model: RuleVersion
    stages: tuple[Stage, ...]
    partner_id: str | None = None
    customer_id: str | None = None
    campaign: str | None = None
    region: str | None = None
    product_line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOpportunity:
    opportunity_id: str
    customer_id: str | None = None
    partner_id: str | None = None
    lead_id: str | None = None
    campaign: str | None = None
    region: str | None = None
    product_line: str | None = None
    amount: Money
    expected_close: date | None = None
    owner: str | None = None
    found: Beginning
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStage:
    """One stage forward, with its evidence; or back, with a reason."""

    stage: str
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveEvidence:
    kind: str
    note: str = ""
    document: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveFeedback:
    note: str = ""
    next_action: str | None = None
    next_on: date | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is None stays as it is."""

    amount: Money | None = None
    expected_close: date | None = None
    category: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WinOpportunity:
    reason: str
    amount: Money | None = None
    margin: Decimal | None = None
    won_on: date | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseOpportunity:
    reason: str
    lost_on: date | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenOpportunity:
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfStall:
    """yellow or escalation, if it is due by `at`."""

    level: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOpportunity:
    """To `owner`, if it is still `previous` who has it."""

    owner: str
    previous: str
    at: datetime


OpportunityCommand = (
    OpenOpportunity
    | MoveStage
    | GiveEvidence
    | GiveFeedback
    | Estimate
    | WinOpportunity
    | LoseOpportunity
    | ReopenOpportunity
    | WarnOfStall
    | TransferOpportunity
)
