"""The contract of the views: what one commit moves, and generations."""

import asyncio
from uuid import UUID

import pytest

from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Index, Key, Move, Query, View, Views

LEADS = View(name="x.leads", indexes=(Index("n", "decimal"),))
PARKED = View(name="x.parked")
ONE, TWO = UUID(int=1), UUID(int=2)
LIVE = "x.leads.v1.g1"
Puts = dict[Key, Document | None]


async def opened(views: Views) -> None:
    await views.open([LEADS, PARKED])


async def stood(views: Views, consumer: str) -> tuple[dict[str, int], set[UUID]]:
    """Where the consumer stands, and which of the two ids it has seen."""
    return dict(await views.positions(consumer)), await views.seen(consumer, [ONE, TWO])


class ViewsContract:
    async def test_commits_documents_seen_ids_and_positions_together(self, views: Views) -> None:
        await opened(views)
        await views.commit(LIVE, [Move("log", 0, 3)], {("x.leads", "k"): {"n": 1}}, seen=[ONE])
        assert await views.get_many("x.leads", ["k", "other"]) == {"k": {"n": 1}}
        assert await stood(views, LIVE) == ({"log": 3}, {ONE})
        assert await stood(views, "other") == ({}, set())

    async def test_a_document_comes_back_as_it_was(self, views: Views) -> None:
        await opened(views)
        document: Document = {
            "名": '渠道 "𝄞" \x00',
            "deep": [{"a": None, "b": [True, 1, 0.5]}],
            "n": "-1.50",
        }
        await views.commit("c", [], {("x.leads", "k"): document})
        assert await views.get_many("x.leads", ["k"]) == {"k": document}
        assert list((await views.get_many("x.leads", ["k"]))["k"]) == list(document)

    async def test_a_stale_owner_writes_nothing(self, views: Views) -> None:
        await opened(views)
        await views.commit(LIVE, [Move("log", 0, 3), Move("b", 0, 1)], {})
        for moves in ([Move("log", 0, 4)], [Move("log", 3, 4), Move("b", 2, 3)]):
            with pytest.raises(StaleOwner):
                await views.commit(LIVE, moves, {("x.leads", "k"): {}}, seen=[ONE])
        assert await views.get_many("x.leads", ["k"]) == {}
        assert await stood(views, LIVE) == ({"log": 3, "b": 1}, set())

    async def test_a_position_may_go_back_when_its_owner_says_so(self, views: Views) -> None:
        """A log that is shorter than we remember is read again."""
        await views.commit("c", [Move("log", 0, 30)], {})
        await views.commit("c", [Move("log", 30, 0)], {})
        await views.commit("c", [Move("log", 0, 2)], {})
        assert await stood(views, "c") == ({"log": 2}, set())

    async def test_of_two_owners_one_commits(self, views: Views) -> None:
        await opened(views)
        asked = [
            views.commit(LIVE, [Move("log", 0, n)], {("x.leads", f"k{n}"): {}}, seen=[ONE])
            for n in range(1, 21)
        ]
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(d is None for d in done) == 1
        assert sum(isinstance(d, StaleOwner) for d in done) == 19
        kept = await views.get_many("x.leads", [f"k{n}" for n in range(1, 21)])
        at = (await views.positions(LIVE))["log"]
        assert list(kept) == [f"k{at}"]

    async def test_many_consumers_at_once_hurt_nobody(self, views: Views) -> None:
        await opened(views)

        async def work(who: str) -> None:
            for n in range(10):
                puts = {("x.leads", f"{who}/{n}"): {"n": n}}
                await views.commit(who, [Move("log", n, n + 1)], puts)

        await asyncio.gather(*(work(f"c{n}") for n in range(10)))
        assert [await views.positions(f"c{n}") for n in range(10)] == [{"log": 10}] * 10
        assert len((await views.find("x.leads", Query(limit=999))).documents) == 100

    async def test_none_removes_a_document_also_one_that_is_not_there(self, views: Views) -> None:
        await opened(views)
        await views.commit("c", [], {("x.leads", "k"): {"n": 1}, ("x.leads", "l"): {"n": 2}})
        await views.commit("c", [], {("x.leads", "k"): None, ("x.leads", "none"): None})
        assert await views.get_many("x.leads", ["k", "l"]) == {"l": {"n": 2}}

    async def test_seen_again_is_seen_once(self, views: Views) -> None:
        await views.commit("c", [], {}, seen=[ONE, ONE])
        await views.commit("c", [], {}, seen=[ONE, TWO])
        assert await stood(views, "c") == ({}, {ONE, TWO})

    async def test_tens_of_thousands_of_keys_and_ids_at_once(self, views: Views) -> None:
        await opened(views)
        many = 33_000
        ids = [UUID(int=n) for n in range(many)]
        puts = {("x.leads", f"k{n}"): {"n": n} for n in range(many)}
        await views.commit("c", [], puts, seen=ids)
        keys = [key for _, key in puts]
        assert await views.get_many("x.leads", keys) == {key: puts["x.leads", key] for key in keys}
        assert await views.seen("c", ids) == set(ids)

    async def test_a_view_that_was_not_opened_is_an_error(self, views: Views) -> None:
        with pytest.raises(ValueError, match=r"x\.none"):
            await views.get_many("x.none", ["k"])
        with pytest.raises(ValueError, match=r"x\.none"):
            await views.find("x.none", Query())
        with pytest.raises(ValueError, match=r"x\.none"):
            await views.generations("x.none")
        with pytest.raises(ValueError, match=r"x\.none"):
            await views.commit("c", [Move("log", 0, 1)], {("x.none", "k"): {}})
        assert await views.positions("c") == {}


