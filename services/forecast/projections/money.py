"""What orders tell, as we count it, and what the screens ask: money by month and by week, the
targets, and what was abnormal.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.actuals import summed
from services.forecast.domain.events import ActualRecorded, Piece, StockRecorded
from services.forecast.domain.months import month_of
from services.forecast.domain.windows import week_of
from shared.contracts.event import Envelope
from shared.contracts.forecast import SalesAnomalyDetected, TargetSet
from shared.contracts.ids import named
from shared.contracts.orders import (
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

Months = dict[str, Decimal]
PaymentTold = PaymentReceived | PaymentAllocated | PaymentRefunded | PaymentReversed
PAYMENT_TOLD = (PaymentReceived, PaymentAllocated, PaymentRefunded, PaymentReversed)


def pieces(fact: PaymentTold) -> tuple[Piece, ...]:
    """All that orders have of the payment, net, by product line and region; after a refund or a
    reversal, all that is left.
    """
    return summed(
        Piece(product_line=line.product_line, net=line.net, region=allocation.region)
        for allocation in fact.allocations
        for line in allocation.lines
    )


def by_line(fact: ActualRecorded, _: Envelope) -> Iterable[str]:
    return {f"{fact.partner_id}/{piece.product_line}" for piece in fact.deltas}


def collected(
    key: str, before: Document | None, fact: ActualRecorded, _: Envelope
) -> Document | None:
    """`months` is currency → month → sum. What comes to 0 leaves no trace of how it got there."""
    line = key.removeprefix(f"{fact.partner_id}/")
    months = (before or {"months": {}})["months"]
    for piece in fact.deltas:
        if piece.product_line == line:
            months = moved(months, month_of(fact.paid_on), piece)
    if not months:
        return None
    return {"partner_id": fact.partner_id, "product_line": line, "months": months}


def moved(sums: Document, when: str, piece: Piece) -> Document:
    """Sums by currency and month, or week."""
    of = dict(sums.get(piece.net.currency, {}))
    with localcontext(PRECISE):
        amount = (Decimal(of.pop(when, "0")) + piece.net.amount).normalize()
    if amount:
        of[when] = format(amount, "f")
    others = {currency: one for currency, one in sums.items() if currency != piece.net.currency}
    return {**others, piece.net.currency: dict(sorted(of.items()))} if of else others


def months_in(documents: Iterable[Document], currency: str) -> Months:
    """The product lines together, as far as they are in this currency."""
    sums: Months = {}
    for one in documents:
        for month, amount in one["months"].get(currency, {}).items():
            sums[month] = sums.get(month, ZERO) + Decimal(amount)
    return sums


def by_place(fact: ActualRecorded, _: Envelope) -> Iterable[str]:
    return {_place(fact.partner_id, piece) for piece in fact.deltas if piece.region}


def _place(partner_id: str, piece: Piece) -> str:
    return f"{partner_id}/{named(piece.region, piece.product_line)}"


def paced(key: str, before: Document | None, fact: ActualRecorded, _: Envelope) -> Document | None:
    """`weeks` is currency → the week's Monday → sum."""
    mine = [piece for piece in fact.deltas if _place(fact.partner_id, piece) == key]
    weeks = weekly(before, mine, fact.paid_on)
    if not weeks:
        return None
    return {
        "partner_id": fact.partner_id,
        "region": mine[0].region,
        "product_line": mine[0].product_line,
        "weeks": weeks,
    }


def by_region(fact: ActualRecorded, _: Envelope) -> Iterable[str]:
    return {piece.region for piece in fact.deltas if piece.region}


def regional(
    key: str, before: Document | None, fact: ActualRecorded, _: Envelope
) -> Document | None:
    """All partners and product lines together."""
    mine = [piece for piece in fact.deltas if piece.region == key]
    weeks = weekly(before, mine, fact.paid_on)
    return {"region": key, "weeks": weeks} if weeks else None


def weekly(before: Document | None, pieces: Iterable[Piece], paid_on: date) -> Document:
    weeks: Document = (before or {"weeks": {}})["weeks"]
    for piece in pieces:
        weeks = moved(weeks, week_of(paid_on).isoformat(), piece)
    return weeks


def weeks_in(weeks: Document) -> dict[str, dict[date, Decimal]]:
    """By currency, as the windows want them."""
    return {
        currency: {date.fromisoformat(week): Decimal(amount) for week, amount in sums.items()}
        for currency, sums in weeks.items()
    }


def by_stream(_: TargetSet | SalesAnomalyDetected, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def target(_: str, __: Document | None, fact: TargetSet, envelope: Envelope) -> Document:
    return {**document(fact), "set_at": document(envelope.time)}


def abnormal(
    _: str, __: Document | None, fact: SalesAnomalyDetected, envelope: Envelope
) -> Document:
    return {**document(fact), "detected_at": document(envelope.time)}


def on_shelf(_: StockRecorded, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def shelved(_: str, before: Document | None, fact: StockRecorded, envelope: Envelope) -> Document:
    """`reports` by the days they are of, in order."""
    told = document(fact)
    named_ = {name: told.pop(name) for name in ("partner_id", "region", "product_line", "sku")}
    reports = {**(before or {"reports": {}})["reports"], f"{fact.since}/{fact.until}": told}
    return {**named_, "reports": dict(sorted(reports.items()))}


COLLECTED = Projection(
    name="forecast.collected",
    facts=(ActualRecorded,),
    keys=by_line,
    fold=collected,
    indexes=(Index("partner_id"), Index("product_line")),
    partner_field="partner_id",
)
TARGETS = Projection(
    name="forecast.targets",
    facts=(TargetSet,),
    keys=by_stream,
    fold=target,
    indexes=(Index("partner_id"), Index("product_line"), Index("month")),
    partner_field="partner_id",
)
SHELVES = Projection(
    name="forecast.shelves",
    facts=(StockRecorded,),
    keys=on_shelf,
    fold=shelved,
    indexes=(Index("partner_id"), Index("region"), Index("product_line")),
    partner_field="partner_id",
)
PACE = Projection(
    name="forecast.pace",
    facts=(ActualRecorded,),
    keys=by_place,
    fold=paced,
    indexes=(Index("partner_id"), Index("region"), Index("product_line")),
    partner_field="partner_id",
)
REGIONS = Projection(
    name="forecast.regions", facts=(ActualRecorded,), keys=by_region, fold=regional
)
ANOMALIES = Projection(
    name="forecast.anomalies",
    facts=(SalesAnomalyDetected,),
    keys=by_stream,
    fold=abnormal,
    indexes=(Index("region"), Index("week")),
)
