"""The contract of the event store."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid5

import pytest

from shared.contracts.event import Envelope
from shared.kernel.errors import StaleVersion
from shared.kernel.ports import EventStore

NOW = datetime(2026, 1, 1, 8, 30, 0, 123456, tzinfo=UTC)
ROOT = UUID(int=0)


def sealed(stream: str, sequence: int, data: bytes = b"{}", *, by: str = "") -> Envelope:
    """A fact whose id is its stream's, version's and writer's, as a command's would be."""
    return Envelope(
        id=uuid5(ROOT, f"{stream}/{sequence}/{by}"),
        source="/tests",
        type="ThingDone",
        subject=stream,
        time=NOW,
        dataschema="/schemas/ThingDone.v1.json",
        sequence=sequence,
        partitionkey=stream,
        correlationid=ROOT,
        causationid=None,
        commandid=ROOT,
        actor="pat",
        occurredat=NOW - timedelta(days=1),
        data=data,
        fingerprint="f",
    )


def run(stream: str, after: int, count: int) -> list[Envelope]:
    return [sealed(stream, after + n) for n in range(1, count + 1)]


class EventStoreContract:
    async def test_reads_back_what_was_appended(self, store: EventStore) -> None:
        facts = [sealed("a", 1, '{"name":"渠道 \\u0000 𝄞"}'.encode()), sealed("a", 2)]
        facts[1] = facts[1]._replace(causationid=facts[0].id, traceparent="00-4bf9-00f0-01")
        await store.append("a", facts, expected=0)
        assert await store.read("a") == facts
        assert await store.read("a", after=1) == facts[1:]
        assert await store.read("a", after=2) == []

    async def test_a_stream_that_nobody_wrote_is_empty(self, store: EventStore) -> None:
        assert await store.read("none") == []
        assert await store.follow(after=0, limit=9) == []
        assert await store.end() == 0

    async def test_says_where_a_fact_stands(self, store: EventStore) -> None:
        positions = [0]
        for stream in ("a", "b", "a"):
            version = len(await store.read(stream))
            fact = sealed(stream, version + 1)
            positions.append(await store.append(stream, [fact], expected=version))
        places = [await store.position(*at) for at in (("a", 1), ("b", 1), ("a", 2))]
        assert [0, *places] == positions == sorted(set(positions))
        for unknown in (("a", 3), ("c", 1)):
            with pytest.raises(KeyError):
                await store.position(*unknown)

    async def test_keeps_the_data_byte_for_byte(self, store: EventStore) -> None:
        data = b'{"amount":"1234.50","n":[1,2]}'
        await store.append("a", [sealed("a", 1, data)], expected=0)
        assert [fact.data for fact in await store.read("a")] == [data]

    async def test_an_instant_stays_the_same_whatever_its_zone(self, store: EventStore) -> None:
        fact = sealed("a", 1)
        beijing = fact.occurredat.astimezone(timezone(timedelta(hours=8)))
        await store.append("a", [fact._replace(occurredat=beijing)], expected=0)
        assert await store.read("a") == [fact]

    async def test_refuses_a_stale_version_and_keeps_nothing_of_it(
        self, store: EventStore
    ) -> None:
        position = await store.append("a", run("a", 0, 2), expected=0)
        for expected in (0, 1, 3):
            stale = [sealed("a", expected + n, by="other") for n in (1, 2)]
            with pytest.raises(StaleVersion):
                await store.append("a", stale, expected=expected)
        assert await store.read("a") == run("a", 0, 2)
        assert await store.end() == position

    async def test_an_append_of_nothing_is_an_error(self, store: EventStore) -> None:
        with pytest.raises(ValueError, match="a"):
            await store.append("a", [], expected=0)

    async def test_facts_that_do_not_follow_the_version_are_an_error(
        self, store: EventStore
    ) -> None:
        for facts in ([sealed("a", 2)], [sealed("a", 1), sealed("a", 3)]):
            with pytest.raises(ValueError, match="a"):
                await store.append("a", facts, expected=0)
        assert await store.end() == 0

    async def test_the_same_append_again_is_stored_once(self, store: EventStore) -> None:
        """So a caller that never heard the answer may ask again: stale, or the same answer."""
        facts = run("a", 0, 2)
        position = await store.append("a", facts, expected=0)
        (again,) = await _all_asked(store.append("a", facts, expected=0))
        assert isinstance(again, StaleVersion) or again == position
        assert [fact for _, fact in await store.follow(after=0, limit=9)] == facts

    async def test_the_same_append_at_once_is_stored_once(self, store: EventStore) -> None:
        facts = run("a", 0, 3)
        done = await _all_asked(*(store.append("a", facts, expected=0) for _ in range(20)))
        assert {d for d in done if not isinstance(d, StaleVersion)} == {await store.end()}
        assert await store.read("a") == facts

    async def test_more_than_was_stored_is_not_the_same_append(self, store: EventStore) -> None:
        await store.append("a", run("a", 0, 2), expected=0)
        for expected, count in ((0, 3), (1, 2), (1, 3)):
            with pytest.raises(StaleVersion):
                await store.append("a", run("a", expected, count), expected=expected)
        assert await store.read("a") == run("a", 0, 2)

    async def test_of_many_that_race_for_one_version_one_wins(self, store: EventStore) -> None:
        rivals = [[sealed("a", n, by=f"{who}") for n in (1, 2)] for who in range(20)]
        done = await _all_asked(*(store.append("a", facts, expected=0) for facts in rivals))
        (winner,) = [who for who, d in enumerate(done) if isinstance(d, int)]
        assert sum(isinstance(d, StaleVersion) for d in done) == 19
        assert await store.read("a") == rivals[winner]

    async def test_many_at_once_are_all_there_in_commit_order(self, store: EventStore) -> None:
        runs = {f"s{n}": run(f"s{n}", 0, 1 + n % 3) for n in range(60)}
        asked = [store.append(stream, facts, expected=0) for stream, facts in runs.items()]
        positions = await asyncio.gather(*asked)
        followed = await store.follow(after=0, limit=999)
        assert len(followed) == 120
        assert [at for at, _ in followed] == sorted({at for at, _ in followed})
        last = {fact.subject: at for at, fact in followed}
        assert dict(zip(runs, positions, strict=True)) == last
        assert [await store.read(stream) for stream in runs] == list(runs.values())

    async def test_a_stale_one_among_many_fails_alone(self, store: EventStore) -> None:
        await store.append("s0", [sealed("s0", 1, by="earlier")], expected=0)
        rivals = {n: [sealed(f"s{n % 20}", v, by=f"{n}") for v in (1, 2)] for n in range(40)}
        asked = [store.append(f"s{n % 20}", facts, expected=0) for n, facts in rivals.items()]
        done = await _all_asked(*asked)
        assert sum(isinstance(d, StaleVersion) for d in done) == 21
        assert len(await store.follow(after=0, limit=99)) == 39
        assert await store.read("s0") == [sealed("s0", 1, by="earlier")]

    async def test_writers_that_retry_all_get_in(self, store: EventStore) -> None:
        async def add(who: int) -> None:
            for n in range(5):
                await _appended(store, "a", by=f"{who}/{n}")

        await asyncio.gather(*(add(who) for who in range(8)))
        assert [fact.sequence for fact in await store.read("a")] == list(range(1, 41))

    async def test_a_reader_that_runs_beside_sees_every_fact_once_in_order(
        self, store: EventStore
    ) -> None:
        seen: list[int] = []

        async def tail() -> None:
            while len(seen) < 90:
                after = seen[-1] if seen else 0
                seen.extend(at for at, _ in await store.follow(after=after, limit=7))

        writes = [store.append(f"s{n}", run(f"s{n}", 0, 3), expected=0) for n in range(30)]
        async with asyncio.timeout(30):
            await asyncio.gather(tail(), *writes)
        assert seen == [at for at, _ in await store.follow(after=0, limit=99)]
        assert len(seen) == 90

    async def test_what_was_answered_is_read_at_once(self, store: EventStore) -> None:
        async def write_and_look(stream: str) -> tuple[Sequence[Envelope], bool]:
            position = await store.append(stream, run(stream, 0, 2), expected=0)
            return await store.read(stream), await store.end() >= position

        looks = await asyncio.gather(*(write_and_look(f"s{n}") for n in range(30)))
        assert looks == [(run(f"s{n}", 0, 2), True) for n in range(30)]

    async def test_follows_all_streams_in_commit_order(self, store: EventStore) -> None:
        facts = [sealed("b", 1), sealed("a", 1), sealed("b", 2)]
        at = [await store.append(f.subject, [f], expected=f.sequence - 1) for f in facts]
        assert await store.follow(after=0, limit=9) == list(zip(at, facts, strict=True))
        assert await store.follow(after=at[0], limit=1) == [(at[1], facts[1])]
        assert await store.follow(after=at[2], limit=9) == []
        assert await store.end() == at[2]

    async def test_a_batch_may_end_inside_an_append(self, store: EventStore) -> None:
        for stream in ("a", "b"):
            await store.append(stream, run(stream, 0, 3), expected=0)
        every, after = await store.follow(after=0, limit=99), 0
        walked: list[tuple[int, Envelope]] = []
        while batch := await store.follow(after=after, limit=2):
            walked += batch
            after = batch[-1][0]
        assert walked == every
        assert [fact for _, fact in walked] == run("a", 0, 3) + run("b", 0, 3)

    async def test_what_comes_later_is_seen_by_whoever_had_seen_all(
        self, store: EventStore
    ) -> None:
        after = 0
        for n in range(1, 4):
            assert await store.follow(after=after, limit=9) == []
            assert await store.end() == after
            position = await store.append("a", [sealed("a", n)], expected=n - 1)
            assert await store.follow(after=after, limit=9) == [(position, sealed("a", n))]
            after = position

    async def test_shows_the_last_facts(self, store: EventStore) -> None:
        assert await store.last(9) == []
        for stream in ("a", "b"):
            await store.append(stream, run(stream, 0, 3), expected=0)
        every = await store.follow(after=0, limit=99)
        assert await store.last(99) == every
        assert await store.last(2) == every[-2:]
        assert await store.last(0) == await store.last(0, until=every[0][0]) == []

    async def test_shows_the_last_facts_up_to_one(self, store: EventStore) -> None:
        for stream in ("a", "b"):
            await store.append(stream, run(stream, 0, 3), expected=0)
        every = await store.follow(after=0, limit=99)
        for n, (position, _) in enumerate(every, start=1):
            assert await store.last(2, until=position) == every[max(0, n - 2) : n]
            assert await store.last(99, until=position) == every[:n]
            assert await store.last(1, until=position) == [every[n - 1]]
        assert await store.last(9, until=0) == []

    async def test_names_are_exact(self, store: EventStore) -> None:
        for stream in ("x.Thing-1", "x.thing-1", "x.thing-10", "x.thing-1 ", "x.事-1"):
            await store.append(stream, [sealed(stream, 1)], expected=0)
        assert await store.read("x.thing-1") == [sealed("x.thing-1", 1)]

    async def test_has_one_incarnation(self, store: EventStore) -> None:
        assert store.incarnation == store.incarnation != ""


async def _all_asked(*asked: Awaitable[int]) -> list[int | BaseException]:
    return await asyncio.gather(*asked, return_exceptions=True)


async def _appended(store: EventStore, stream: str, by: str) -> None:
    while True:
        version = len(await store.read(stream))
        try:
            await store.append(stream, [sealed(stream, version + 1, by=by)], expected=version)
        except StaleVersion:
            continue
        return
