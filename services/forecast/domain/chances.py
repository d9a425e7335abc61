"""How likely an open opportunity is won, from those that closed: F-04 with ruling f4."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.months import bounds, month_of, shifted
from services.forecast.domain.pipeline import FEWEST
from services.forecast.domain.standing import Standing

YEAR = 12


@dataclass(frozen=True, slots=True)
class Record:
    """Of a stage: how many that were ever in it closed in the twelve months before, and won."""

    closed: int = 0
    won: int = 0


@dataclass(frozen=True, slots=True)
class Chance:
    """`source`: `history` where enough closed, else the stage `model`'s own number."""

    value: Decimal
    source: Literal["history", "model"]


@dataclass(frozen=True, slots=True)
class Chances:
    records: Mapping[str, Record]

    def of(self, one: Standing) -> Chance:
        record = self.records.get(one.stage or "", Record())
        if record.closed < FEWEST:
            return Chance(one.probability or ZERO, "model")
        with localcontext(PRECISE):
            return Chance(Decimal(record.won) / record.closed, "history")


def chances(standings: Iterable[Standing], today: date) -> Chances:
    """Of the whole house, as it stood at the end of `today`."""
    since = year_before(today)
    records: dict[str, Record] = defaultdict(Record)
    for one in standings:
        ended = one.category in {"closed", "lost"} and one.closes is not None
        if ended and one.closes is not None and since < one.closes <= today:
            for stage in one.stages:
                record = records[stage]
                won = record.won + (one.category == "closed")
                records[stage] = Record(record.closed + 1, won)
    return Chances(dict(records))


def year_before(day: date) -> date:
    """The same day twelve months ago, or the last one of that month."""
    first, after = bounds(shifted(month_of(day), -YEAR))
    return first.replace(day=min(day.day, (after - first).days))
