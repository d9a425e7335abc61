"""Business days: every date in Qudao is a day of the business's own zone (ruling g2)."""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BUSINESS = ZoneInfo(os.environ.get("QUDAO_TIMEZONE", "Asia/Shanghai"))
DAY = timedelta(days=1)


def business_day(instant: datetime) -> date:
    return instant.astimezone(BUSINESS).date()


def start_of(day: date) -> datetime:
    """00:00 of the day in the business zone, as a UTC instant."""
    return datetime.combine(day, time(), BUSINESS).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant that is no longer the day: "until D" is stored as this, exclusive."""
    return start_of(day + DAY)
