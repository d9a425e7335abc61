"""Months by their ids, as ruling g2 writes them: 2025-03. They sort as text."""

from calendar import monthrange
from datetime import date


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def shifted(month: str, by: int) -> str:
    year, number = map(int, month.split("-"))
    year, rest = divmod(year * 12 + number - 1 + by, 12)
    return f"{year:04}-{rest + 1:02}"


def days_in(month: str) -> int:
    year, number = map(int, month.split("-"))
    return monthrange(year, number)[1]


def bounds(month: str) -> tuple[date, date]:
    """Its first day, and the first day of the next one."""
    return date.fromisoformat(f"{month}-01"), date.fromisoformat(f"{shifted(month, 1)}-01")
