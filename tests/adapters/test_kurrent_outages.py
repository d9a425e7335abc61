"""A KurrentDB that is gone, busy, silent, killed, or whose answer is lost.

Faults are the double's; only kills are done to a real server where there is one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from shared.adapters.kurrent import KurrentStore
from shared.kernel.errors import StaleVersion, Unreachable
from shared.testing.contracts.store import run, sealed
from shared.testing.servers.kurrent import server
from shared.testing.servers.kurrent.double import Double
from tests.adapters.kurrent import doubled, fresh, opened, until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with doubled(Double()) as double:
        yield double


@pytest.fixture
async def store(double: Double) -> AsyncIterator[KurrentStore]:
    async with opened(double.uri, "x") as store:
        yield store


@pytest.mark.parametrize("lost", [1, 2, 5])
async def test_an_append_whose_answer_is_lost_is_stored_once_and_answered(
    double: Double, store: KurrentStore, lost: int
) -> None:
    double.faults.lost_answers = lost
    position = await store.append("x.a-1", run("x.a-1", 0, 3), expected=0)
    assert double.faults.lost_answers == 0
    assert await store.read("x.a-1") == run("x.a-1", 0, 3)
    assert position == await store.position("x.a-1", 3) == await store.end()


async def test_who_lost_the_race_while_it_had_no_answer_is_stale(
    double: Double, store: KurrentStore
) -> None:
    async with opened(double.uri, "x") as rival:
        double.faults.busy = 1
        late = asyncio.create_task(store.append("x.a-1", [sealed("x.a-1", 1)], expected=0))
        await until(lambda: not double.faults.busy)
        await rival.append("x.a-1", [sealed("x.a-1", 1, by="rival")], expected=0)
        with pytest.raises(StaleVersion):
            await late
    assert await store.read("x.a-1") == [sealed("x.a-1", 1, by="rival")]


async def test_a_repeated_append_is_answered_although_others_followed_it(
    store: KurrentStore,
) -> None:
    first = await store.append("x.a-1", run("x.a-1", 0, 2), expected=0)
    await store.append("x.a-1", run("x.a-1", 2, 2), expected=2)
    assert await store.append("x.a-1", run("x.a-1", 0, 2), expected=0) == first
    assert await store.read("x.a-1") == run("x.a-1", 0, 4)


async def test_an_answer_without_a_position_is_looked_up(
    double: Double, store: KurrentStore
) -> None:
    double.faults.unknown_positions = 1
    position = await store.append("x.a-1", run("x.a-1", 0, 2), expected=0)
    assert [at for at, _ in await store.follow(after=0, limit=9)][-1] == position


async def test_a_busy_server_is_asked_again(double: Double, store: KurrentStore) -> None:
    double.faults.busy = 3
    await store.append("x.a-1", run("x.a-1", 0, 1), expected=0)
    assert await store.read("x.a-1") == run("x.a-1", 0, 1)


@pytest.mark.slow
async def test_a_server_that_stays_busy_is_unreachable(
    double: Double, store: KurrentStore
) -> None:
    double.faults.busy = 1_000
    with pytest.raises(Unreachable, match="Server Is Busy"):
        await store.append("x.a-1", run("x.a-1", 0, 1), expected=0)


@pytest.mark.slow
async def test_a_server_that_is_gone_is_unreachable_and_the_same_store_finds_it_again(
    double: Double, store: KurrentStore
) -> None:
    position = await store.append("x.a-1", run("x.a-1", 0, 2), expected=0)
    for _ in range(2):
        await double.stop()
        asked = (
            store.append("x.a-1", run("x.a-1", 2, 1), expected=2),
            store.read("x.a-1"),
            store.follow(after=0, limit=9),
            store.last(9),
            store.position("x.a-1", 1),
            store.end(),
        )
        async with asyncio.timeout(120):
            told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in told] == [Unreachable] * 6
        assert all("\n" not in str(one) and "127.0.0.1" in str(one) for one in told)
        await double.start()
        assert await store.end() == position
        assert await store.read("x.a-1") == run("x.a-1", 0, 2)


@pytest.mark.slow
async def test_a_server_that_says_nothing_more_is_unreachable_until_it_does(
    double: Double, store: KurrentStore
) -> None:
    double.wire.freeze()
    facts = run("x.a-1", 0, 2)
    for _ in range(2):
        for asked in (store.append("x.a-1", facts, expected=0), store.follow(after=0, limit=9)):
            async with asyncio.timeout(120):
                with pytest.raises(Unreachable):
                    await asked
    double.wire.thaw()
    assert await store.append("x.a-1", facts, expected=0) == await store.end()
    assert await store.read("x.a-1") == facts


async def test_two_hundred_appends_in_flight_survive_a_restart_each_stored_once(
    double: Double, store: KurrentStore
) -> None:
    streams = [f"x.a-{n}" for n in range(200)]
    asked = [asyncio.create_task(store.append(s, run(s, 0, 2), expected=0)) for s in streams]
    await until(lambda: len(double.log.streams) >= 50)
    await double.stop()
    assert len(double.log.streams) < 200
    await double.start()
    async with asyncio.timeout(120):
        positions = await asyncio.gather(*asked)
    followed = await store.follow(after=0, limit=999)
    assert len(followed) == 400
    last = {fact.subject: at for at, fact in followed}
    assert dict(zip(streams, positions, strict=True)) == last


async def test_an_answer_that_is_torn_is_asked_for_again_and_never_taken_for_whole(
    double: Double, store: KurrentStore
) -> None:
    await store.append("x.a-1", run("x.a-1", 0, 400), expected=0)
    for torn in (1, 2):
        double.faults.torn_reads = torn
        assert len(await store.read("x.a-1")) == 400
        double.faults.torn_reads = torn
        assert len(await store.follow(after=0, limit=999)) == 400
        double.faults.torn_reads = torn
        assert len(await store.last(300)) == 300
    assert double.faults.torn_reads == 0


async def test_a_reconnect_for_one_request_shortens_no_answer_to_another(
    double: Double, store: KurrentStore
) -> None:
    """The client would end the others' answers early and call them whole."""
    for n in range(5):
        await store.append("x.a-1", run("x.a-1", n * 500, 500), expected=n * 500)
    for n in range(5):
        double.faults.unavailable = 1
        reading = asyncio.create_task(store.follow(after=0, limit=9_999))
        await asyncio.sleep(0.05)
        await store.append(f"x.b-{n}", run(f"x.b-{n}", 0, 1), expected=0)
        assert len(await reading) >= 2_500 + n


