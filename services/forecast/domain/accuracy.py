"""How good a forecast was: F-05 with ruling f5. Nothing is rounded here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import pairwise

from shared.kernel.errors import Malformed

PRECISE = Context(prec=80, rounding=ROUND_HALF_UP)
ZERO = Decimal(0)
SHOWN = Decimal(1).scaleb(-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Ratios, not percentages; None where the measure is not defined.

    `left_out` counts the actuals of 0, of which MAPE knows nothing.
    """

    n: int
    wape: Decimal | None
    accuracy: Decimal | None
    bias: Decimal | None
    mape: Decimal | None
    mase: Decimal | None
    left_out: int


def measured(actual: Sequence[Decimal], forecast: Sequence[Decimal]) -> Accuracy:
    """Ratios to Σ|a|; MAPE over a ≠ 0; MASE against the one-step naive of the same actuals."""
    if len(actual) != len(forecast):
        raise Malformed("series-unequal", "give one forecast for each actual")
    with localcontext(PRECISE):
        errors = [f - a for a, f in zip(actual, forecast, strict=True)]
        size, missed = absolute(actual), absolute(errors)
        wape = ratio(missed, size)
        shares = [abs(e / a) for a, e in zip(actual, errors, strict=True) if a]
        steps = [after - before for before, after in pairwise(actual)]
        return Accuracy(
            n=len(actual),
            wape=wape,
            accuracy=None if wape is None else 1 - wape,
            bias=ratio(sum(errors, ZERO), size),
            mape=ratio(sum(shares, ZERO), Decimal(len(shares))),
            mase=ratio(missed * len(steps), absolute(steps) * len(actual)),
            left_out=len(actual) - len(shares),
        )


def absolute(values: Sequence[Decimal]) -> Decimal:
    return sum(map(abs, values), ZERO)


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def digits(value: Decimal | None) -> str | None:
    """For the wire: up to 12 decimals, no exponent, no trailing zeros."""
    if value is None:
        return None
    with localcontext(PRECISE):
        return format(value.quantize(SHOWN).normalize() + ZERO, "f")
