"""How long a registered deal is protected (ruling l5): days of the business zone."""

from datetime import datetime, timedelta

from shared.contracts.calendar import business_day, start_of

PROTECTED = timedelta(days=90)
EXTENDED = timedelta(days=30)
COOL_DOWN = timedelta(days=30)
EXTENSIONS = 2
ANNOUNCED = (14, 7, 1)


def until(approved_at: datetime) -> datetime:
    """00:00 of the day 90 days after that of the approval, exclusive."""
    return start_of(business_day(approved_at) + PROTECTED)


def extended(end: datetime) -> datetime:
    return start_of(business_day(end) + EXTENDED)


def announced(end: datetime, days: int) -> datetime:
    return start_of(business_day(end) - timedelta(days=days))


def free_again(ended_at: datetime) -> datetime:
    """When the same partner may register the same again: 30 days of 24 hours after the end."""
    return ended_at + COOL_DOWN
