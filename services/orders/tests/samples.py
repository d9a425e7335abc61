"""What the tests talk about: one partner, orders of one piece a line, payments of a bank."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.orders.domain.commands import (
    AllocatePayment,
    LineWanted,
    RecordLimit,
    RecordStanding,
    RegisterOrder,
    SubmitOrder,
)
from services.orders.domain.events import Payment, Piece
from services.orders.domain.streams import payment_id_of
from shared.contracts.ids import named
from shared.contracts.money import Money, total

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
TODAY = date(2026, 1, 5)
LATER = datetime(2026, 1, 6, 1, tzinfo=UTC)
P1 = "p1"


def cny(amount: str | int | Decimal) -> Money:
    return Money(Decimal(amount), "CNY").rounded()


def line(number: int, price: str, product_line: str = "A", rate: str = "0") -> LineWanted:
    return LineWanted(
        line=number,
        sku=f"sku-{number}",
        product_line=product_line,
        quantity=Decimal(1),
        unit_price=Money(Decimal(price), "CNY"),
        tax_rate=Decimal(rate),
    )


def submission(*lines: LineWanted, **more: Any) -> SubmitOrder:
    told: dict[str, Any] = {"order_id": "o1", "partner_id": P1, "region": "east", "at": NOW}
    return SubmitOrder(**told | {"lines": lines or (line(1, "100.00"),)} | more)


def piece(gross: str | int | Decimal, product_line: str = "A", rate: str = "0") -> Piece:
    return Piece(product_line=product_line, tax_rate=Decimal(rate), gross=cny(gross))


def order(order_id: str, *pieces: Piece | str | int, **more: Any) -> RegisterOrder:
    """An order of these pieces; a bare amount is one of product line A without tax."""
    whole = tuple(one if isinstance(one, Piece) else piece(one) for one in pieces)
    gross = total((one.gross for one in whole), whole[0].gross.currency)
    told: dict[str, Any] = {
        "partner_id": P1,
        "order_id": order_id,
        "region": "east",
        "customer_id": None,
        "submitted_on": TODAY,
        "ordered_on": TODAY,
        "pieces": whole,
        "net": gross,
        "total": gross,
        "verdict": "check",
        "at": NOW,
    }
    return RegisterOrder(**told | more)


def money(document_no: str, amount: str | int | Decimal | Money, **more: Any) -> Payment:
    told: dict[str, Any] = {
        "payment_id": payment_id_of("bank", document_no),
        "source_system": "bank",
        "document_no": document_no,
        "partner_id": P1,
        "amount": amount if isinstance(amount, Money) else cny(amount),
        "paid_on": TODAY,
    }
    return Payment(**told | more)


def pay(document_no: str, amount: str | int | Decimal | Money, **more: Any) -> AllocatePayment:
    payment = money(document_no, amount, **more)
    return AllocatePayment(payment=payment, origin=None, until=LATER, at=NOW)


def enrolled(sequence: int = 1, standing: Any = "active") -> RecordStanding:
    return RecordStanding(
        partner_id=P1,
        standing=standing,
        fact_id=named("standing", sequence),
        recorded_at=NOW,
        sequence=sequence,
        at=NOW,
    )


def limited(amount: str | int | Money, sequence: int = 2) -> RecordLimit:
    return RecordLimit(
        partner_id=P1,
        limit=amount if isinstance(amount, Money) else cny(amount),
        fact_id=named("limit", sequence),
        recorded_at=NOW,
        sequence=sequence,
        at=NOW,
    )
