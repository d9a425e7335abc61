"""The contract of the views: filters, sorting, pages."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.errors import Malformed
from shared.kernel.ports import Condition, Document, Index, Page, Query, View, Views

DEALS = View(
    name="x.deals",
    indexes=(
        Index("partner_id"),
        Index("open"),
        Index("day"),
        Index("gap.amount", "decimal"),
        Index("at", "instant"),
    ),
)
DAY = datetime(2026, 1, 1, tzinfo=UTC)
ANY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,  # a class per adapter: each has examples of its own
    ],
)
NUMBERS = st.integers(-(10**36) + 1, 10**36 - 1).map("{}E-12".format) | st.sampled_from(
    ["0", "-0", "0.000000000001", "-0.000000000001", "9" * 24, "-" + "9" * 24]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
batches = map(str, count())


def deal(key: str, **fields: Any) -> Document:
    return {"key": key, **fields}


async def filled(views: Views, *deals: Document) -> None:
    await views.open([DEALS])
    await views.commit("c", [], {("x.deals", one["key"]): one for one in deals})


async def keys(views: Views, *where: Condition, sort: str = "") -> str:
    """The keys of what is found, one letter each."""
    page = await views.find("x.deals", Query(where, sort=sort, limit=99))
    assert page.cursor is None
    return "".join(one["key"] for one in page.documents)


async def pages(views: Views, query: Query) -> list[Page]:
    """All of them, by cursor."""
    found = [await views.find("x.deals", query)]
    while found[-1].cursor:
        again = Query(query.where, query.sort, found[-1].cursor, query.limit)
        found.append(await views.find("x.deals", again))
    return found


class FindingContract:
    async def test_finds_by_text(self, views: Views) -> None:
        names = ["acme", "Acme", "acme-2", "渠道", "", "a%e", "a_e"]
        deals = [deal("abcdefg"[n], partner_id=name) for n, name in enumerate(names)]
        await filled(views, *deals, deal("h", partner_id=None), deal("i"))
        field = "partner_id"
        assert await keys(views, (field, "eq", "acme")) == "a"
        assert await keys(views, (field, "eq", "渠道")) == "d"
        assert await keys(views, (field, "eq", "")) == "e"
        assert await keys(views, (field, "in", ["Acme", "acme-2", "nobody"])) == "bc"
        assert await keys(views, (field, "in", [])) == ""
        assert await keys(views, (field, "prefix", "acme")) == "ac"
        assert await keys(views, (field, "prefix", "a_")) == "g"
        assert await keys(views, (field, "prefix", "渠")) == "d"
        assert await keys(views, (field, "prefix", "")) == "abcdefg"
        assert await keys(views, (field, "lt", "acme")) == "befg"
        assert await keys(views, (field, "le", "acme")) == "abefg"
        assert await keys(views, (field, "ge", "acme")) == "acd"

    async def test_what_is_missing_or_null_equals_only_none(self, views: Views) -> None:
        await filled(views, deal("a"), deal("b", partner_id=None), deal("c", partner_id="x"))
        await filled(views, deal("d", partner_id=""), deal("e", partner_id="None"))
        assert await keys(views, ("partner_id", "eq", None)) == "ab"
        assert await keys(views, ("partner_id", "in", [None, "x"])) == "abc"
        assert await keys(views, ("partner_id", "lt", "zzz")) == "cde"
        assert await keys(views, ("partner_id", "ge", "")) == "cde"
        assert await keys(views, ("gap.amount", "eq", None)) == "abcde"
        assert await keys(views, ("at", "eq", None)) == "abcde"

    async def test_finds_by_truth_date_and_id(self, views: Views) -> None:
        one = UUID(int=1)
        await filled(
            views,
            deal("a", open=True, day="2026-01-31", partner_id=str(one)),
            deal("b", open=False, day="2026-02-01"),
        )
        assert await keys(views, ("open", "eq", True)) == "a"
        assert await keys(views, ("open", "in", [False])) == "b"
        assert await keys(views, ("day", "le", date(2026, 1, 31))) == "a"
        assert await keys(views, ("day", "ge", "2026-02-01")) == "b"
        assert await keys(views, ("partner_id", "eq", one)) == "a"

    async def test_finds_by_decimal_inside(self, views: Views) -> None:
        amounts = [
            "9.50",
            "10",
            "-3",
            "100000000000000000000000.000000000001",
            "0",
            "-20.5",
            "9.5",
        ]
        found = [deal("abcdefg"[n], gap={"amount": one}) for n, one in enumerate(amounts)]
        await filled(views, *found, deal("h", gap=None), deal("i", gap={}))
        field = "gap.amount"
        assert await keys(views, (field, "eq", Decimal("9.5"))) == "ag"
        assert await keys(views, (field, "eq", "9.500")) == "ag"
        assert await keys(views, (field, "eq", 10)) == "b"
        assert await keys(views, (field, "in", [0, Decimal("-3.0")])) == "ce"
        assert await keys(views, (field, "lt", 0)) == "cf"
        assert await keys(views, (field, "le", 0)) == "cef"
        assert await keys(views, (field, "ge", "10")) == "bd"
        assert await keys(views, (field, "lt", Decimal("-3"))) == "f"
        assert await keys(views, (field, "ge", 0), sort=field) == "eagbd"
        assert await keys(views, sort=field) == "hifceagbd"
        assert await keys(views, sort="-" + field) == "dbagecfhi"

    async def test_finds_by_instant_whatever_its_zone(self, views: Views) -> None:
        times = [
            "2026-01-01T00:00:00Z",
            "2026-01-01T08:00:00+08:00",
            "2026-01-01T00:00:00.000001Z",
            "2025-12-31T23:59:59.999999+00:00",
        ]
        await filled(views, *(deal("abcd"[n], at=at) for n, at in enumerate(times)))
        assert await keys(views, ("at", "eq", DAY)) == "ab"
        assert (
            await keys(views, ("at", "eq", DAY.astimezone(timezone(timedelta(hours=-5))))) == "ab"
        )
        assert await keys(views, ("at", "lt", DAY)) == "d"
        assert await keys(views, ("at", "le", "2026-01-01T01:00:00+01:00")) == "abd"
        assert await keys(views, ("at", "ge", DAY + timedelta(microseconds=1))) == "c"
        assert await keys(views, ("at", "in", [times[2], times[3]])) == "cd"
        assert await keys(views, sort="at") == "dabc"

    async def test_all_conditions_must_be_met(self, views: Views) -> None:
        await filled(
            views,
            deal("a", partner_id="p", gap={"amount": "1"}),
            deal("b", partner_id="p", gap={"amount": "2"}),
            deal("c", partner_id="q", gap={"amount": "2"}),
        )
        two: Condition = ("gap.amount", "ge", 2)
        assert await keys(views, ("partner_id", "eq", "p"), two) == "b"
        assert await keys(views, two, ("partner_id", "eq", "q"), ("partner_id", "eq", "p")) == ""

    async def test_sorts_by_key_and_breaks_ties_by_key(self, views: Views) -> None:
        days = {"a": "2", "b": "1", "c": "2", "d": "1", "e": None}
        await filled(views, *(deal(key, day=days[key]) for key in "edcba"))
        assert await keys(views) == "abcde"
        assert await keys(views, sort="-_key") == "edcba"
        assert await keys(views, sort="day") == "ebdac"
        assert await keys(views, sort="-day") == "acbde"

    async def test_the_key_is_a_field_too(self, views: Views) -> None:
        await filled(views, *(deal(key) for key in "abc"))
        assert await keys(views, ("_key", "eq", "b")) == "b"
        assert await keys(views, ("_key", "in", ["c", "a"])) == "ac"
        assert await keys(views, ("_key", "ge", "b"), ("_key", "prefix", "c")) == "c"

    async def test_pages_hold_everything_once_in_order(self, views: Views) -> None:
        days = ["1", "2", "2", None, "2", "1", None, "3"]
        await filled(views, *(deal("abcdefgh"[n], day=day) for n, day in enumerate(days)))
        for sort in ("", "_key", "-_key", "day", "-day"):
            for limit in (1, 2, 3, 8, 9):
                found = await pages(views, Query(sort=sort, limit=limit))
                together = "".join(one["key"] for page in found for one in page.documents)
                assert together == await keys(views, sort=sort)
                assert len(found) == -(-8 // limit)

    async def test_what_comes_between_two_pages_moves_nothing(self, views: Views) -> None:
        await filled(views, *(deal(key, day="1") for key in "bdf"))
        first = await views.find("x.deals", Query(sort="day", limit=2))
        await filled(views, deal("a", day="1"), deal("c", day="1"), deal("e", day="1"))
        second = await views.find("x.deals", Query(sort="day", cursor=first.cursor, limit=9))
        assert [one["key"] for one in second.documents] == ["e", "f"]

    async def test_a_changed_document_is_found_by_what_it_is_now(self, views: Views) -> None:
        await filled(views, deal("a", partner_id="p", gap={"amount": "1"}))
        await filled(views, deal("a", partner_id="q"))
        assert await keys(views, ("partner_id", "eq", "p")) == ""
        assert await keys(views, ("gap.amount", "eq", "1")) == ""
        assert await keys(views, ("partner_id", "eq", "q")) == "a"

    async def test_a_field_without_index_cannot_be_asked_for(self, views: Views) -> None:
        await filled(views, deal("a", region="north"))
        with pytest.raises(ValueError, match="region"):
            await views.find("x.deals", Query([("region", "eq", "north")]))
        with pytest.raises(ValueError, match="region"):
            await views.find("x.deals", Query(sort="-region"))

    @pytest.mark.parametrize(
        "cursor", ["", "x", "eyJ9", "W10=", "WzFd", "渠", "[]", "A" * 99, "bnVsbA=="]
    )
    async def test_a_cursor_of_nobody_is_malformed(self, views: Views, cursor: str) -> None:
        await filled(views, deal("a"))
        with pytest.raises(Malformed) as refusal:
            await views.find("x.deals", Query(cursor=cursor))
        assert refusal.value.slug == "cursor-malformed"

    async def test_a_cursor_belongs_to_its_question(self, views: Views) -> None:
        await filled(views, *(deal(key, partner_id="p", day="1") for key in "abc"))
        where: list[Condition] = [("partner_id", "eq", "p"), ("day", "eq", "1")]
        cursor = (await views.find("x.deals", Query(where, "day", limit=1))).cursor
        for other in (
            Query(where, "-day", cursor),
            Query(where[:1], "day", cursor),
            Query([("partner_id", "eq", "q"), where[1]], "day", cursor),
            Query([("partner_id", "in", ["p"]), where[1]], "day", cursor),
        ):
            with pytest.raises(Malformed, match="another question"):
                await views.find("x.deals", other)
        turned = await views.find("x.deals", Query(where[::-1], "day", cursor))
        assert len(turned.documents) == 2

    async def test_a_value_that_cannot_be_is_malformed(self, views: Views) -> None:
        await filled(views, deal("a"))
        refused: list[Condition] = [
            ("gap.amount", "eq", "many"),
            ("gap.amount", "lt", "NaN"),
            ("gap.amount", "ge", "Infinity"),
            ("gap.amount", "eq", "1e999999"),
            ("gap.amount", "eq", "1e-13"),
            ("gap.amount", "eq", True),
            ("at", "lt", "yesterday"),
            ("at", "lt", datetime(2026, 1, 1)),  # noqa: DTZ001 (it has no zone: that is the point)
            ("partner_id", "eq", "\ud800"),
            ("partner_id", "in", "acme"),
            ("partner_id", "lt", None),
        ]
        for condition in refused:
            with pytest.raises(Malformed) as refusal:
                await views.find("x.deals", Query([condition]))
            assert refusal.value.slug == "filter-malformed"

    @ANY
    @given(amounts=st.lists(NUMBERS, min_size=1, max_size=12), limit=st.integers(1, 5))
    async def test_decimals_sort_by_value(
        self, views: Views, amounts: list[str], limit: int
    ) -> None:
        batch = next(batches)
        made = [
            deal(f"{batch}/{n:02}", partner_id=batch, gap={"amount": amount})
            for n, amount in enumerate(amounts)
        ]
        await filled(views, *made)
        mine: Condition = ("partner_id", "eq", batch)
        found = await pages(views, Query([mine], "gap.amount", limit=limit))
        together = [one for page in found for one in page.documents]
        assert together == sorted(made, key=lambda one: Decimal(one["gap"]["amount"]))
        middle = Decimal(amounts[0])
        below = await views.find("x.deals", Query([mine, ("gap.amount", "lt", middle)], limit=99))
        assert len(below.documents) == sum(Decimal(amount) < middle for amount in amounts)

    @ANY
    @given(names=st.lists(TEXTS, min_size=1, max_size=12), prefix=TEXTS)
    async def test_prefixes_are_prefixes(
        self, views: Views, names: list[str], prefix: str
    ) -> None:
        batch = next(batches)
        made = [deal(f"{batch}/{n:02}", day=batch, partner_id=one) for n, one in enumerate(names)]
        await filled(views, *made)
        for start in (prefix, names[0][:1], names[-1]):
            where: list[Condition] = [("day", "eq", batch), ("partner_id", "prefix", start)]
            page = await views.find("x.deals", Query(where, limit=99))
            assert list(page.documents) == [
                one for one in made if one["partner_id"].startswith(start)
            ]
