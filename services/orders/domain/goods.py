"""Goods on their way: parts of lines, reported shipments, and what may be asked about them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.contracts.money import Amount
from shared.kernel.claim import Origin

PATIENCE = timedelta(hours=24)  # how long a claim waits for what it names (design §2, rule 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """So many of an order's line."""

    line: int
    quantity: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """As another system reports it; without lines it is all that was open."""

    shipment_id: UUID
    source_system: str
    document_no: str
    partner_id: str
    order_id: str
    shipped_on: date
    delivered_on: date | None = None
    lines: tuple[LinePart, ...] = ()

    @property
    def document(self) -> str:
        return f"{self.source_system}/{self.document_no}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOrder:
    """Without lines: all that is on the way."""

    delivered_on: date | None = None
    lines: tuple[LinePart, ...] = ()
    document: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnGoods:
    """Without lines: all that was shipped and did not come back yet."""

    reason: str
    returned_on: date | None = None
    lines: tuple[LinePart, ...] = ()
    document: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShipment:
    """Another system says so. Total: it is booked, waits for its order, or is declined."""

    shipment: Shipment
    origin: Origin
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseShipment:
    """Its time to wait is over."""

    shipment_id: UUID
    at: datetime
