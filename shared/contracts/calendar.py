"""Business days: every date in Qudao is a day of the business's own zone (ruling g2)."""

import os
from datetime import UTC, date, datetime, time, timedelta
from re import ASCII, fullmatch
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

BUSINESS = ZoneInfo(os.environ.get("QUDAO_TIMEZONE", "Asia/Shanghai"))
DAY = timedelta(days=1)


def written(value: object) -> object:
    """A day comes as its ISO date; a number, or one in quotes, is no instant since 1970."""
    if isinstance(value, str) and fullmatch(r"\d{4}-\d\d-\d\d", value, ASCII):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("a date is a string like 2025-03-31")


Day = Annotated[
    date, BeforeValidator(written), WithJsonSchema({"type": "string", "format": "date"})
]


def business_day(instant: datetime) -> date:
    return instant.astimezone(BUSINESS).date()


def start_of(day: date) -> datetime:
    """00:00 of the day in the business zone, as a UTC instant."""
    return datetime.combine(day, time(), BUSINESS).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant that is no longer the day: "until D" is stored as this, exclusive."""
    return start_of(day + DAY)
