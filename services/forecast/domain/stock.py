"""What a partner has on its shelves, when that is too little or too much: F-08, ruling f9."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from services.forecast.domain.accuracy import PRECISE, ZERO, ratio
from services.forecast.domain.commands import RecordStock
from services.forecast.domain.events import StockRecorded
from shared.contracts.forecast import ChannelOverstocked, StockBelowSafety, StockRestored
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed

WINDOW, WEEK = 28, 7  # days
SAFETY = 4  # weeks of sell-through that are to be on hand
STUFFED = Decimal("1.5")  # sell-in for each unit of sell-through, above which a channel is stuffed
TENTHS = Decimal("0.0001")
LONGEST = timedelta(days=366)
StockEvent = StockRecorded | StockBelowSafety | StockRestored | ChannelOverstocked
Span = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    opening: Decimal
    sell_in: Decimal
    sell_through: Decimal
    closing: Decimal


Reports = Mapping[Span, Report]


@dataclass(frozen=True, slots=True)
class Stock:
    reports: Reports = field(default_factory=dict)
    below: bool = False
    stuffed: frozenset[Span] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Of the latest report. `weekly` is the mean of the last four weeks, or of fewer if no more
    are known; `weeks` is how long that lasts. None where nothing can be divided by.
    """

    until: date
    on_hand: Decimal
    weekly: Decimal
    weeks: Decimal | None
    safety: Decimal
    turns: Decimal | None
    ratio: Decimal | None
    below: bool
    stuffed: bool


def judged(reports: Reports) -> Judgement:
    last = max(reports, key=lambda span: (span[1], span[0]))
    one = reports[last]
    with localcontext(PRECISE):
        weekly = _weekly(reports, last[1])
        pushed = ratio(one.sell_in, one.sell_through)
        return Judgement(
            until=last[1],
            on_hand=one.closing,
            weekly=weekly,
            weeks=ratio(one.closing, weekly),
            safety=weekly * SAFETY,
            turns=ratio(one.sell_through, (one.opening + one.closing) / 2),
            ratio=pushed,
            below=one.closing < weekly * SAFETY,
            stuffed=one.sell_in > 0 if pushed is None else pushed > STUFFED,
        )


def rounded(units: Decimal) -> Decimal:
    """For facts and the wire: what is judged is exact."""
    with localcontext(PRECISE):
        return units.quantize(TENTHS)


def _weekly(reports: Reports, until: date) -> Decimal:
    """A report that begins before the window counts by its days in it."""
    sold, days = ZERO, 0
    for (since, last), one in reports.items():
        whole = (last - since).days + 1
        inside = min(whole, WINDOW - (until - last).days)
        if inside > 0 and last <= until:
            sold += one.sell_through * inside / whole
            days += inside
    return sold * WEEK / min(days, WINDOW) if days else ZERO


def decide(command: RecordStock, stock: Stock) -> list[StockEvent]:
    """The same again means nothing; other figures for the same days take their place."""
    report, span = _checked(command, stock), (command.since, command.until)
    if stock.reports.get(span) == report:
        return []
    told: dict[str, Any] = {
        "partner_id": command.partner_id,
        "region": command.region,
        "product_line": command.product_line,
        "sku": command.sku,
    }
    facts: list[StockEvent] = [
        StockRecorded(
            **told,
            since=command.since,
            until=command.until,
            opening=report.opening,
            sell_in=report.sell_in,
            sell_through=report.sell_through,
            closing=report.closing,
        )
    ]
    now = judged({**stock.reports, span: report})
    if now.below != stock.below:
        kind = StockBelowSafety if now.below else StockRestored
        weekly, safety = rounded(now.weekly), rounded(now.safety)
        facts.append(
            kind(**told, until=now.until, on_hand=now.on_hand, weekly=weekly, safety=safety)
        )
    if now.stuffed and now.until == command.until and span not in stock.stuffed:
        facts.append(
            ChannelOverstocked(
                **told,
                since=command.since,
                until=command.until,
                sell_in=report.sell_in,
                sell_through=report.sell_through,
            )
        )
    return facts


def _checked(command: RecordStock, stock: Stock) -> Report:
    if not command.since <= command.until < command.since + LONGEST:
        raise Malformed("stock-period-malformed", "from a day to the same or a later one")
    opening = (
        _opening(command.since, stock.reports) if command.opening is None else command.opening
    )
    computed = opening + command.sell_in - command.sell_through
    closing = computed if command.on_hand is None else command.on_hand
    if min(opening, command.sell_in, command.sell_through, closing) < 0:
        raise Malformed("stock-negative", "quantities are 0 or more, and so is what is left")
    return Report(
        opening=opening,
        sell_in=command.sell_in,
        sell_through=command.sell_through,
        closing=closing,
    )


def _opening(since: date, reports: Reports) -> Decimal:
    """What was left before; nothing is known of a shelf that nobody has reported."""
    earlier = [span for span in reports if span[1] < since]
    return reports[max(earlier, key=lambda span: span[1])].closing if earlier else ZERO


def evolve(stock: Stock, fact: StockEvent) -> Stock:
    match fact:
        case StockRecorded():
            report = Report(
                opening=fact.opening,
                sell_in=fact.sell_in,
                sell_through=fact.sell_through,
                closing=fact.closing,
            )
            reports = {**stock.reports, (fact.since, fact.until): report}
            return Stock(reports, stock.below, stock.stuffed)
        case StockBelowSafety():
            return Stock(stock.reports, True, stock.stuffed)
        case StockRestored():
            return Stock(stock.reports, False, stock.stuffed)
        case ChannelOverstocked():
            return Stock(stock.reports, stock.below, stock.stuffed | {(fact.since, fact.until)})


def stock_stream(partner_id: str, product_line: str, sku: str | None) -> str:
    return f"forecast.stock-{named(partner_id, product_line, sku)}"


DECIDER: Decider[RecordStock, Stock, StockEvent] = Decider(decide, evolve, Stock())
STOCK = Aggregate(
    name="stock",
    decider=DECIDER,
    facts=(StockRecorded, StockBelowSafety, StockRestored, ChannelOverstocked),
)
