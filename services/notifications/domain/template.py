"""`{field}` and `{field.part}` in a rule's texts, filled from a fact for a reader."""

import re
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts.calendar import BUSINESS
from shared.contracts.money import Money

PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


def filled(template: str, fact: object) -> str:
    return PLACE.sub(lambda place: shown(looked_up(fact, place[1])), template)


def places(template: str) -> set[str]:
    """The fields of the fact that the template needs."""
    return {place.partition(".")[0] for place in PLACE.findall(template)}


def looked_up(fact: object, path: str) -> object:
    """None where the fact has no such thing; never an attribute that is not a field."""
    value: Any = fact
    for name in path.split("."):
        known = is_dataclass(value) and name in {field.name for field in fields(value)}
        value = getattr(value, name) if known else None
    return value


def shown(value: object) -> str:
    """Only plain values: what is listed inside a fact, other partners perhaps, stays there."""
    match value:
        case Money():
            return f"{value.amount:,} {value.currency}"
        case datetime():
            return f"{value.astimezone(BUSINESS):%Y-%m-%d %H:%M}"
        case str() | int() | Decimal() | UUID() | date():
            return str(value)
        case tuple():
            return "、".join(map(shown, value))
        case None:
            return "—"
        case _:
            return "…"
