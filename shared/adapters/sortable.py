"""Values as text that sorts as they do, so that one kind of column serves every index."""

from datetime import UTC, date, datetime
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Literal
from uuid import UUID

from shared.kernel.ports import Document

Kind = Literal["text", "decimal", "instant", "key"]
BEFORE, BEHIND = 24, 12  # digits on either side of the point
SHIFT = 10 ** (BEFORE + BEHIND)  # makes every number positive, and of one length
UNIT = Decimal(1).scaleb(-BEHIND)
EXACT = Context(prec=BEFORE + BEHIND, traps=[Inexact, InvalidOperation])
LAST = chr(0x10FFFF)


def reach(document: Document, field: str) -> object:
    """The value of a dotted field; None where there is none."""
    found: object = document
    for part in field.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def sortable(kind: Kind, value: object) -> str:
    """None is the empty text and sorts first; every other value starts with "=", save a key."""
    match kind, value:
        case "key", str():
            return value
        case (("text" | "decimal" | "instant"), None):
            return ""
        case "text", _:
            return "=" + text(value)
        case "decimal", str() | int() | Decimal():
            return "=" + decimal(value)
        case "instant", str() | datetime():
            return "=" + instant(value)
    raise ValueError(f"{value!r} is no {kind}")


def text(value: object) -> str:
    match value:
        case str():
            return value.encode().decode()  # a lone surrogate is a ValueError
        case bool():
            return str(value).lower()
        case datetime():
            raise ValueError("an instant needs an index of that kind")
        case int() | UUID() | date() | Decimal():
            return str(value)
    raise ValueError(f"{type(value).__name__} is no text")


def decimal(value: str | int | Decimal) -> str:
    """Exact for up to 24 digits before the point and 12 behind it, of either sign."""
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")
    try:
        units = int(Decimal(value).quantize(UNIT, context=EXACT).scaleb(BEHIND, EXACT))
    except (DecimalException, ValueError) as error:
        raise ValueError(f"{value!r} is no number of 24 + 12 digits") from error
    return f"{SHIFT + units:037d}"


def instant(value: str | datetime) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no zone")
    try:
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError as error:
        raise ValueError(f"{value} is out of range") from error


def behind_prefix(prefix: str) -> str | None:
    """The first text behind all that start with the prefix; None when there is no such."""
    if not (kept := prefix.rstrip(LAST)):
        return None
    successor = chr(ord(kept[-1]) + 1)
    return kept[:-1] + ("\ue000" if successor == "\ud800" else successor)