async def test_the_one_who_asks_may_stop_asking(double: Double, store: KurrentStore) -> None:
    double.wire.freeze()
    asked = [
        asyncio.create_task(store.append("x.a-1", run("x.a-1", 0, 1), expected=0)),
        asyncio.create_task(store.read("x.a-1")),
    ]
    await asyncio.sleep(0.1)
    for one in asked:
        one.cancel()
    async with asyncio.timeout(120):
        told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in told] == [asyncio.CancelledError] * 2
    double.wire.thaw()


@pytest.mark.slow
async def test_over_kills_nothing_that_was_answered_is_lost_and_nothing_is_doubled(
    tmp_path: Path,
) -> None:
    context, over = fresh(), asyncio.Event()
    answered: dict[str, list[int]] = {f"{context}.a-{n}": [] for n in range(10)}

    async def write(store: KurrentStore, stream: str) -> None:
        """What was not answered is asked again, as it was."""
        positions = answered[stream]
        while not over.is_set():
            with suppress(Unreachable):
                facts = run(stream, len(positions), 1)
                positions.append(await store.append(stream, facts, expected=len(positions)))

    with server(tmp_path, own=True) as running:
        async with opened(running.uri, context) as store:
            writers = [asyncio.create_task(write(store, stream)) for stream in answered]
            for round_ in range(1, 6):
                while sum(map(len, answered.values())) < 15 * round_:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                await asyncio.to_thread(running.kill)
                await asyncio.to_thread(running.start)
            over.set()
            await asyncio.gather(*writers)
            for stream, positions in answered.items():
                assert await store.read(stream) == run(stream, 0, len(positions))
            every = sorted(at for positions in answered.values() for at in positions)
            assert len(every) > 50
            assert [at for at, _ in await store.follow(after=0, limit=99_999)] == every
