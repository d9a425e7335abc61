"""Half years, as their ids say: 2025H1, 2025H2 (ruling g2)."""

from datetime import date
from re import ASCII, fullmatch

from shared.kernel.errors import Malformed

JULY = 7


def half_of(day: date) -> str:
    return f"{day.year:04}H{1 if day.month < JULY else 2}"


def last_day(half: str) -> date:
    found = fullmatch(r"((?:19|20)\d\d)H([12])", half, ASCII)
    if found is None:
        raise Malformed("fund-malformed", "a half year is written 2025H1 or 2025H2")
    year = int(found[1])
    return date(year, 6, 30) if found[2] == "1" else date(year, 12, 31)