class GenerationsContract:
    async def test_a_new_view_is_live_at_once(self, views: Views) -> None:
        for _ in range(2):
            await opened(views)
            assert await views.generations("x.leads") == Generations(version=1, live=1)

    async def test_a_new_version_fills_beside_the_live_one(self, views: Views) -> None:
        await opened(views)
        await views.commit(LIVE, [Move("log", 0, 1)], {("x.leads", "k"): {"n": 1}})
        for _ in range(2):
            await views.open([View(name="x.leads", version=2, indexes=(Index("m"),))])
            assert await views.generations("x.leads") == Generations(1, live=1, filling=2)
        await views.commit("x.leads.v2.g2", [Move("log", 0, 1)], {("x.leads", "k"): {"m": "a"}})
        assert await views.get_many("x.leads", ["k"]) == {"k": {"n": 1}}
        assert await views.get_many("x.leads", ["k"], generation=2) == {"k": {"m": "a"}}
        assert [await views.positions(c) for c in (LIVE, "x.leads.v2.g2")] == [{"log": 1}] * 2

    async def test_the_swap_shows_the_new_one_and_drops_the_old(self, views: Views) -> None:
        await self.test_a_new_version_fills_beside_the_live_one(views)
        await views.commit(LIVE, [], {}, seen=[ONE])
        await views.commit("x.leads.v2.g2", [], {}, seen=[TWO])
        for _ in range(2):  # a second one asks in vain
            assert await views.swap("x.leads", 2) == Generations(2, live=2)
        page = await views.find("x.leads", Query([("m", "eq", "a")]))
        assert page.documents == [{"m": "a"}]
        assert await stood(views, LIVE) == ({}, set())
        assert await stood(views, "x.leads.v2.g2") == ({"log": 1}, {TWO})

    async def test_who_fills_what_was_dropped_is_stale(self, views: Views) -> None:
        await self.test_the_swap_shows_the_new_one_and_drops_the_old(views)
        for consumer in (LIVE, "x.leads.v1.g2", "x.leads.v2.g3", "x.none.v1.g1"):
            with pytest.raises(StaleOwner):
                await views.commit(
                    consumer, [Move("z", 0, 1)], {("x.parked", "p"): {}}, seen=[ONE]
                )
            assert await stood(views, consumer) == ({}, set())
        assert await views.get_many("x.parked", ["p"]) == {}
        with pytest.raises(StaleOwner):
            await views.get_many("x.leads", ["k"], generation=1)

    async def test_a_swap_of_what_is_not_filling_is_stale(self, views: Views) -> None:
        await opened(views)
        with pytest.raises(StaleOwner):
            await views.swap("x.leads", 2)
        await views.open([View(name="x.leads", version=3)])
        with pytest.raises(StaleOwner):
            await views.swap("x.leads", 3)
        assert await views.generations("x.leads") == Generations(1, live=1, filling=2)

    async def test_a_rebuild_begun_in_the_moment_of_a_swap_is_not_shown(
        self, views: Views
    ) -> None:
        """Who has filled the second would show the third, which is empty."""
        await opened(views)
        await views.rebuild("x.leads")
        assert (await views.rebuild("x.leads")).filling == 3
        with pytest.raises(StaleOwner):
            await views.swap("x.leads", 2)
        assert await views.generations("x.leads") == Generations(1, live=1, filling=3)

    async def test_a_rebuild_fills_an_empty_one_of_the_same_version(self, views: Views) -> None:
        await opened(views)
        await views.commit(LIVE, [Move("log", 0, 1)], {("x.leads", "k"): {"n": 1}}, seen=[ONE])
        assert await views.rebuild("x.leads") == Generations(1, live=1, filling=2)
        await opened(views)
        assert await views.generations("x.leads") == Generations(1, live=1, filling=2)
        assert await views.get_many("x.leads", ["k"], generation=2) == {}
        await views.commit("x.leads.v1.g2", [Move("log", 0, 1)], {("x.leads", "k"): {"n": 2}})
        assert await views.swap("x.leads", 2) == Generations(1, live=2)
        assert await views.get_many("x.leads", ["k"]) == {"k": {"n": 2}}

    async def test_a_rebuild_started_again_begins_from_nothing(self, views: Views) -> None:
        await opened(views)
        await views.rebuild("x.leads")
        filling = "x.leads.v1.g2"
        await views.commit(filling, [Move("log", 0, 1)], {("x.leads", "k"): {}}, seen=[ONE])
        assert await views.rebuild("x.leads") == Generations(1, live=1, filling=3)
        assert await views.get_many("x.leads", ["k"], generation=3) == {}
        assert await stood(views, filling) == ({}, set())
        with pytest.raises(StaleOwner):
            await views.commit(filling, [Move("log", 0, 1)], {})

    async def test_a_rebuild_of_what_is_filling_keeps_the_new_version(self, views: Views) -> None:
        await opened(views)
        await views.open([View(name="x.leads", version=2)])
        assert await views.rebuild("x.leads") == Generations(1, live=1, filling=3)
        assert await views.swap("x.leads", 3) == Generations(2, live=3)

    async def test_a_third_version_takes_the_place_of_the_second(self, views: Views) -> None:
        await opened(views)
        await views.open([View(name="x.leads", version=2)])
        await views.open([View(name="x.leads", version=3)])
        assert await views.generations("x.leads") == Generations(1, live=1, filling=3)
        with pytest.raises(StaleOwner):
            await views.commit("x.leads.v2.g2", [], {("x.leads", "k"): {}})

    async def test_the_live_version_again_ends_the_filling_of_another(self, views: Views) -> None:
        await opened(views)
        await views.open([View(name="x.leads", version=2)])
        await opened(views)
        assert await views.generations("x.leads") == Generations(1, live=1)

    async def test_other_indexes_fill_a_new_generation_too(self, views: Views) -> None:
        await opened(views)
        await views.open([View(name="x.leads", indexes=(Index("m"),))])
        assert await views.generations("x.leads") == Generations(1, live=1, filling=2)

    async def test_everybody_else_writes_the_live_generation(self, views: Views) -> None:
        await opened(views)
        await views.rebuild("x.leads")
        both: Puts = {("x.leads", "k"): {"n": 1}, ("x.parked", "p"): {"why": "?"}}
        await views.commit("x.policies", [], both)
        await views.commit("x.leads.v1.g2", [], {**both, ("x.leads", "k"): {"n": 2}})
        assert await views.get_many("x.leads", ["k"]) == {"k": {"n": 1}}
        assert await views.get_many("x.leads", ["k"], generation=1) == {"k": {"n": 1}}
        assert await views.get_many("x.leads", ["k"], generation=2) == {"k": {"n": 2}}
        assert await views.get_many("x.parked", ["p"]) == {"p": {"why": "?"}}

    async def test_a_swap_between_two_batches_lets_nothing_go_astray(self, views: Views) -> None:
        """Readers see the old documents or the new ones, never none."""
        await opened(views)
        await views.commit(LIVE, [], {("x.leads", "k"): {"n": 0}})

        async def rebuild_often() -> None:
            for n in range(1, 11):
                filling = (await views.rebuild("x.leads")).filling
                assert filling
                puts = {("x.leads", "k"): {"n": n}}
                await views.commit(f"x.leads.v1.g{filling}", [], puts)
                await views.swap("x.leads", filling)

        async def look() -> None:
            while True:
                page = await views.find("x.leads", Query(sort="n"))
                seen.append(page.documents[0]["n"])
                if seen[-1] == 10:
                    return

        seen: list[int] = []
        async with asyncio.timeout(30):
            await asyncio.gather(rebuild_often(), look())
        assert seen == sorted(seen)

    async def test_views_of_another_life_of_the_store_are_emptied(self, views: Views) -> None:
        await opened(views)
        assert await views.belongs_to("one")
        puts: Puts = {("x.leads", "k"): {"n": "1"}, ("x.parked", "p"): {"why": "?"}}
        await views.commit(LIVE, [Move("store", 0, 5)], puts, seen=[ONE])
        await views.rebuild("x.leads")
        filling = "x.leads.v1.g2"
        await views.commit(filling, [Move("store", 0, 2)], {("x.leads", "k"): {"n": "2"}})
        await views.commit("x.relay", [Move("store", 0, 5)], {}, seen=[TWO])
        assert await views.belongs_to("one")
        assert await stood(views, LIVE) == ({"store": 5}, {ONE})
        assert [await views.belongs_to("two"), await views.belongs_to("two")] == [False, True]
        assert (await views.find("x.leads", Query())).documents == []
        assert await views.get_many("x.leads", ["k"], generation=2) == {}
        for consumer in (LIVE, filling):
            assert await stood(views, consumer) == ({}, set())
        assert await stood(views, "x.relay") == ({"store": 5}, {TWO})
        assert await views.get_many("x.parked", ["p"]) == {"p": {"why": "?"}}
