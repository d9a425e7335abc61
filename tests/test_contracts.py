"""A published fact never changes its meaning: its schema is checked against the one in git.

`make publish` freezes what is new; `make publish PUBLISH=additive` also what changed compatibly.
"""

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from shared import contracts
from shared.contracts.event import Event
from shared.kernel.schema import schema
from tests.architecture.compatibility import incompatible
from tests.architecture.sources import contexts, published

SCHEMAS = Path(contracts.__path__[0]) / "schemas"
PUBLISH = os.environ.get("PUBLISH", "")
FACTS = {fact.__name__: fact for fact in published()}
UPCAST = {name for it in contexts() for aggregate in it.streams for name in aggregate.upcasts}


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_the_schema_is_the_published_one(fact: type[Event]) -> None:
    frozen = SCHEMAS / fact.schema_name()
    text = json.dumps(schema(fact), indent=2, ensure_ascii=False) + "\n"
    if frozen.exists():
        assert incompatible(json.loads(frozen.read_text()), json.loads(text)) == []
    if (PUBLISH and not frozen.exists()) or PUBLISH == "additive":
        frozen.write_text(text)
    assert frozen.exists(), "a new fact: `make publish`"
    assert text == frozen.read_text(), "a compatible change: `make publish PUBLISH=additive`"


def test_no_published_schema_is_without_its_reader() -> None:
    """A version that was published once is in somebody's store: read now, or upcast."""
    readable = {fact.schema_name() for fact in FACTS.values()} | UPCAST
    assert {path.name for path in SCHEMAS.glob("*.json")} <= readable


OLD: dict[str, Any] = {
    "$defs": {
        "Money": {
            "type": "object",
            "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
            "required": ["amount", "currency"],
        },
        "Tree": {
            "type": "object",
            "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
        },
    },
    "type": "object",
    "title": "OrderApproved",
    "properties": {
        "order_id": {"type": "string", "pattern": "^[a-z]+$"},
        "revision": {"type": "integer"},
        "total": {"$ref": "#/$defs/Money"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Money"}},
        "sales_id": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "tree": {"$ref": "#/$defs/Tree"},
    },
    "required": ["order_id", "revision", "total", "lines", "tree"],
}


def changed(*path: str, to: Any) -> dict[str, Any]:
    new = deepcopy(OLD)
    *way, last = path
    place = new
    for step in way:
        place = place[step]
    place[last] = to
    return new


def without(*path: str) -> dict[str, Any]:
    new = deepcopy(OLD)
    *way, last = path
    place = new
    for step in way:
        place = place[step]
    del place[last]
    return new


@pytest.mark.parametrize(
    "new",
    [
        without("properties", "sales_id"),
        without("properties", "total"),
        without("$defs", "Money", "properties", "currency"),
        without("required"),
        without("properties", "order_id", "pattern"),
        changed("required", to=[*OLD["required"], "sales_id"]),
        changed("required", to=OLD["required"][1:]),
        changed("$defs", "Money", "required", to=["amount"]),
        changed("properties", "revision", to={"type": "string"}),
        changed("properties", "revision", to={"type": "integer", "minimum": 1}),
        changed("properties", "order_id", "pattern", to="^[A-Z]+$"),
        changed("properties", "order_id", to={"type": "string", "format": "uuid"}),
        changed("$defs", "Money", "properties", "amount", to={"type": "number"}),
        changed("properties", "lines", "items", to={"type": "string"}),
        changed("properties", "sales_id", "anyOf", to=[{"type": "string"}]),
        changed("properties", "sales_id", "anyOf", to=[{"type": "integer"}, {"type": "null"}]),
        changed("properties", "sales_id", "default", to="pat"),
        changed("additionalProperties", to=False),
        changed("$defs", "Tree", "properties", "parts", "items", to={"type": "string"}),
    ],
)
def test_a_planted_incompatible_change_is_found(new: dict[str, Any]) -> None:
    assert incompatible(OLD, new)


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        changed("title", to="Approved"),
        changed("properties", "revision", "description", to="counts from 1"),
        changed("properties", "note", to={"type": "string", "default": ""}),
        changed("properties", "total", to=OLD["$defs"]["Money"]),
        changed("$defs", "Money", "properties", "rate", to={"type": "string", "default": "1"}),
    ],
)
def test_texts_and_optional_additions_are_compatible(new: dict[str, Any]) -> None:
    assert incompatible(OLD, new) == []
