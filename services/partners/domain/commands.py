"""What a channel manager may ask of a partner."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPartner:
    partner_id: str
    type: str
    level: str
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    product_lines: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLevel:
    level: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPartner:
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstatePartner:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditLimit:
    limit: Money
    at: datetime


PartnerCommand = EnrolPartner | ChangeLevel | SuspendPartner | ReinstatePartner | SetCreditLimit
