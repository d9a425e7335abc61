"""Several forecasts as one: F-06 with ruling f6."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO

SMALLEST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A forecast, and how wrong its author was before (None: nobody knows yet)."""

    value: Decimal
    wape: Decimal | None


def blended(opinions: Sequence[Opinion]) -> Decimal | None:
    """Weights 1 ÷ max(WAPE, 1 %)²; an unknown one takes no part unless all are unknown."""
    proven = [one for one in opinions if one.wape is not None]
    with localcontext(PRECISE):
        weights = [(one.value, _weight(one)) for one in proven or opinions]
        whole = sum((weight for _, weight in weights), ZERO)
        return sum((v * w for v, w in weights), ZERO) / whole if whole else None


def _weight(one: Opinion) -> Decimal:
    return Decimal(1) if one.wape is None else 1 / max(one.wape, SMALLEST) ** 2
