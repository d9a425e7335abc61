"""A period foreseen: each author's figure, how wrong that author was before, and their blend.

The authors are the partners (`submitted`), the open opportunities by their chances (`weighted`)
and the months so far (`model`). Every one is tried on the past as it was known then, one period
ahead, at most twelve of them, and is unknown under three (rulings f4, f6, f8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Literal

from services.forecast.domain.accuracy import PRECISE, ZERO, measured
from services.forecast.domain.blend import Opinion, blended, weights
from services.forecast.domain.book import Book, expected, submitted, won
from services.forecast.domain.history import (
    FEWEST,
    TESTED,
    History,
    Model,
    ahead,
    average,
    run_rate,
    seasonal_naive,
)
from services.forecast.domain.months import bounds, earlier, month_of, months_of, shifted, span
from services.forecast.domain.rollup import Rollup, rollup
from services.forecast.domain.round import as_at
from shared.contracts.calendar import DAY
from shared.contracts.forecast import ForecastScope

Author = Literal["submitted", "weighted", "model"]
Method = Literal["run-rate", "seasonal-naive"]
METHODS: Mapping[Method, Model] = {"run-rate": average, "seasonal-naive": seasonal_naive}
Trial = Mapping[str, tuple[Decimal, Decimal]]
"""By period: what came, and what had been said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    value: Decimal
    wape: Decimal | None
    weight: Decimal  # 0 … 1
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """Exact; None where nobody knows."""

    rollup: Rollup
    voices: Mapping[Author, Voice]
    deviation: Decimal | None
    method: Method | None
    blended: Decimal | None
    wape: Decimal | None


@dataclass(frozen=True)
class Asked:
    book: Book
    scope: ForecastScope
    period: str
    at: datetime

    @property
    def tomorrow(self) -> date:
        return self.book.at(self.at).today + DAY

    @cached_property
    def history(self) -> History:
        """The months that are over."""
        return History(won(self.book, self.scope, self.at), shifted(month_of(self.tomorrow), -1))

    @property
    def within(self) -> tuple[date, date]:
        return span(self.period)


def foreseen(book: Book, scope: ForecastScope, period: str, at: datetime) -> Foresight:
    asked = Asked(book, scope, period, at)
    mean = expected(book, scope, asked.within, at)
    method, model = _model(asked)
    values: dict[Author, tuple[Decimal | None, Trial]] = {
        "submitted": (submitted(book, scope, period, at), _submissions(asked)),
        "weighted": (mean[0] if mean else None, _pipelines(asked)),
        "model": (model, _tried(asked, method)),
    }
    voices = _voices({a: (v, trial) for a, (v, trial) in values.items() if v is not None})
    return Foresight(
        rollup=rollup(book.at(at).of(scope), *asked.within, None),
        voices=voices,
        deviation=mean[1] if mean else None,
        method=method if model is not None else None,
        blended=blended([Opinion(one.value, one.wape) for one in voices.values()]),
        wape=_together(voices),
    )


def _voices(values: Mapping[Author, tuple[Decimal, Trial]]) -> dict[Author, Voice]:
    opinions = [Opinion(value, _wape(trial)) for value, trial in values.values()]
    return {
        author: Voice(value=value, wape=one.wape, weight=weight, trial=trial)
        for (author, (value, trial)), one, weight in zip(
            values.items(), opinions, weights(opinions), strict=True
        )
    }


def _wape(trial: Trial) -> Decimal | None:
    if len(trial) < FEWEST:
        return None
    return measured([a for a, _ in trial.values()], [f for _, f in trial.values()]).wape


def _together(voices: Mapping[Author, Voice]) -> Decimal | None:
    """Of the blend: today's weights on what its parts had said of periods they all spoke of."""
    parts = [one for one in voices.values() if one.weight]
    if not parts:
        return None
    common = sorted(set.intersection(*({*one.trial} for one in parts)))
    with localcontext(PRECISE):
        trial = {
            period: (
                parts[0].trial[period][0],
                sum((one.weight * one.trial[period][1] for one in parts), ZERO),
            )
            for period in common
        }
    return _wape(trial)


def _model(asked: Asked) -> tuple[Method, Decimal | None]:
    """The method that was less wrong so far; of equals and unknown ones the run-rate."""
    errors = {name: _wape(_tried(asked, name)) for name in METHODS}
    known = {name: wape for name, wape in errors.items() if wape is not None}
    unknown: Method = "run-rate"
    method = min(known, key=lambda name: known[name], default=unknown)
    history, months = asked.history, months_of(*asked.within)
    said = [_month(asked, history, method, month) for month in months]
    values = [one for one in said if one is not None]
    if history.first is None or len(values) < len(said):
        return method, None
    with localcontext(PRECISE):
        return method, sum(values, ZERO)


def _month(asked: Asked, history: History, method: Method, month: str) -> Decimal | None:
    """What it brought if it is over; the running one by its own pace if the run-rate is asked."""
    if month <= history.last:
        return history.months.get(month, ZERO)
    if method == "run-rate" and month == month_of(today := asked.book.at(asked.at).today):
        return run_rate(history.months, month, today)
    return METHODS[method](history, month)


def _tried(asked: Asked, method: Method) -> Trial:
    return {month: (actual, said) for month, actual, said in ahead(asked.history, METHODS[method])}


def _pipelines(asked: Asked) -> Trial:
    """What the opportunities promised of each month on its eve."""
    return {
        month: (actual, mean[0])
        for month, actual in asked.history.latest(TESTED)
        if (mean := expected(asked.book, asked.scope, bounds(month), _eve(month)))
    }


def _submissions(asked: Asked) -> Trial:
    """Periods like this one that are over, and what the partners said on their eves."""
    months, found = asked.history.months, dict[str, tuple[Decimal, Decimal]]()
    for n in range(1, TESTED + 1):
        period = _past(asked, n)
        said = submitted(asked.book, asked.scope, period, _eve(period))
        if said is not None:
            with localcontext(PRECISE):
                came = (months.get(month, ZERO) for month in months_of(*span(period)))
                found[period] = sum(came, ZERO), said
    return found


def _past(asked: Asked, n: int) -> str:
    """The n-th period of its size before the one that tomorrow lies in, or before this one."""
    period = asked.period
    while span(period)[1] > asked.tomorrow:
        period = earlier(period)
    for _ in range(n - 1):
        period = earlier(period)
    return period


def _eve(period: str) -> datetime:
    return as_at(span(period)[0])
