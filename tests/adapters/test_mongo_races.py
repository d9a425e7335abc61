"""Who is overtaken between its reading and its writing begins again, and sees it."""

import asyncio
from collections import UserDict
from collections.abc import AsyncIterator, Callable, Coroutine, ItemsView
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.adapters.mongo import Mongo, MongoViews
from shared.kernel.errors import StaleOwner
from shared.kernel.ports import Document, Generations, Index, Key, Move, Query, View
from shared.testing.servers.mongo import Server
from shared.testing.servers.mongo.fixture import mongo_server
from tests.adapters.mongo_databases import database

__all__ = ["mongo_server"]
pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]
LEADS = View(name="x.leads", indexes=(Index("n", "decimal"),))
PARKED = View(name="x.parked")
LIVE = "x.leads.v1.g1"
Doing = Callable[[MongoViews], Coroutine[None, None, object]]


class Overtaken(UserDict[Key, Document | None]):
    """What a commit puts; `between` happens once it has read, before it writes."""

    def __init__(self, between: Callable[[], None], puts: dict[Key, Document | None]) -> None:
        super().__init__(puts)
        self._between, self.tries = between, 0

    def items(self) -> ItemsView[Key, Document | None]:
        self.tries += 1
        if self.tries == 1:
            self._between()
        return super().items()


class Pair:
    """Ours, and another process on the same database."""

    def __init__(self, server: Server, name: str, views: MongoViews) -> None:
        self.views, self._server, self._name = views, server, name

    def other(self, doing: Doing) -> Callable[[], None]:
        async def work() -> None:
            async with Mongo(self._server.uri) as mongo:
                await doing(await MongoViews.of(mongo, self._name))

        def between() -> None:
            with ThreadPoolExecutor(1) as aside:  # ours has this thread's loop
                aside.submit(asyncio.run, work()).result()

        return between


@pytest.fixture
async def pair(mongo_server: Server) -> AsyncIterator[Pair]:
    async with database(mongo_server) as (mongo, name):
        views = await MongoViews.of(mongo, name)
        await views.open([LEADS, PARKED])
        yield Pair(mongo_server, name, views)


def commits(consumer: str) -> Doing:
    puts: dict[Key, Document | None] = {("x.parked", consumer): {}}
    return lambda v: v.commit(consumer, [Move("log", 0, 1)], puts)


async def rebuilt(views: MongoViews, view: str) -> Generations:
    filling = (await views.rebuild(view)).filling
    assert filling
    return await views.swap(view, filling)


async def test_another_owner_that_was_first_makes_us_stale(pair: Pair) -> None:
    other = pair.other(lambda v: v.commit(LIVE, [Move("log", 0, 5)], {("x.leads", "k"): {"n": 5}}))
    with pytest.raises(StaleOwner):
        ours: dict[Key, Document | None] = {("x.leads", "k"): {"n": 1}, ("x.parked", "p"): {}}
        await pair.views.commit(LIVE, [Move("log", 0, 1)], Overtaken(other, ours))
    assert await pair.views.positions(LIVE) == {"log": 5}
    assert await pair.views.get_many("x.leads", ["k"]) == {"k": {"n": 5}}
    assert await pair.views.get_many("x.parked", ["p"]) == {}


async def test_a_place_that_only_guards_is_held_as_well(pair: Pair) -> None:
    """A retry writes out of turn: whoever has read before it must notice."""
    await pair.views.commit("c", [Move("retried", 0, 0)], {})
    other = pair.other(lambda v: v.commit("c", [Move("retried", 0, 1)], {}))
    with pytest.raises(StaleOwner):
        moves = [Move("log", 0, 1), Move("retried", 0, 0)]
        await pair.views.commit("c", moves, Overtaken(other, {("x.leads", "k"): {}}))
    assert await pair.views.positions("c") == {"retried": 1}


async def test_two_that_only_guard_both_get_in(pair: Pair) -> None:
    def commit(log: str, key: str) -> Doing:
        moves = [Move(log, 0, 1), Move("retried", 0, 0)]
        return lambda v: v.commit("c", moves, {("x.leads", key): {}})

    moves = [Move("a", 0, 1), Move("retried", 0, 0)]
    puts = Overtaken(pair.other(commit("b", "b")), {("x.leads", "a"): {}})
    await pair.views.commit("c", moves, puts)
    assert await pair.views.positions("c") == {"a": 1, "b": 1, "retried": 0}
    assert set(await pair.views.get_many("x.leads", ["a", "b"])) == {"a", "b"}


async def test_what_is_put_while_a_view_is_swapped_is_in_the_new_one(pair: Pair) -> None:
    other = pair.other(lambda v: rebuilt(v, "x.parked"))
    await pair.views.commit(LIVE, [Move("log", 0, 1)], Overtaken(other, {("x.parked", "p"): {}}))
    assert await pair.views.generations("x.parked") == Generations(1, live=2)
    assert await pair.views.get_many("x.parked", ["p"]) == {"p": {}}


async def test_who_writes_what_is_being_dropped_is_stale(pair: Pair) -> None:
    other = pair.other(lambda v: rebuilt(v, "x.leads"))
    with pytest.raises(StaleOwner):
        puts: dict[Key, Document | None] = {("x.parked", "p"): {}}
        await pair.views.commit(LIVE, [Move("log", 0, 1)], Overtaken(other, puts))
    assert await pair.views.positions(LIVE) == {}
    assert await pair.views.get_many("x.parked", ["p"]) == {}


async def test_who_writes_while_another_life_begins_is_stale(pair: Pair) -> None:
    await pair.views.belongs_to("one")
    await pair.views.commit(LIVE, [Move("store", 0, 3)], {("x.leads", "k"): {"n": 1}})
    other = pair.other(lambda v: v.belongs_to("two"))
    with pytest.raises(StaleOwner):
        puts: dict[Key, Document | None] = {("x.leads", "l"): {"n": 2}}
        await pair.views.commit(LIVE, [Move("store", 3, 4)], Overtaken(other, puts))
    assert await pair.views.positions(LIVE) == {}
    assert (await pair.views.find("x.leads", Query())).documents == []


async def test_consumers_of_one_view_do_not_contend(pair: Pair) -> None:
    """Save where their names fall on one of the view's copies: then one begins again."""
    for other, tries in (("x.two", 1), ("x.five", 2)):
        doing = commits(other)
        puts = Overtaken(pair.other(doing), {("x.parked", "one"): {}})
        await pair.views.commit("x.one", [], puts)
        assert (other, puts.tries) == (other, tries)
        assert set(await pair.views.get_many("x.parked", ["one", other])) == {"one", other}


async def test_a_process_that_remembers_a_dropped_generation_looks_again(pair: Pair) -> None:
    await pair.views.commit("c", [], {("x.leads", "k"): {"n": 1}})
    assert await pair.views.get_many("x.leads", ["k"]) == {"k": {"n": 1}}

    async def rebuild(views: MongoViews) -> None:
        await views.rebuild("x.leads")
        await views.commit("x.leads.v1.g2", [], {("x.leads", "k"): {"n": 2}})
        await views.swap("x.leads", 2)

    pair.other(rebuild)()
    assert await pair.views.get_many("x.leads", ["k"]) == {"k": {"n": 2}}
    assert (await pair.views.find("x.leads", Query(sort="n"))).documents == [{"n": 2}]
    with pytest.raises(StaleOwner):
        await pair.views.get_many("x.leads", ["k"], generation=1)
