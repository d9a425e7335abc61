"""Months by their ids, as ruling g2 writes them: 2025-03. They sort as text."""

import re
from calendar import monthrange
from datetime import date

from shared.kernel.errors import Malformed

PERIOD = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2])|Q([1-4])|H([12]))?", re.ASCII)


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


def span(period: str) -> tuple[date, date]:
    """The first day of 2025-03, 2025Q1, 2025H1 or 2025, and the first day after it."""
    found = PERIOD.fullmatch(period)
    if found is None:
        raise Malformed("period-malformed", "a period is 2025-03, 2025Q1, 2025H1 or 2025")
    year, month, quarter, half = found.groups()
    size, number = (
        (1, month) if month else (3, quarter) if quarter else (6, half) if half else (12, 1)
    )
    first = f"{year}-{(int(number) - 1) * size + 1:02}"
    return bounds(first)[0], bounds(shifted(first, size))[0]
