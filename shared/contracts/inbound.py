"""Claims of other systems. The owning context records its own fact, waits, or rejects."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.calendar import Day
from shared.contracts.event import Event
from shared.contracts.ids import Id, Label
from shared.contracts.money import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Personal data: lives in the People port, never in a fact."""

    name: str
    title: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCaptured(Event):
    capture_id: Id
    source: str
    company: str
    uscc: str | None = None
    contact: Contact
    region: str
    industry: str
    product_line: str | None = None
    estimated_amount: Money | None = None
    captured_at: datetime
    campaign: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReported(Event):
    """`source_system` and `document_no` together are its identity; `paid_on` a business date."""

    source_system: Label
    document_no: Label
    partner_id: Id
    order_id: Id | None = None
    amount: Money
    paid_on: Day
    payer: str | None = None
    sales_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedPart:
    """So many of a line of the order; a quantity is above 0."""

    line: int
    quantity: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReported(Event):
    """A delivery note: what left on `shipped_on`, and arrived on `delivered_on` if that is known.

    `source_system`, `document_no` and the order are its identity; without lines it is all that
    was open. Reported again with `delivered_on`, it is the same shipment, delivered.
    """

    source_system: Label
    document_no: Label
    partner_id: Id
    order_id: Id
    shipped_on: Day
    delivered_on: Day | None = None
    lines: tuple[ShippedPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReported(Event):
    """A partner's stock of a product line, or of one article of it, `since` – `until` inclusive.

    Units. Without `opening` it is what the report before left, without `on_hand` what the
    movements leave. Reported again for the same days, it replaces.
    """

    source_system: Label
    partner_id: Id
    region: Label
    product_line: Label
    sku: Label | None = None
    since: Day
    until: Day
    opening: Amount | None = None
    sell_in: Amount
    sell_through: Amount
    on_hand: Amount | None = None
