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
    first, size = _parts(period)
    return bounds(first)[0], bounds(shifted(first, size))[0]


def _parts(period: str) -> tuple[str, int]:
    """Its first month, and how many months it has."""
    found = PERIOD.fullmatch(period)
    if found is None:
        raise Malformed("period-malformed", "a period is 2025-03, 2025Q1, 2025H1 or 2025")
    year, month, quarter, half = found.groups()
    size, number = (
        (1, month) if month else (3, quarter) if quarter else (6, half) if half else (12, 1)
    )
    return f"{year}-{(int(number) - 1) * size + 1:02}", size


def earlier(period: str) -> str:
    """The one of its size before it."""
    first, size = _parts(period)
    return period_of(bounds(shifted(first, -size))[0], size)


def period_of(day: date, size: int) -> str:
    """The period of so many months (1, 3, 6, 12) that has the day."""
    number = (day.month - 1) // size + 1
    names = {1: f"{day.year}-{number:02}", 3: f"{day.year}Q{number}", 6: f"{day.year}H{number}"}
    return names.get(size, f"{day.year}")


def size_of(period: str) -> int:
    """In months."""
    return _parts(period)[1]


def months_of(first: date, end: date) -> list[str]:
    """Those that begin from one day until before another."""
    month, found = month_of(first), list[str]()
    while month < month_of(end):
        found.append(month)
        month = shifted(month, 1)
    return found
