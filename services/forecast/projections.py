"""What the screens ask: money by month, and the targets."""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.events import ActualRecorded, Piece
from services.forecast.domain.months import month_of
from shared.contracts.event import Envelope
from shared.contracts.forecast import TargetSet
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

Months = dict[str, Decimal]


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


def moved(months: Document, month: str, piece: Piece) -> Document:
    of = dict(months.get(piece.net.currency, {}))
    with localcontext(PRECISE):
        amount = (Decimal(of.pop(month, "0")) + piece.net.amount).normalize()
    if amount:
        of[month] = format(amount, "f")
    others = {
        currency: sums for currency, sums in months.items() if currency != piece.net.currency
    }
    return {**others, piece.net.currency: dict(sorted(of.items()))} if of else others


def months_in(documents: Iterable[Document], currency: str) -> Months:
    """The product lines together, as far as they are in this currency."""
    sums: Months = {}
    for one in documents:
        for month, amount in one["months"].get(currency, {}).items():
            sums[month] = sums.get(month, ZERO) + Decimal(amount)
    return sums


def by_stream(_: TargetSet, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def target(_: str, __: Document | None, fact: TargetSet, envelope: Envelope) -> Document:
    return {**document(fact), "set_at": document(envelope.time)}


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
