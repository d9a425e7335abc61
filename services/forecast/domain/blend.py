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
    """Each with its weight; None where nobody has one."""
    if not opinions:
        return None
    with localcontext(PRECISE):
        told = zip(opinions, _inverses(opinions), strict=True)
        parts = [(one.value * weight, weight) for one, weight in told]
        return sum((part for part, _ in parts), ZERO) / sum((w for _, w in parts), ZERO)


def weights(opinions: Sequence[Opinion]) -> list[Decimal]:
    """Shares of 1."""
    with localcontext(PRECISE):
        inverses = _inverses(opinions)
        whole = sum(inverses, ZERO)
        return [weight / whole for weight in inverses]


def _inverses(opinions: Sequence[Opinion]) -> list[Decimal]:
    """1 ÷ max(WAPE, 1 %)²; an unknown one takes no part unless all are unknown."""
    if all(one.wape is None for one in opinions):
        return [Decimal(1) for _ in opinions]
    return [ZERO if one.wape is None else 1 / max(one.wape, SMALLEST) ** 2 for one in opinions]
