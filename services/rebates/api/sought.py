"""What reads of accounts have in common: which accounts are meant, and when."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from services.rebates.domain.periods import kind_of
from services.rebates.domain.programme import INSTANT
from shared.contracts.calendar import business_day, end_of
from shared.contracts.ids import Id
from shared.kernel.ports import Condition
from shared.runtime.http import Caller

FIRST_YEAR, LAST_YEAR = 1970, 9000
OFFSET = re.compile(r" (\d\d:\d\d)$", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ].+([Zz]|[+-]\d\d:?\d\d))?", re.ASCII)


def dated(value: object) -> object:
    """A "+" that was not encoded reaches us as a space; a bare number is no date."""
    moment = OFFSET.sub(r"+\1", value) if isinstance(value, str) else ""
    if not MOMENT.fullmatch(moment):
        raise ValueError("write 2026-04-10, or an instant with its offset")
    return moment


def within(moment: datetime | date) -> datetime | date:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"name a moment from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


Moment = Annotated[
    AwareDatetime | date,
    Field(union_mode="left_to_right"),
    BeforeValidator(dated),
    AfterValidator(within),
]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which accounts; `as_of` cuts by the day of payment, `as_at` by the time of recording."""

    programme: Annotated[Id | None, Query()] = None
    partner: Annotated[Id | None, Query()] = None
    period: Annotated[str | None, Query(max_length=16)] = None
    partition: Annotated[str | None, Query(max_length=500)] = None
    as_of: Annotated[Moment | None, Query(description="a day, or an instant of it")] = None
    as_at: Annotated[Moment | None, Query(description="an instant, or a whole day")] = None

    @property
    def past(self) -> bool:
        return self.as_of is not None or self.as_at is not None

    @property
    def until(self) -> date:
        """The last business day that counts, inclusive (ruling g1)."""
        if isinstance(self.as_of, datetime):
            return business_day(self.as_of)
        return date.max if self.as_of is None else self.as_of

    @property
    def boundary(self) -> datetime | None:
        """The first instant at which nothing recorded counts any more."""
        if isinstance(self.as_at, datetime):
            return self.as_at + INSTANT
        return end_of(self.as_at) if self.as_at else None

    def where(self) -> tuple[Condition, ...]:
        if self.period is not None:
            kind_of(self.period)
        fields = {
            "programme_id": self.programme,
            "partner_id": self.partner,
            "period": self.period,
            "partition": self.partition,
        }
        return tuple((name, "eq", value) for name, value in fields.items() if value is not None)

    def of(self, who: Caller) -> "Sought | None":
        """As far as the caller may see; None where that is nothing."""
        if who.role != "partner":
            return self
        if self.partner not in {None, who.partner_id}:
            return None
        return replace(self, partner=who.partner_id)


AskedFor = Annotated[Sought, Depends()]
