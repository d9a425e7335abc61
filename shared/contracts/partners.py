"""Facts of `partners`: who sells for us, at which level, where, on what credit; and who of our own
people decides for whom.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.approvals import Seat
from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEnrolled(Event):
    partner_id: Id
    type: str  # agent, integrator, design-institute, distributor
    level: str
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    product_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTierChanged(Event):
    partner_id: Id
    level: str
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSuspended(Event):
    partner_id: Id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerReinstated(Event):
    partner_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLimitSet(Event):
    partner_id: Id
    limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGranted(Event):
    """From `since` until `until`, exclusive, user `to` may sit where `by` does: in `seats`.

    The highest revision counts.
    """

    delegation_id: Id
    by: Label
    to: Label
    seats: tuple[Seat, ...]
    since: datetime
    until: datetime
    reason: str = ""
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRevoked(Event):
    """It ended `until` then, all else as it was granted."""

    delegation_id: Id
    by: Label
    to: Label
    seats: tuple[Seat, ...]
    since: datetime
    until: datetime
    revision: int
