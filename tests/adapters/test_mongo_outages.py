"""The document server goes away, is killed, comes back, or is not one for us."""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from shared.adapters.mongo import Mongo, MongoPeople, MongoViews
from shared.kernel.errors import Incompatible, PortFailed, StaleOwner, Unreachable
from shared.kernel.ports import Document, Key, Move, Query, View
from shared.testing.servers import mongo
from shared.testing.servers.ports import Port
from tests.adapters.certificates import certificate
from tests.adapters.mongo_databases import beside, database

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # PyMongo leaves a socket open when closing cuts its handshake short.
    pytest.mark.filterwarnings("ignore:unclosed <:ResourceWarning"),
]
VIEW = View(name="x.sums")
CONSUMER = "x.sums.v1.g1"
KILLS = 10
FEW_SECONDS = 40.0  # ten times what it should be: a sign of life, no measurement


@pytest.fixture(autouse=True)
def cut_short() -> Iterator[None]:
    """Such a socket is met here, and not in the next file's test."""
    yield
    gc.collect()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[mongo.Server]:
    with mongo.server(tmp_path / "server", own=True) as server:
        yield server


@pytest.fixture
def nowhere() -> Iterator[str]:
    port = Port()
    yield f"mongodb://127.0.0.1:{port.number}/"
    port.release()


async def stepped(views: MongoViews) -> int:
    """One more everywhere: position, documents and what was seen move together or not at all."""
    at = (await views.positions(CONSUMER)).get("log", 0)
    puts: dict[Key, Document | None] = {("x.sums", key): {"n": at + 1} for key in "abc"}
    puts[("x.sums", f"{at + 1}")] = {}
    await views.commit(CONSUMER, [Move("log", at, at + 1)], puts)
    return at + 1


async def test_sigkill_of_the_server_moves_documents_and_position_together(
    server: mongo.Server,
) -> None:
    random, acknowledged = Random(4), 0
    async with database(server) as (deployment, name):
        views = await MongoViews.of(deployment, name)
        await views.open([VIEW])

        async def write() -> None:
            nonlocal acknowledged
            while True:
                acknowledged = await stepped(views)

        for _ in range(KILLS):
            writing = asyncio.create_task(write())
            await asyncio.sleep(random.uniform(0.1, 0.6))
            await asyncio.to_thread(server.kill)
            with pytest.raises(Unreachable):
                await writing
            await asyncio.to_thread(server.start)
            at = (await views.positions(CONSUMER)).get("log", 0)
            found = await views.get_many("x.sums", ["a", "b", "c"])
            assert acknowledged <= at <= acknowledged + 1
            assert list(found.values()) == [{"n": at}] * (3 if at else 0)
            every = await views.find("x.sums", Query(limit=9_999))
            assert len(every.documents) == at + len(found)
    assert acknowledged > KILLS


async def test_a_server_that_is_gone_is_unreachable_and_back_without_a_new_object(
    server: mongo.Server,
) -> None:
    async with database(server) as (deployment, name):
        views, people = (
            await MongoViews.of(deployment, name),
            await MongoPeople.of(deployment, name),
        )
        await views.open([VIEW])
        await stepped(views)
        await asyncio.to_thread(server.stop)
        begun = monotonic()
        for asked in (
            stepped(views),
            views.commit(CONSUMER, [Move("log", 1, 2)], {}),
            views.get_many("x.sums", ["a"]),
            views.find("x.sums", Query()),
            views.generations("x.sums"),
            views.rebuild("x.sums"),
            views.open([VIEW]),
            people.get_many([]),
        ):
            with pytest.raises(Unreachable, match="MongoDB at 127"):
                await asked
        assert monotonic() - begun < 8 * FEW_SECONDS
        await asyncio.to_thread(server.start)
        assert await stepped(views) == 2
        assert await views.get_many("x.sums", ["a"]) == {"a": {"n": 2}}


