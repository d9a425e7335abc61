"""One month, of one partner or of all, seen from a day: what is, what was meant, what will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO, Accuracy, ratio
from services.forecast.domain.history import average, backtest, complete, run_rate, seasonal_naive


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Exact; `attainment` is a ratio, 1 when the target is met."""

    actual: Decimal
    target: Decimal | None
    attainment: Decimal | None
    run_rate: Decimal | None
    seasonal_naive: Decimal | None
    run_rate_tested: Accuracy | None
    seasonal_naive_tested: Accuracy | None


def outlook(
    months: Mapping[str, Decimal], target: Decimal | None, month: str, today: date
) -> Outlook:
    history, actual = complete(months, today), months.get(month, ZERO)
    return Outlook(
        actual=actual,
        target=target,
        attainment=attainment(actual, target),
        run_rate=run_rate(months, month, today),
        seasonal_naive=seasonal_naive(history, month),
        run_rate_tested=backtest(history, average),
        seasonal_naive_tested=backtest(history, seasonal_naive),
    )


def attainment(actual: Decimal, target: Decimal | None) -> Decimal | None:
    with localcontext(PRECISE):
        return None if target is None else ratio(actual, target)
