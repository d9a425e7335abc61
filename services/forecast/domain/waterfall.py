"""Why a category's sum moved between two instants: F-03 with ruling f3.

Each opportunity explains its own difference by exactly one reason, so that the start and all
reasons together always are the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.standing import Category, Standing

Reason = Literal[
    "new", "reopened", "pulled-in", "promoted", "up", "down",
    "won", "lost", "pushed-out", "demoted",
]  # fmt: skip
Standings = Mapping[str, Standing]
ENDED: tuple[Category, ...] = ("closed", "lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Amounts are signed: `start` + Σ `moves` = `end`."""

    start: Decimal
    moves: Mapping[Reason, Decimal]
    end: Decimal


def waterfall(
    before: Standings, after: Standings, category: Category, period: tuple[date, date]
) -> Waterfall:
    start, end, moves = ZERO, ZERO, dict[Reason, Decimal]()
    for key in sorted({*before, *after}):
        then, now = before.get(key), after.get(key)
        old = then.counts(category, *period) if then else None
        new = now.counts(category, *period) if now else None
        start, end = start + (old or ZERO), end + (new or ZERO)
        if old != new:
            reason = _came(then, period) if old is None else _left(now, period, old, new)
            moves[reason] = moves.get(reason, ZERO) + (new or ZERO) - (old or ZERO)
    return Waterfall(start=start, moves=moves, end=end)


def _came(then: Standing | None, period: tuple[date, date]) -> Reason:
    """It counts, and did not before."""
    if then is None:
        return "new"
    if then.category in ENDED:
        return "reopened"
    return "promoted" if then.within(*period) else "pulled-in"


def _left(
    now: Standing | None, period: tuple[date, date], old: Decimal, new: Decimal | None
) -> Reason:
    """It counted: for more or less by now, or not any more."""
    if new is not None:
        return "up" if new > old else "down"
    if now is None or now.category == "lost":
        return "lost"
    if now.category == "closed":
        return "won"
    return "demoted" if now.within(*period) else "pushed-out"
