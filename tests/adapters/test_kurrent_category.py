"""A context's facts among everybody else's, in one server's log."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.adapters.kurrent import KurrentStore
from shared.kernel.errors import Malformed, PortFailed, Unreachable
from shared.testing.contracts.store import run, sealed
from shared.testing.servers.kurrent.double import Double
from shared.testing.servers.kurrent.service import INVALID
from tests.adapters.kurrent import doubled, opened


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with doubled(Double()) as double:
        yield double


@pytest.fixture
async def store(double: Double) -> AsyncIterator[KurrentStore]:
    async with opened(double.uri, "orders") as store:
        yield store


@pytest.fixture
async def others(double: Double) -> AsyncIterator[KurrentStore]:
    """Its name begins with ours."""
    async with opened(double.uri, "orders2") as store:
        yield store


async def written(store: KurrentStore, stream: str, count: int = 1) -> int:
    return await store.append(stream, run(stream, 0, count), expected=0)


async def test_contexts_in_one_server_do_not_see_each_other(
    store: KurrentStore, others: KurrentStore
) -> None:
    mine = [await written(store, f"orders.a-{n}", 2) for n in range(3)]
    theirs = [await written(others, f"orders2.a-{n}", 2) for n in range(3)]
    for one, name, at in ((store, "orders", mine), (others, "orders2", theirs)):
        seen = await one.follow(after=0, limit=99)
        assert [fact.subject for _, fact in seen] == [f"{name}.a-{n // 2}" for n in range(6)]
        assert [position for position, _ in seen[1::2]] == at
        assert await one.last(99) == seen
        assert await one.end() == at[-1]
    assert store.incarnation != others.incarnation


async def test_a_stream_of_another_context_is_not_ours_to_write(store: KurrentStore) -> None:
    for stream in ("orders2.a-1", "orders", "a-1"):
        with pytest.raises(ValueError, match="no stream of orders"):
            await written(store, stream)


async def test_positions_lie_as_far_apart_as_the_records_are_long(
    store: KurrentStore, others: KurrentStore
) -> None:
    for n in range(5):
        await written(others, f"orders2.a-{n}", n + 1)
        await written(store, f"orders.a-{n}", 3)
    every = await store.follow(after=0, limit=99)
    positions = [at for at, _ in every]
    assert all(later - one > 1 for one, later in zip([0, *positions], positions, strict=False))
    for n, (at, fact) in enumerate(every):
        assert await store.position(fact.subject, fact.sequence) == at
        assert await store.follow(after=at, limit=99) == every[n + 1 :]
        assert await store.follow(after=at, limit=2) == every[n + 1 : n + 3]


async def test_idle_polls_do_not_walk_over_the_same_records_again(
    double: Double, store: KurrentStore, others: KurrentStore
) -> None:
    mine = await written(store, "orders.a-1")
    walked = double.faults.reading
    theirs = mine
    for n in range(3):
        before, theirs = theirs, await written(others, f"orders2.a-{n}", 50)
        walked.clear()
        assert await store.follow(after=mine, limit=9) == []
        assert list(walked) == ["before None", f"from {before}"]
        walked.clear()
        assert await store.follow(after=mine, limit=9) == []
        assert await store.end() == mine
        assert list(walked) == ["before None"] * 2
    last = await written(store, "orders.a-2")
    walked.clear()
    assert [at for at, _ in await store.follow(after=mine, limit=9)] == [last]
    assert list(walked) == ["before None", f"from {theirs}"]


async def test_a_store_opened_anew_finds_its_end_behind_what_others_wrote(
    double: Double, store: KurrentStore, others: KurrentStore
) -> None:
    mine = await written(store, "orders.a-1", 3)
    await written(others, "orders2.a-1", 50)
    async with opened(double.uri, "orders") as anew, opened(double.uri, "leads") as silent:
        assert await anew.end() == mine
        assert await anew.follow(after=mine, limit=9) == []
        assert await silent.end() == 0
        assert await silent.follow(after=0, limit=9) == []
        assert await silent.end() == 0


async def test_who_is_far_behind_is_not_taken_for_who_has_seen_all(
    store: KurrentStore, others: KurrentStore
) -> None:
    """Consumers at several places, in any order, while the log grows."""
    at = [await written(store, f"orders.a-{n}") for n in range(6)]
    await written(others, "orders2.a-1", 5)
    for after in (at[5], at[2], 0, at[5], at[0], at[4]):
        seen = [position for position, _ in await store.follow(after=after, limit=99)]
        assert seen == [position for position in at if position > after]
        assert await store.end() == at[5]
    short = await store.follow(after=0, limit=2)
    assert [position for position, _ in short] == at[:2]


async def test_five_thousand_facts_are_followed_page_by_page(
    store: KurrentStore, others: KurrentStore
) -> None:
    for n in range(50):
        await store.append("orders.a-1", run("orders.a-1", n * 100, 100), expected=n * 100)
        await written(others, f"orders2.a-{n}", 3)
    seen, after = [], 0
    while page := await store.follow(after=after, limit=500):
        assert len(page) == 500
        seen += [fact for _, fact in page]
        after = page[-1][0]
    assert seen == await store.read("orders.a-1") == run("orders.a-1", 0, 5_000)
    assert after == await store.end()
    assert [fact.sequence for fact in await store.read("orders.a-1", after=4_990)] == [
        *range(4_991, 5_001)
    ]


async def test_two_hundred_appends_at_once_all_get_their_positions(store: KurrentStore) -> None:
    streams = [f"orders.a-{n}" for n in range(200)]
    positions = await asyncio.gather(*(written(store, stream, 3) for stream in streams))
    followed = await store.follow(after=0, limit=999)
    assert len(followed) == 600
    last = {fact.subject: at for at, fact in followed}
    assert dict(zip(streams, positions, strict=True)) == last


async def test_the_server_keeps_the_bytes_and_the_envelope_beside_them(
    double: Double, store: KurrentStore
) -> None:
    fact = sealed("orders.a-1", 1, b'{"n": 1.50}')._replace(traceparent="00-ab-cd-01")
    await store.append("orders.a-1", [fact], expected=0)
    (record,) = double.log.streams["orders.a-1"]
    assert (record.id, record.type, record.proposed.data) == (fact.id, "ThingDone", fact.data)
    beside = json.loads(record.proposed.custom_metadata)
    assert {key: beside[key] for key in ("traceparent", "fingerprint", "actor", "occurredat")} == {
        "traceparent": "00-ab-cd-01",
        "fingerprint": "f",
        "actor": "pat",
        "occurredat": "2025-12-31T08:30:00.123456Z",
    }
    assert beside.keys().isdisjoint({"id", "type", "sequence", "data"})


async def test_more_than_the_server_takes_at_once_is_refused_whole(
    store: KurrentStore,
) -> None:
    facts = [sealed("orders.a-1", n, b'"%s"' % (b"x" * 400_000)) for n in (1, 2, 3)]
    with pytest.raises(Malformed) as refusal:
        await store.append("orders.a-1", facts, expected=0)
    assert refusal.value.slug == "body-too-large"
    assert await store.read("orders.a-1") == []
    await store.append("orders.a-1", facts[:2], expected=0)


async def test_a_stream_that_somebody_has_cut_is_not_read_as_if_it_were_whole(
    double: Double, store: KurrentStore
) -> None:
    await written(store, "orders.a-1", 5)
    del double.log.streams["orders.a-1"][:2]
    with pytest.raises(PortFailed, match="not whole"):
        await store.read("orders.a-1")


@pytest.mark.parametrize("told", INVALID)
async def test_a_position_of_another_life_of_the_server_is_an_error_not_a_gap(
    double: Double, store: KurrentStore, told: tuple[Any, str]
) -> None:
    double.faults.no_record = told
    position = await written(store, "orders.a-1", 5)
    with pytest.raises(PortFailed, match=r"(?i)invalid") as failure:
        await store.follow(after=position - 7, limit=9)
    assert not isinstance(failure.value, Unreachable)
    assert await store.last(9, until=position - 7) == []
    assert await store.follow(after=position + 7, limit=9) == []
    assert await store.end() == position


async def test_every_opening_tells_the_same_incarnation_until_a_restore(
    double: Double,
) -> None:
    async def told() -> str:
        async with opened(double.uri, "leads") as store:
            return store.incarnation

    first = set(await asyncio.gather(*(told() for _ in range(10))))
    assert len(first) == 1
    async with opened(double.uri, "leads") as store:
        another = await store.reincarnate()
        assert another == store.incarnation
        assert await store.end() == 0
    assert {await told(), await told()} == {another} != first
