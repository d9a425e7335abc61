"""What was published of a scope: each period once a week, and never again."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, get_args

from services.forecast.domain.accuracy import PRECISE
from services.forecast.domain.book import Book, lives
from services.forecast.domain.commands import PublishForecast
from services.forecast.domain.foresight import Author, foreseen
from services.forecast.domain.months import period_of, size_of, span
from services.forecast.domain.round import as_at
from shared.contracts.forecast import ForecastPublished, ForecastScope
from shared.contracts.ids import named
from shared.contracts.money import Currency, Money
from shared.kernel.decider import Aggregate, Decider

MONTH, QUARTER = 1, 3
AUTHORS = get_args(Author)
PLACES = Decimal(1).scaleb(-6)
WHOLE = ForecastScope()
Published = frozenset[tuple[str, date]]


def decide(command: PublishForecast, known: Published) -> list[ForecastPublished]:
    return [one for one in command.found if (one.period, one.week) not in known]


def evolve(known: Published, fact: ForecastPublished) -> Published:
    return known | {(fact.period, fact.week)}


def publication_stream(scope: ForecastScope, currency: Currency) -> str:
    about = named(scope.partner, scope.region, scope.product_line, currency)
    return f"forecast.publication-{about}"


def scopes(book: Book, week: date) -> list[ForecastScope]:
    """The house and each partner, as far as there is anything to foresee."""
    at = as_at(week)
    wanted = [WHOLE, *(ForecastScope(partner=one) for one in book.partners(at))]
    return [scope for scope in wanted if lives(book, scope, at)]


def periods(week: date) -> list[str]:
    """The month and the quarter that the Monday lies in, and those after them."""
    present = [period_of(week, size) for size in (MONTH, QUARTER)]
    return [*present, *(period_of(span(one)[1], size_of(one)) for one in present)]


def publication(
    book: Book, scope: ForecastScope, currency: Currency, period: str, week: date
) -> ForecastPublished:
    at = as_at(week)
    seen = foreseen(book, scope, period, at)
    figures: dict[str, Any] = {
        name.replace("-", "_"): Money(one, currency).rounded()
        for name, one in seen.rollup.cumulative.items()
    }
    for author in AUTHORS:
        voice = seen.voices.get(author)
        figures[author] = _money(voice.value if voice else None, currency)
        figures[f"wape_{author}"] = _ratio(voice.wape if voice else None)
    return ForecastPublished(
        partner_id=scope.partner,
        scope=scope,
        period=period,
        week=week,
        as_at=at,
        deviation=_money(seen.deviation, currency),
        method=seen.method,
        blended=_money(seen.blended, currency),
        wape_backtest=_ratio(seen.wape),
        **figures,
    )


def _money(amount: Decimal | None, currency: Currency) -> Money | None:
    return None if amount is None else Money(amount, currency).rounded()


def _ratio(value: Decimal | None) -> Decimal | None:
    with localcontext(PRECISE):
        return None if value is None else value.quantize(PLACES, ROUND_HALF_UP)


DECIDER: Decider[PublishForecast, Published, ForecastPublished] = Decider(
    decide, evolve, frozenset()
)
PUBLICATION = Aggregate(name="publication", decider=DECIDER, facts=(ForecastPublished,))
