"""What the Faust worker runs: run-rates by region and product line, and abnormal weeks.

The sums of a region are product line → currency → week, the windows are those of the views.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.anomaly import reports
from services.forecast.domain.events import Piece
from services.forecast.domain.region import last_due
from services.forecast.domain.windows import rates, week_of
from services.forecast.projections import PAYMENT_TOLD, PaymentTold, moved, pieces, weeks_in
from shared.contracts.calendar import business_day
from shared.kernel.codec import document, restored
from shared.kernel.policy import Asked
from shared.kernel.ports import Document
from shared.kernel.stream import Gauge, Stream, Told

GAUGES = {
    "run_rate": "Collected × days ÷ days elapsed in the window of four weeks that ends with this",
    "collected": "Net collected in the window of four weeks that ends with this one",
}


def told(fact: PaymentTold) -> Told:
    by_region: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in pieces(fact):
        by_region[piece.region].append(piece)
    week = week_of(fact.paid_on).isoformat()
    parts = {
        region: {"week": week, "pieces": document(found)} for region, found in by_region.items()
    }
    return Told(thing=str(fact.payment_id), revision=fact.revision, parts=parts)


def moved_to(sums: Document | None, was: Document | None, now: Document | None) -> Document:
    lines: Document = dict(sums or {})
    for week, piece in [*_out(was), *_in(now)]:
        lines[piece.product_line] = moved(lines.get(piece.product_line, {}), week, piece)
    return {line: of for line, of in lines.items() if of}


def _in(part: Document | None) -> list[tuple[str, Piece]]:
    return [(part["week"], restored(one, Piece)) for one in part["pieces"]] if part else []


def _out(part: Document | None) -> list[tuple[str, Piece]]:
    return [(week, replace(piece, net=-piece.net)) for week, piece in _in(part)]


def measured(sums: Document, now: datetime) -> Iterable[Gauge]:
    for line, of in sums.items():
        for currency, weeks in weeks_in(of).items():
            latest = rates(weeks, business_day(now))[-1]
            labels = {"product_line": line, "currency": currency}
            yield Gauge("run_rate", labels, float(latest.run_rate))
            yield Gauge("collected", labels, float(latest.collected))


def judged(region: str, sums: Document, due: datetime) -> Iterable[Asked]:
    """All product lines together, as the timers judge them."""
    totals: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
    for of in sums.values():
        for currency, weeks in weeks_in(of).items():
            for week, amount in weeks.items():
                totals[currency][week] = totals[currency].get(week, ZERO) + amount
    for currency, weeks in totals.items():
        known = {week: amount for week, amount in weeks.items() if amount}
        yield from reports(region, currency, known, business_day(due), due)


STREAM: Stream[PaymentTold] = Stream(
    name="forecast.stream",
    facts=PAYMENT_TOLD,
    group="region",
    labels=("product_line", "currency"),
    gauges=GAUGES,
    told=told,
    moved=moved_to,
    measured=measured,
    due=last_due,
    judged=judged,
)
