"""The shapes of requests."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from services.orders.domain.commands import HistoricStatus, LineWanted, RecordHistory, SubmitOrder
from services.orders.domain.events import Strategy
from services.orders.domain.goods import LinePart
from shared.contracts.calendar import Day, start_of
from shared.contracts.ids import Id
from shared.contracts.money import PLAIN, Amount, Currency, Money, exact, plain
from shared.kernel.errors import Malformed
from shared.runtime.http import Body, Text


def counted(value: object) -> object:
    """Whole numbers are exact in JSON; all others must be strings."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else exact(value)


Quantity = Annotated[
    Decimal,
    BeforeValidator(counted),
    AfterValidator(plain),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": PLAIN}, {"type": "integer"}]}),
]
LineNo = Annotated[int, Field(ge=1, le=99_999, strict=True)]
Why = Annotated[str, Field(max_length=500)]


class Line(Body):
    line: LineNo
    sku: Text
    product_line: Text
    quantity: Quantity
    unit_price: Money
    tax_rate: Amount = Decimal(0)

    def wanted(self) -> LineWanted:
        return LineWanted(**dict(self))


class Submission(Body):
    order_id: Id | None = None
    partner_id: Id
    customer_id: Id | None = None
    sales_id: Id | None = None
    region: Text
    currency: Currency
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=1_000)]
    ordered_on: Day | None = None

    def command(self, order_id: str, at: datetime) -> SubmitOrder:
        if any(line.unit_price.currency != self.currency for line in self.lines):
            raise Malformed("order-malformed", f"every unit price is in {self.currency}")
        return SubmitOrder(
            order_id=order_id,
            partner_id=self.partner_id,
            customer_id=self.customer_id,
            sales_id=self.sales_id,
            region=self.region,
            lines=tuple(line.wanted() for line in self.lines),
            ordered_on=self.ordered_on,
            at=at,
        )


class History(Submission):
    """An order of the past, with what became of it."""

    order_id: Id
    ordered_on: Day
    status: HistoricStatus
    shipped_on: Day | None = None
    reason: Why = ""

    def recorded(self) -> RecordHistory:
        at = start_of(self.ordered_on)
        return RecordHistory(
            order=self.command(self.order_id, at),
            status=self.status,
            shipped_on=self.shipped_on,
            reason=self.reason,
            at=at,
        )


class Reason(Body):
    reason: Why = ""


class Part(Body):
    line: LineNo
    quantity: Quantity


class Lines(Body):
    """Without lines it is all that it can be."""

    lines: Annotated[tuple[Part, ...], Field(max_length=1_000)] = ()

    def parts(self) -> tuple[LinePart, ...]:
        return tuple(LinePart(line=one.line, quantity=one.quantity) for one in self.lines)


class Cancellation(Lines):
    reason: Why = ""


class Shipment(Lines):
    shipped_on: Day | None = None
    document: Text | None = None


class Delivery(Lines):
    delivered_on: Day | None = None
    document: Text | None = None


class Return(Lines):
    returned_on: Day | None = None
    document: Text | None = None
    reason: Why = ""


class Refund(Body):
    amount: Money
    refunded_on: Day | None = None
    reason: Why = ""


class Reversal(Body):
    reversed_on: Day | None = None
    reason: Why = ""


class Opening(Body):
    receivables: Money
    unapplied: Money | None = None


class PaymentIn(Body):
    source_system: Text
    document_no: Text
    partner_id: Id
    order_id: Id | None = None
    amount: Money
    paid_on: Day
    payer: Text | None = None
    sales_id: Id | None = None
    strategy: Strategy = "named-else-oldest"


OrderStatus = Literal["submitted", "held", "approved", "rejected", "cancelled", "shipped"]
PaymentStatus = Literal["received", "waiting", "rejected", "refunded", "reversed"]
