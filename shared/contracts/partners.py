"""Facts of `partners`: who sells for us, at which level, where, and on what credit."""

from dataclasses import dataclass

from shared.contracts.event import Event
from shared.contracts.ids import Id
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
