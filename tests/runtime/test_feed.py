"""The feed: published facts as they come, in the caller's scope, with a cursor to go on from."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.contracts.leads import LeadAccepted, LeadAssigned
from shared.kernel.errors import Malformed, Refused
from shared.kernel.ports import Record
from shared.runtime.feed import cursor, tail
from shared.runtime.feed.feed import AT_ONCE, BEGINNING, Feed, Wish
from shared.runtime.http import Caller

FACTS = {"LeadAssigned": LeadAssigned, "LeadAccepted": LeadAccepted}
MANAGER = Caller(issuer="i", subject="li", role="manager")
ACME = Caller(issuer="i", subject="a", role="partner", partner_id="acme")
PATIENCE = 30


def fact(number: int, partner: str = "acme", topic: str = "LeadAssigned") -> Record:
    data = {"lead_id": f"l{number}", "candidates": [{"partner_id": "rival"}]}
    told = {"id": str(number), "type": topic, "actor": "li", "data": data}
    return Record(topic, partner, json.dumps(told).encode())


@dataclass
class Heard:
    """What one stream has sent: CloudEvents, and the last id."""

    chunks: AsyncIterator[bytes]
    facts: list[dict[str, Any]] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    last: str = ""

    async def until(self, count: int) -> "Heard":
        async with asyncio.timeout(PATIENCE):
            while len(self.facts) < count:
                self._take(await anext(self.chunks))
        return self

    def _take(self, chunk: bytes) -> None:
        for line in chunk.decode().splitlines():
            name, _, value = line.partition(": ")
            if name == "data":
                self.facts.append(json.loads(value))
            elif name == "event":
                self.types.append(value)
            elif name == "id":
                self.last = value

    @property
    def ids(self) -> list[int]:
        return [int(one["id"]) for one in self.facts]


@dataclass
class Bed:
    bus: SqliteBus
    feed: Feed

    async def hear(self, who: Caller = MANAGER, *types: str, after: str | None = None) -> Heard:
        return Heard(await self.feed.opened(Wish(who, frozenset(types), after)))

    async def publish(self, *records: Record) -> None:
        await self.bus.publish(records)


@pytest.fixture
def bounds() -> tail.Bounds:
    return tail.Bounds()


@pytest.fixture
async def bed(tmp_path: Path, bounds: tail.Bounds) -> AsyncIterator[Bed]:
    bus = SqliteBus(tmp_path / "bus.db", partitions=3)
    bed = Bed(bus, Feed(bus, FACTS, bounds))
    running = asyncio.create_task(bed.feed.run())
    yield bed
    running.cancel()
    bus.close()


@asynccontextmanager
async def left(heard: Heard) -> AsyncIterator[Heard]:
    """The client hangs up."""
    yield heard
    await heard.chunks.aclose()  # type: ignore[attr-defined]


async def test_from_now_on_nothing_that_was_before(bed: Bed) -> None:
    await bed.publish(*map(fact, range(5)))
    heard = await bed.hear()
    await bed.publish(fact(5), fact(6))
    assert sorted((await heard.until(2)).ids) == [5, 6]
    assert set(heard.types) == {"LeadAssigned"}


async def test_from_the_beginning_everything_and_then_what_comes_each_once(bed: Bed) -> None:
    await bed.publish(*(fact(n, f"p{n % 7}") for n in range(1_200)))
    heard = await (await bed.hear(after=BEGINNING)).until(1_200)
    for n in range(1_200, 1_230):
        await bed.publish(fact(n, f"p{n % 7}"))
    assert sorted((await heard.until(1_230)).ids) == [*range(1_230)]


async def test_a_partner_is_shown_its_own_and_nobody_else(bed: Bed) -> None:
    await bed.publish(*(fact(n, "acme" if n % 2 else "rival") for n in range(20)))
    heard = await (await bed.hear(ACME, after=BEGINNING)).until(10)
    await bed.publish(fact(20, "rival"), fact(21))
    await heard.until(11)
    assert sorted(heard.ids) == [*range(1, 21, 2), 21]
    assert "rival" not in json.dumps(heard.facts)
    assert all("actor" not in one for one in heard.facts)


async def test_staff_are_shown_the_record_of_the_topic(bed: Bed) -> None:
    await bed.publish(fact(1))
    (told,) = (await (await bed.hear(after=BEGINNING)).until(1)).facts
    assert told == json.loads(fact(1).value)


async def test_only_those_facts_that_are_named(bed: Bed) -> None:
    await bed.publish(fact(1), fact(2, topic="LeadAccepted"), fact(3))
    heard = await bed.hear(MANAGER, "LeadAccepted", after=BEGINNING)
    assert (await heard.until(1)).ids == [2]
    await bed.publish(fact(4), fact(5, topic="LeadAccepted"))
    assert (await heard.until(2)).ids == [2, 5]


async def test_a_wrong_name_and_a_wrong_cursor_are_refused_at_once(bed: Bed) -> None:
    with pytest.raises(Malformed, match="LeadEaten"):
        await bed.hear(MANAGER, "LeadEaten")
    for wrong in ("x", "eJyrrgUA", cursor.written({"LeadAssigned/0": -1}), "é"):
        with pytest.raises(Malformed):
            await bed.hear(after=wrong)


async def test_a_caller_has_so_many_streams_at_once_and_may_close_one(bed: Bed) -> None:
    await bed.publish(fact(1))
    heard = [await (await bed.hear(after=BEGINNING)).until(1) for _ in range(AT_ONCE)]
    with pytest.raises(Refused):
        await bed.hear()
    await (await bed.hear(ACME, after=BEGINNING)).until(1)  # another caller may
    async with left(heard[0]):
        pass
    await (await bed.hear(after=BEGINNING)).until(1)


async def test_who_comes_back_with_the_last_id_misses_nothing(bed: Bed) -> None:
    """Clients that hang up at any time, and a bus that goes on meanwhile."""
    rng, after, got, published = random.Random(7), BEGINNING, list[int](), 0
    for _ in range(30):
        more = rng.randrange(0, 40)
        await bed.publish(*(fact(published + n, f"p{rng.randrange(9)}") for n in range(more)))
        published += more
        async with left(await bed.hear(after=after)) as heard:
            await heard.until(rng.randrange(0, 1 + published - len(set(got))))
            got += heard.ids
            after = heard.last or after
    await bed.publish(fact(published))
    async with left(await bed.hear(after=after)) as heard:
        await heard.until(1 + published - len(set(got)))
        got += heard.ids
    assert sorted(set(got)) == [*range(published + 1)]


@pytest.mark.parametrize("bounds", [tail.Bounds(kept=2, batch=5)])
async def test_who_is_too_slow_for_what_is_remembered_is_told_from_the_bus(bed: Bed) -> None:
    slow, quick = await bed.hear(), await bed.hear()
    for n in range(3):  # until it follows the tail
        await bed.publish(fact(n))
        await slow.until(n + 1)
        await quick.until(n + 1)
    for n in range(3, 60):
        await bed.publish(fact(n, f"p{n % 5}"))
        await quick.until(n + 1)
    assert sorted((await slow.until(60)).ids) == [*range(60)]


@pytest.mark.parametrize("bounds", [tail.Bounds(alive=10 * PATIENCE)])
async def test_in_a_crowd_at_the_tail_each_is_shown_what_it_may_see(bed: Bed) -> None:
    """Who sees the same is sent the same bytes; more than are told in one go."""
    told = [(partner, topic) for partner in ("acme", "rival") for topic in FACTS]
    rival = Caller(issuer="i", subject="r", role="partner", partner_id="rival")
    wishes = [(who, topic) for who in (MANAGER, ACME, rival) for topic in ("", *FACTS)]
    crowd = [
        (who, topic, await bed.hear(replace(who, subject=f"{n}"), *([topic] if topic else [])))
        for n in range(2 * tail.TURN // len(wishes))
        for who, topic in wishes
    ]
    for round_ in range(4):  # they follow the tail from the second on
        may = [
            [who.sees(one) and topic in ("", of) for one, of in told] for who, topic, _ in crowd
        ]
        waiting = [
            asyncio.create_task(heard.until((round_ + 1) * sum(mine)))
            for mine, (*_, heard) in zip(may, crowd, strict=True)
        ]
        await asyncio.sleep(0.1)
        await bed.publish(*(fact(4 * round_ + n, *one) for n, one in enumerate(told)))
        for mine, heard in zip(may, await asyncio.gather(*waiting), strict=True):
            seen = [4 * r + n for r in range(round_ + 1) for n in range(4) if mine[n]]
            assert sorted(heard.ids) == seen


@pytest.mark.parametrize("bounds", [tail.Bounds(alive=0.05)])
async def test_silence_is_broken_with_the_place_where_one_stands(bed: Bed) -> None:
    heard = await (await bed.hear(ACME, after=BEGINNING)).until(0)
    await bed.publish(*(fact(n, "rival") for n in range(9)))
    async with asyncio.timeout(PATIENCE):
        while sum(cursor.read(heard.last or cursor.written({})).values()) < 9:
            heard._take(await anext(heard.chunks))
    assert heard.facts == []


async def test_a_record_that_is_no_fact_is_passed_over_and_counted(bed: Bed) -> None:
    junk: Sequence[bytes] = (b"", b"{", b"[]", b'{"data": 1}', b"\xff")
    await bed.publish(*(Record("LeadAssigned", "acme", one) for one in junk), fact(1))
    assert (await (await bed.hear(ACME, after=BEGINNING)).until(1)).ids == [1]
    assert bed.feed.tail.catalogue.skipped >= len(junk)


async def test_when_the_process_ends_everybody_is_let_go(bed: Bed) -> None:
    heard = await (await bed.hear()).until(0)
    reading = asyncio.create_task(heard.until(1))
    await asyncio.sleep(0.1)
    bed.feed.close()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(reading, PATIENCE)
    assert bed.feed.readers == 0


class Slow(SqliteBus):
    """A bus of which the answers can be held back."""

    held: asyncio.Event | None = None

    async def fetch(self, *args: Any, **how: Any) -> Any:
        found = await super().fetch(*args, **how)
        if self.held:
            await self.held.wait()
        return found


async def test_what_is_read_while_the_last_reader_leaves_is_nobodys_tail(tmp_path: Path) -> None:
    bus = Slow(tmp_path / "bus.db", partitions=3)
    ending = tail.Tail(bus, tail.Catalogue(FACTS))
    ending.begin()
    await ending.step()
    await bus.publish([fact(1)])
    bus.held = asyncio.Event()
    reading = asyncio.create_task(ending.step())
    await asyncio.sleep(0.1)
    ending.end()
    bus.held.set()
    await reading
    assert not ending.joins({})  # the next reader asks the bus until the tail begins anew
    bus.close()
