"""How good what was published turned out to be, author by author: F-05 over F-07."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.forecast.domain.accuracy import Accuracy, measured
from services.forecast.domain.months import size_of, span
from services.forecast.domain.windows import WEEK

AUTHORS = ("blended", "weighted", "model", "submitted", "commit", "best_case", "pipeline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """By author what was said of the period, that week."""

    period: str
    week: date
    said: Mapping[str, Decimal]


def chosen(
    published: Iterable[Publication], size: int, ahead: int, today: date
) -> list[Publication]:
    """Of each period of so many months that is over, the last one that was published at least
    `ahead` weeks before it began; oldest first.
    """
    found: dict[str, Publication] = {}
    for one in sorted(published, key=lambda each: each.week):
        first, end = span(one.period)
        over, early = end <= today, one.week + ahead * WEEK <= first
        if size_of(one.period) == size and over and early:
            found[one.period] = one
    return [found[period] for period in sorted(found)]


def accuracies(
    chosen_: Iterable[Publication], came: Mapping[str, Decimal]
) -> dict[str, Accuracy | None]:
    """By author, over the periods of which it had spoken; None for one that never had."""
    found: dict[str, Accuracy | None] = {}
    told = [*chosen_]
    for author in AUTHORS:
        pairs = [(came[one.period], one.said[author]) for one in told if author in one.said]
        actual, forecast = [a for a, _ in pairs], [f for _, f in pairs]
        found[author] = measured(actual, forecast) if pairs else None
    return found
