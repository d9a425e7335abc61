"""Which weeks of a region are abnormal: F-08 with ruling f9. Nothing is rounded here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.windows import WEEK, Weeks, weeks_over

LIMIT, MOST, FEWEST = 3, 12, 8
LOOKED_BACK, REMEMBERED, AHEAD = 12 * WEEK, 104 * WEEK, 53 * WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A week beside those before it; s is their sample deviation, z is None where that is 0."""

    week: date
    amount: Decimal
    mean: Decimal
    deviation: Decimal
    z: Decimal | None
    weeks: int
    abnormal: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of abnormal weeks: how it began, and its last week so far."""

    began: Judgement
    last: date


def judged(week: date, amount: Decimal, before: Sequence[Decimal]) -> Judgement | None:
    """(x − mean)² ≥ 9·s² over whole numbers of n, so that no rounding decides.

    At most twelve weeks count; with fewer than eight nothing is known. Where they were all alike,
    any difference is abnormal.
    """
    known = before[-MOST:]
    if (n := len(known)) < FEWEST:
        return None
    with localcontext(PRECISE):
        total = sum(known, ZERO)
        off = n * amount - total  # n · (x − mean)
        spread = n * sum((x * x for x in known), ZERO) - total * total  # n · (n − 1) · s²
        deviation = (spread / (n * (n - 1))).sqrt()
        return Judgement(
            week=week,
            amount=amount,
            mean=total / n,
            deviation=deviation,
            z=off / n / deviation if deviation else None,
            weeks=n,
            abnormal=bool(off) and off * off * (n - 1) >= LIMIT * LIMIT * n * spread,
        )


def judgements(weeks: Weeks, today: date) -> list[Judgement]:
    """Of the weeks of two years that are over and have enough before them.

    The first week with money begins: what lies before is unknown, a week without money after it
    is 0.
    """
    if not weeks:
        return []
    mondays = list(weeks_over(max(min(weeks), today - REMEMBERED), today))
    amounts = [weeks.get(monday, ZERO) for monday in mondays]
    found = (judged(m, amounts[n], amounts[:n]) for n, m in enumerate(mondays))
    return [one for one in found if one]


def episodes(weeks: Weeks, today: date) -> list[Episode]:
    """One for each run of abnormal weeks, oldest first."""
    found: list[Episode] = []
    for one in judgements(weeks, today):
        if not one.abnormal:
            continue
        if found and found[-1].last + WEEK == one.week:
            found[-1] = Episode(found[-1].began, one.week)
        else:
            found.append(Episode(one, one.week))
    return found


def news(weeks: Weeks, today: date) -> list[Episode]:
    """Those that still ran in the twelve weeks before: what is older is history, not news."""
    return [one for one in episodes(weeks, today) if one.last >= today - LOOKED_BACK]


def alive(weeks: Weeks, today: date) -> bool:
    """Whether a week to come can differ from those before it: there is money in them, or due."""
    return any(-(MOST + 1) * WEEK <= week - today <= AHEAD for week in weeks)
