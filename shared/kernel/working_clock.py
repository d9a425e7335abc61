"""The working clock: 09:00 to 18:00 without a break, in the business zone (ruling l3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import holidays

from shared.contracts.calendar import BUSINESS, DAY, business_day

OPENING, CLOSING = time(9), time(18)
SATURDAY = 5

Works = Callable[[date], bool]
CHINA = holidays.country_holidays("CN")


def national(day: date) -> bool:
    """By China's public holidays and make-up days, as far as they are announced."""
    return CHINA.is_working_day(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Mon–Fri, but for `holidays`, and on `workdays`, the make-up days (调休)."""

    calendar_id: str
    version: int
    workdays: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)


def after(start: datetime, worked: timedelta, works: Works) -> datetime:
    """When so much has been worked. An end at closing stays there; outside, nothing counts."""
    for opening, closing in spells(start, works):
        if worked <= closing - opening:
            return opening + worked
        worked -= closing - opening
    raise OverflowError("nobody works until the end of time")


def between(start: datetime, end: datetime, works: Works) -> timedelta:
    """How much of the interval was working time."""
    total = timedelta()
    for opening, closing in spells(start, works):
        if opening >= end:
            break
        total += min(closing, end) - opening
    return total


def spells(start: datetime, works: Works) -> Iterator[tuple[datetime, datetime]]:
    """The working spells from the instant on, as UTC: what is left of its day, then whole days."""
    day = business_day(start)
    while day < date.max:
        opening, closing = (instant(day, wall) for wall in (OPENING, CLOSING))
        if works(day) and start < closing:
            yield max(start.astimezone(UTC), opening), closing
        day += DAY


def instant(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, BUSINESS).astimezone(UTC)
