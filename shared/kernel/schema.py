"""A fact from outside: its JSON Schema, and the check of bytes that we did not write."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.contracts.event import Event
from shared.kernel.errors import Malformed

E = TypeVar("E", bound=Event)
SHOWN = 5
LAST_YEAR = 9_999  # in which no zone may be left any more
_ADAPTERS: dict[type[Event], TypeAdapter[Any]] = {}


def schema(fact: type[Event]) -> dict[str, Any]:
    """As it is frozen in the repository and named by `dataschema`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/schemas/{fact.schema_name()}",
        **_adapter(fact).json_schema(),
    }


def admit(fact: type[E], raw: bytes) -> E:
    """Strict: no number for an instant, no instant without its offset. Tells where, never what."""
    try:
        admitted: E = _adapter(fact).validate_json(raw, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        wrong = [f"{'/'.join(map(str, one['loc']))}: {one['type']}" for one in found]
        raise Malformed("claim-malformed", "; ".join(wrong[:SHOWN])) from None
    if vague := _vague(admitted):
        raise Malformed(
            "claim-malformed", f"{vague}: an instant needs its offset, and a usual year"
        )
    return admitted


def strictly(raw: bytes) -> Any:
    """JSON that every reader reads alike: UTF-8, no name twice, no NaN, nothing bottomless.

    Otherwise a ValueError, which does not repeat what stood there.
    """
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_never)
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no character
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice in one object")
    return found


def _never(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _adapter(fact: type[Event]) -> TypeAdapter[Any]:
    if fact not in _ADAPTERS:
        _ADAPTERS[fact] = TypeAdapter(fact)
    return _ADAPTERS[fact]


def _vague(value: Any, place: str = "") -> str | None:
    """Where an instant stands that is not the same everywhere."""
    match value:
        case datetime():
            return None if value.tzinfo and 1 < value.year < LAST_YEAR else place
        case tuple() | list():
            parts = [(str(n), part) for n, part in enumerate(value)]
        case _ if is_dataclass(value):
            parts = [(f.name, getattr(value, f.name)) for f in fields(value)]
        case _:
            return None
    return next((v for name, p in parts if (v := _vague(p, f"{place}/{name}".strip("/")))), None)