async def test_a_server_that_is_frozen_is_unreachable_and_back(server: mongo.Server) -> None:
    if server.pid is None:
        pytest.fail(f"{server.against} has no process to freeze")
    async with database(server) as (deployment, name):
        views = await MongoViews.of(deployment, name)
        await views.open([VIEW])
        await stepped(views)
        os.kill(server.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(10 * FEW_SECONDS):
                with pytest.raises(Unreachable):
                    await views.commit(CONSUMER, [Move("log", 1, 2)], {("x.sums", "a"): {"n": 2}})
        finally:
            os.kill(server.pid, signal.SIGCONT)
        at = (await views.positions(CONSUMER))["log"]
        assert await views.get_many("x.sums", ["a"]) == {"a": {"n": at}}
        assert await stepped(views) == at + 1


async def test_of_two_processes_one_moves_and_the_other_is_stale(server: mongo.Server) -> None:
    async with database(server) as (one, name), Mongo(server.uri) as two:
        owners = await MongoViews.of(one, name), await MongoViews.of(two, name)
        await asyncio.gather(*(views.open([VIEW]) for views in owners))
        stale = 0
        for _ in range(20):
            done = await asyncio.gather(*map(stepped, owners), return_exceptions=True)
            assert all(isinstance(one, int | StaleOwner) for one in done)
            stale += sum(isinstance(one, StaleOwner) for one in done)
        at = (await owners[0].positions(CONSUMER))["log"]
        assert at + stale == 40
        assert await owners[1].get_many("x.sums", ["a"]) == {"a": {"n": at}}


async def test_who_was_frozen_and_overtaken_writes_nothing(server: mongo.Server) -> None:
    async with database(server) as (one, name), Mongo(server.uri) as two:
        frozen, other = await MongoViews.of(one, name), await MongoViews.of(two, name)
        await frozen.open([VIEW])
        await stepped(frozen)
        for _ in range(3):
            await stepped(other)
        with pytest.raises(StaleOwner):
            await frozen.commit(CONSUMER, [Move("log", 1, 2)], {("x.sums", "a"): {"n": 2}})
        assert await frozen.get_many("x.sums", ["a"]) == {"a": {"n": 4}}
        assert await stepped(frozen) == 5


async def test_two_contexts_do_not_see_each_other(server: mongo.Server) -> None:
    async with database(server) as (deployment, name):
        one = await MongoViews.of(deployment, f"{name}_one")
        two = await MongoViews.of(deployment, f"{name}_two")
        for views in (one, two):
            await views.open([VIEW])
        await stepped(one)
        await one.belongs_to("first")
        assert await two.belongs_to("second")
        assert await two.positions(CONSUMER) == {}
        assert await two.get_many("x.sums", ["a"]) == {}
        assert await stepped(two) == 1


async def test_what_a_crash_left_of_a_dropped_generation_goes_at_the_next_start(
    server: mongo.Server,
) -> None:
    async with database(server) as (deployment, name):
        views = await MongoViews.of(deployment, name)
        await views.open([VIEW])
        await views.rebuild("x.sums")
        await views.swap("x.sums", 2)
        with beside(server) as left:
            left[name]["view.x.sums.1"].insert_one({"_id": "left"})
            left[name]["view.x.sums.3"].insert_one({"_id": "of a start that goes on elsewhere"})
            left[name]["view.x.none.1"].insert_one({"_id": "not known here"})
            await views.open([VIEW])
            there = {one for one in left[name].list_collection_names() if "view." in one}
        assert there == {"view.x.sums.2", "view.x.sums.3", "view.x.none.1"}


async def test_what_is_newer_or_not_ours_is_incompatible(server: mongo.Server) -> None:
    async with database(server) as (deployment, name):
        with beside(server) as client:
            client[f"{name}_other"]["things"].insert_one({})
            client[f"{name}_newer"]["stamp"].insert_one({"_id": "views", "schema": 2})
        with pytest.raises(Incompatible, match="no stamp"):
            await MongoViews.of(deployment, f"{name}_other")
        with pytest.raises(Incompatible, match="version 2"):
            await MongoViews.of(deployment, f"{name}_newer")
        await MongoPeople.of(deployment, f"{name}_newer")


async def test_a_server_that_is_no_replica_set_is_incompatible(tmp_path: Path) -> None:
    with mongo.server(tmp_path, extra=("--standalone",)) as server:
        async with Mongo(server.uri) as deployment:
            with pytest.raises(Incompatible, match="no replica set"):
                await MongoViews.of(deployment, "x")


async def test_nobody_there_is_unreachable_within_seconds(nowhere: str) -> None:
    async with Mongo(nowhere) as deployment:
        begun = monotonic()
        with pytest.raises(Unreachable, match="MongoDB at 127"):
            await deployment.check()
        assert monotonic() - begun < FEW_SECONDS


@pytest.mark.parametrize("uri", ["", "127.0.0.1", "mongodb://", "mongodb://u:s3cr/et@host/"])
def test_an_address_that_is_none_is_told_without_its_password(uri: str) -> None:
    with pytest.raises(PortFailed) as failed:
        Mongo(uri)
    assert "s3cr" not in str(failed.value)


def test_a_missing_authority_is_told(tmp_path: Path) -> None:
    with pytest.raises(PortFailed, match="nowhere"):
        Mongo("mongodb://127.0.0.1/", ca=tmp_path / "nowhere.pem")


async def test_user_and_password_are_asked_for(tmp_path: Path) -> None:
    with mongo.server(tmp_path, own=True) as server, beside(server) as client:
        client.admin.command("createUser", "qudao", pwd="s3cr:et/", roles=["root"])
    with mongo.server(tmp_path, extra=("--auth",)) as server:
        async with Mongo(server.uri, user="qudao", password="s3cr:et/") as deployment:
            views = await MongoViews.of(deployment, "x")
            await views.open([VIEW])
            assert await stepped(views) == 1
        for user, password in (("qudao", "wrong"), (None, None)):
            async with Mongo(server.uri, user=user, password=password) as deployment:
                with pytest.raises(PortFailed) as failed:
                    await MongoViews.of(deployment, "x")
                assert not isinstance(failed.value, Unreachable)
                assert "wrong" not in str(failed.value)


async def test_the_server_is_who_its_authority_says(tmp_path: Path) -> None:
    own, key = certificate(tmp_path)
    strange, _ = certificate(tmp_path, "strange")
    secure = ("--tls-cert-file", str(own), "--tls-key-file", str(key))
    with mongo.server(tmp_path / "server", extra=secure) as server:
        async with Mongo(server.uri, ca=own) as deployment:
            views = await MongoViews.of(deployment, "x")
            await views.open([VIEW])
            assert await stepped(views) == 1
        async with Mongo(server.uri, ca=strange) as deployment:
            with pytest.raises(PortFailed, match="certificate verify failed"):
                await deployment.check()
        async with Mongo(server.uri) as deployment:
            with suppress(Unreachable):
                await deployment.check()
                pytest.fail("it spoke without TLS")
