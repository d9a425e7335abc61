"""Periods and their names: 2025-03, 2025Q1, 2025H1, 2025."""

import re
from calendar import monthrange
from datetime import date
from typing import Literal

from shared.kernel.errors import Malformed

Kind = Literal["month", "quarter", "half", "year"]
MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
SHAPE = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2])|Q([1-4])|H([12]))?", re.ASCII)


def period_of(day: date, kind: Kind) -> str:
    number = (day.month - 1) // MONTHS[kind] + 1
    match kind:
        case "month":
            return f"{day.year:04}-{number:02}"
        case "quarter":
            return f"{day.year:04}Q{number}"
        case "half":
            return f"{day.year:04}H{number}"
        case "year":
            return f"{day.year:04}"


def kind_of(period: str) -> Kind:
    return _parsed(period)[0]


def days_of(period: str) -> tuple[date, date]:
    """Its first and its last day."""
    kind, year, number = _parsed(period)
    last = number * MONTHS[kind]
    return date(year, last - MONTHS[kind] + 1, 1), date(year, last, monthrange(year, last)[1])


def year_of(period: str) -> int:
    """The business year whose ledger holds the period."""
    return _parsed(period)[1]


def _parsed(period: str) -> tuple[Kind, int, int]:
    found = SHAPE.fullmatch(period)
    if not found:
        raise Malformed("period-malformed", "a period is 2025-03, 2025Q1, 2025H1 or 2025")
    year, month, quarter, half = found.groups()
    if month:
        return "month", int(year), int(month)
    if quarter:
        return "quarter", int(year), int(quarter)
    return ("half", int(year), int(half)) if half else ("year", int(year), 1)
