"""What may be asked of forecast's streams."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.forecast.domain.events import Piece
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTarget:
    partner_id: str
    product_line: str
    month: str
    target: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActual:
    """The whole of a payment as of `revision`, as a fact of `orders` told it."""

    partner_id: str
    payment_id: UUID
    paid_on: date
    revision: int
    pieces: tuple[Piece, ...]
    fact_id: UUID
    recorded_at: datetime
    at: datetime
