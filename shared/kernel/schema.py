"""A fact from outside: its JSON Schema, and the check of bytes that we did not write."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.contracts.event import Event
from shared.kernel.errors import Malformed

E = TypeVar("E", bound=Event)
SHOWN = 5


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
        raise Malformed("claim-malformed", f"{vague}: an instant needs its offset")
    return admitted


@cache
def _adapter(fact: type[Event]) -> TypeAdapter[Any]:
    return TypeAdapter(fact)


def _vague(value: Any, place: str = "") -> str | None:
    """Where an instant without an offset stands."""
    match value:
        case datetime():
            return place if value.utcoffset() is None else None
        case tuple() | list():
            parts = [(str(n), part) for n, part in enumerate(value)]
        case _ if is_dataclass(value):
            parts = [(f.name, getattr(value, f.name)) for f in fields(value)]
        case _:
            return None
    return next((v for name, p in parts if (v := _vague(p, f"{place}/{name}".strip("/")))), None)
