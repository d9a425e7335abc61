"""What earns: a payment, as it is split over orders and product lines at one revision."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Money

Document = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Net of VAT, rounded: the declared point of ruling g3."""

    order_id: Id
    region: str
    product_line: str
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisRecorded(Event):
    """Private. `source` is the fact that said so; both times are its own, not ours."""

    partner_id: Id
    source: UUID
    source_system: str
    document_no: str
    paid_on: date
    revision: int
    occurred_at: datetime
    recorded_at: datetime
    pieces: tuple[Piece, ...]

    @property
    def document(self) -> Document:
        return self.document_no, self.source_system

    @property
    def place(self) -> tuple[date, str, str]:
        """In the canonical order: own day, document number, source system (ruling r6)."""
        return self.paid_on, self.document_no, self.source_system
