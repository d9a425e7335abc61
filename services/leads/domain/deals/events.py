"""Private facts of registrations and scopes; `shared.contracts.leads` has the published ones."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.contracts.approvals import Ballot, Escalation, Route
from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.leads import (
    DealExpiryAnnounced,
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.contracts.money import Money
from shared.kernel.approvals import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a registration tells of its deal, in as many pieces as it takes.

    The customer is named by its id, or as a firm. Required are the customer, the product line and
    the region.
    """

    customer_id: Id | None = None
    name: str | None = None
    uscc: str | None = None
    industry: str | None = None
    product_line: str | None = None
    region: str | None = None
    project: str | None = None
    estimated_amount: Money | None = None
    expected_close: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An activity for the deal that an extension is asked with."""

    kind: str
    happened_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationOpened(Event):
    registration_id: Id
    partner_id: Id
    owner: Label | None = None  # the salesperson who looks after it
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDetailed(Event):
    """More pieces: `details` are the whole of it now."""

    registration_id: Id
    partner_id: Id
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRulePublished(Event):
    """By which registrations are approved that are completed from now on."""

    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCompleted(Event):
    """The last required piece has come: this instant is its priority (ruling l6)."""

    registration_id: Id
    partner_id: Id
    completed_at: datetime
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationVoted(Event):
    """`due`: when the step that is asked now times out."""

    registration_id: Id
    partner_id: Id
    ballot: Ballot
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationEscalated(Event):
    registration_id: Id
    partner_id: Id
    escalation: Escalation
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationMatched(Event):
    """Its customer: named, or found by code or name, or new. `score` is that of the names."""

    registration_id: Id
    partner_id: Id
    customer_id: Id
    score: Decimal
    matching: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationApproved(Event):
    registration_id: Id
    partner_id: Id
    approved_by: str | None = None  # nobody, if the rule asks nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationHeld(Event):
    """Approved, and not in force: an earlier one of the same scope is not decided yet."""

    registration_id: Id
    partner_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationWithdrawn(Event):
    registration_id: Id
    partner_id: Id
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequested(Event):
    """Until it is decided the protection lasts."""

    registration_id: Id
    partner_id: Id
    evidence: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRefused(Event):
    registration_id: Id
    partner_id: Id
    reason: str
    protected_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationTransferred(Event):
    registration_id: Id
    partner_id: Id
    owner: Label
    previous: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEntered(Event):
    registration_id: Id
    partner_id: Id
    project: str | None = None
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRefused(Event):
    registration_id: Id
    partner_id: Id
    reason: str  # scope-taken, already-registered, cooling-down
    by: Id | None = None  # the registration that stands against it


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeHeld(Event):
    registration_id: Id
    partner_id: Id
    behind: Id  # the earliest that is not decided yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGranted(Event):
    """It is in force from now on."""

    registration_id: Id
    partner_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRenewed(Event):
    """Protected `until` then; open while an extension waits for its decision."""

    registration_id: Id
    partner_id: Id
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLeft(Event):
    """`free_from`: before, its partner may not register the same again."""

    registration_id: Id
    partner_id: Id
    free_from: datetime | None = None


RegistrationEvent = (
    RegistrationOpened
    | RegistrationDetailed
    | RegistrationCompleted
    | RegistrationMatched
    | RegistrationVoted
    | RegistrationEscalated
    | RegistrationApproved
    | RegistrationHeld
    | RegistrationRejected
    | RegistrationWithdrawn
    | RegistrationTransferred
    | DealRegistered
    | ExtensionRequested
    | ExtensionRefused
    | DealExtended
    | DealExpiryAnnounced
    | DealProtectionEnded
)
ScopeEvent = ScopeEntered | ScopeHeld | ScopeGranted | ScopeRefused | ScopeRenewed | ScopeLeft
