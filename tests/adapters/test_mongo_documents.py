"""A document comes back from BSON as it would from JSON, whatever it is."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from bson import decode
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.mongo.documents import DEEPEST, LARGEST, loaded, sealed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
NAMES = TEXTS | st.sampled_from(
    ["_id", "$ref", "$id", "$db", "$set", "a.b", "", "x\x00", "\\u0000"]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**31, 10**18])
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v) | st.dictionaries(NAMES, v), max_leaves=12)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=5)


def kept(document: Any) -> dict[str, Any]:
    return decode(sealed({"_id": "k"}, document).raw)


def nested(depth: int) -> dict[str, Any]:
    return {"x": nested(depth - 1)} if depth else {}


@given(DOCUMENTS)
def test_it_comes_back_as_it_was_names_in_their_order(document: dict[str, Any]) -> None:
    assert json.dumps(loaded(kept(document))) == json.dumps(document)


@pytest.mark.parametrize(
    "document",
    [
        {"b": 1, "_id": 2, "a": {"y": 1, "_id": 2}},
        {"deep": [{"a": None, "b": [True, 1, 0.5, -0.0, 1e300]}], "n": "-1.50"},
        {"dots.and.": {"": 1}, "名": "渠道 𝄞"},
        {"n": 10**18 - 1, "m": -(10**18) + 1},
        nested(DEEPEST - 1),
    ],
)
def test_what_can_be_native_is(document: dict[str, Any]) -> None:
    assert "document" in kept(document)
    assert json.dumps(loaded(kept(document))) == json.dumps(document)


@pytest.mark.parametrize(
    "document",
    [
        {"$ref": "a", "$id": 1},
        {"x": {"$ref": "a", "$id": 1, "$db": "z"}},
        {"n": 2**63},
        {"n\x00": 1},
        {"$set": {"a": 1}},
        nested(500),
    ],
)
def test_what_could_not_be_exact_is_text(document: dict[str, Any]) -> None:
    assert "text" in kept(document)
    assert json.dumps(loaded(kept(document))) == json.dumps(document)


def test_names_that_are_no_texts_become_texts_as_in_json() -> None:
    assert loaded(kept({1: {None: (1, 2)}})) == {"1": {"null": [1, 2]}}


@pytest.mark.parametrize(
    "value", [datetime(2026, 1, 1, tzinfo=UTC), Decimal(1), UUID(int=1), b"x", {1}, object()]
)
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        sealed({"_id": "k"}, {"x": value})


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", "x" * LARGEST, ["$"] * (LARGEST // 3)]
)
def test_what_cannot_be_stored_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        sealed({"_id": "k"}, {"x": value})


def test_what_is_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"x": deep}
    with pytest.raises(ValueError, match="too deep"):
        sealed({"_id": "k"}, deep)
