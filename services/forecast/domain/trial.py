"""A pipeline that others have closed long ago, forecast as if we had stood there: ruling f8.

Every month is forecast on the evening before it, from what was known then and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from services.forecast.domain.accuracy import ZERO, Accuracy, measured
from services.forecast.domain.blend import Opinion, blended
from services.forecast.domain.deals import Deal, known, won_by_month
from services.forecast.domain.history import (
    FEWEST,
    TESTED,
    History,
    average,
    quarter_naive,
    seasonal_naive,
)
from services.forecast.domain.months import bounds, month_of, shifted
from services.forecast.domain.pipeline import Pipeline

PEERS = ("run_rate", "seasonal_naive")
OURS = ("run_rate", "quarter_naive", "pipeline")
"""What the blend is made of."""
Forecasts = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Trial:
    """All deals, whatever became of them; nothing later than `until` is ever looked at."""

    deals: Sequence[Deal]
    until: date
    _pipelines: dict[date, Pipeline] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The last complete month."""
        month = month_of(self.until + timedelta(days=1))
        return shifted(month, -1)

    @property
    def offices(self) -> list[str]:
        return sorted({one.office for one in known(self.deals, self.until)})

    def actual(self, office: str, month: str) -> Decimal:
        return self._won(office, self.until).get(month, ZERO)

    def forecast(self, office: str, month: str, eve: date) -> dict[str, Decimal | None]:
        """By author, as it would have been said at the end of `eve`."""
        told = self._single(office, month, eve)
        opinions = [
            Opinion(value, self._wape(office, name, eve))
            for name in OURS
            if (value := told[name]) is not None
        ]
        return {**told, "blend": blended(opinions)}

    def tested(self, office: str, months: Sequence[str]) -> dict[str, Accuracy | None]:
        """By author, over these months; None for one that had nothing to say in one of them."""
        actual = [self.actual(office, month) for month in months]
        told = [self.forecast(office, month, _eve(month)) for month in months]
        found: dict[str, Accuracy | None] = {}
        for name in ("blend", "quarter_naive", "pipeline", *PEERS):
            said = [v for one in told if (v := one[name]) is not None]
            found[name] = measured(actual, said) if len(said) == len(months) else None
        return found

    def _single(self, office: str, month: str, eve: date) -> dict[str, Decimal | None]:
        history = History(self._won(office, eve), shifted(month_of(eve + timedelta(days=1)), -1))
        return {
            "run_rate": average(history, month),
            "seasonal_naive": seasonal_naive(history, month),
            "quarter_naive": quarter_naive(history, month),
            "pipeline": self._pipeline(eve).expected(office, month),
        }

    def _wape(self, office: str, name: str, eve: date) -> Decimal | None:
        """One month ahead, over at most the twelve complete months before; unknown under three."""
        last, first = shifted(month_of(eve + timedelta(days=1)), -1), self._first(office, eve)
        months = [shifted(last, -n) for n in reversed(range(TESTED))]
        pairs = [
            (self.actual(office, month), said)
            for month in months
            if first is not None
            and month > first
            and (said := self._single(office, month, _eve(month))[name]) is not None
        ]
        if len(pairs) < FEWEST:
            return None
        return measured([a for a, _ in pairs], [f for _, f in pairs]).wape

    def _first(self, office: str, eve: date) -> str | None:
        return min(self._won(office, eve), default=None)

    def _won(self, office: str, eve: date) -> dict[str, Decimal]:
        return won_by_month(one for one in self._pipeline(eve).deals if one.office == office)

    def _pipeline(self, eve: date) -> Pipeline:
        if eve not in self._pipelines:
            self._pipelines[eve] = Pipeline.at(self.deals, eve)
        return self._pipelines[eve]


def _eve(month: str) -> date:
    """The evening before it begins."""
    return bounds(month)[0] - timedelta(days=1)
