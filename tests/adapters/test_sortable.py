"""Text that sorts as the values do."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.sortable import behind_prefix, reach, sortable

EDGES = ["9" * 24, "0.000000000001", f"{'9' * 24}.{'9' * 12}", "0"]
NUMBERS = st.integers(-(10**36) + 1, 10**36 - 1).map(
    lambda n: Decimal(f"{n}E-12")
) | st.sampled_from([Decimal(sign + edge) for edge in EDGES for sign in ("", "-")])
ZONES = st.timezones() | st.just(UTC) | st.just(timezone(timedelta(hours=8)))
INSTANTS = st.datetimes(timezones=ZONES).filter(lambda moment: 1 < moment.year < 9999)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(NUMBERS, NUMBERS)
def test_decimals_keep_their_order(a: Decimal, b: Decimal) -> None:
    left, right = sortable("decimal", a), sortable("decimal", str(b))
    assert (left < right, left == right) == (a < b, a == b)
    assert len(left) == len(right) == 38


@given(INSTANTS, INSTANTS)
def test_instants_keep_their_order(a: datetime, b: datetime) -> None:
    left, right = sortable("instant", a), sortable("instant", b.isoformat())
    utc = a.astimezone(UTC), b.astimezone(UTC)
    assert (left < right, left == right) == (utc[0] < utc[1], utc[0] == utc[1])


@given(TEXTS, TEXTS)
def test_texts_keep_the_order_of_their_bytes(a: str, b: str) -> None:
    left, right = sortable("text", a).encode(), sortable("text", b).encode()
    assert (left < right) == (a.encode() < b.encode())


@given(TEXTS, TEXTS)
def test_a_prefix_ends_before_its_first_follower(prefix: str, text: str) -> None:
    end = behind_prefix(prefix)
    within = prefix.encode() <= text.encode() and (end is None or text.encode() < end.encode())
    assert within == text.startswith(prefix)
    assert prefix + "\U0010ffff" < (end or "\U0010ffff" * 9)


@pytest.mark.parametrize("last", ["\ud7ff", "\uffff", "\U0010fffe", "\U0010ffff", "a\U0010ffff"])
def test_a_prefix_may_end_anywhere(last: str) -> None:
    end = behind_prefix("x" + last)
    assert end is not None
    assert ("x" + last + "\U0010ffff").encode() < end.encode() <= b"y"


def test_none_comes_before_everything() -> None:
    assert sortable("decimal", None) < sortable("decimal", -(10**24) + 1)
    assert sortable("text", None) < sortable("text", "")
    assert sortable("instant", None) < sortable("instant", "0001-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    "value", ["", "x", "NaN", "-Infinity", "1e24", "1e-13", "1e999999999", True, 1.5, [], {}]
)
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is no"):
        sortable("decimal", value)


@pytest.mark.parametrize("value", ["", "2026-01-01", "2026-01-01T00:00:00", "soon", 5, None])
def test_what_is_no_instant_is_refused(value: object) -> None:
    if value is not None:
        with pytest.raises(ValueError):
            sortable("instant", value)
    with pytest.raises(ValueError):
        sortable("key", 5)


def test_a_dotted_field_reaches_inside() -> None:
    document = {"gap": {"amount": "1"}, "flat": "x"}
    assert reach(document, "gap.amount") == "1"
    assert [reach(document, f) for f in ("gap.none", "flat.x", "none.x", "gap.amount.x")] == [
        None
    ] * 4
