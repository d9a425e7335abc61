"""The categories of a period, each alone and summed up from the surest on: F-01 with ruling f1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate

from services.forecast.domain.accuracy import PRECISE, ZERO, ratio
from services.forecast.domain.standing import OPEN, Category, Standing, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """`cumulative` is what a category promises together with all that is surer, won included.

    `open` is what is not decided yet; `coverage` is that ÷ what is missing to the quota, None when
    nothing is missing.
    """

    single: Mapping[Category, Decimal]
    cumulative: Mapping[Category, Decimal]
    open: Decimal
    coverage: Decimal | None


def rollup(standings: Sequence[Standing], first: date, end: date, quota: Decimal | None) -> Rollup:
    closed = total(standings, "closed", first, end)
    alone = [total(standings, category, first, end) for category in OPEN]
    open_, missing = sum(alone, ZERO), (quota or ZERO) - closed
    surest: tuple[Category, ...] = ("closed", *OPEN)
    with localcontext(PRECISE):
        return Rollup(
            single=dict(zip(surest, [closed, *alone], strict=True)),
            cumulative=dict(zip(surest, accumulate([closed, *alone]), strict=True)),
            open=open_,
            coverage=ratio(open_, missing) if missing > 0 else None,
        )
