"""A command is decided once, however often and by however many it is asked."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.codec import encode
from shared.kernel.errors import Malformed, Mismatch, NotFound, Refused, StaleVersion
from shared.kernel.handler import Done, Handler
from shared.kernel.ports import EventStore
from shared.runtime.context import Ports
from shared.testing.clock import HandClock
from shared.testing.embedded import embedded
from tests.kernel.commands import MakeThing, PaintThing, SellThing
from tests.kernel.conftest import cause
from tests.kernel.facts import ThingPainted
from tests.kernel.things import THINGS, stream

CLOCK = HandClock(datetime(2026, 1, 1, tzinfo=UTC))
ONE = stream("1")
MANY = 100_000


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    with embedded(tmp_path, "things", clock=CLOCK) as found:
        yield found["things"]


@dataclass
class Counting:
    """A store that counts the facts it was asked to read, and may fail to append."""

    store: EventStore
    read_facts: int = 0
    stale: int = 0
    asked: list[int] = field(default_factory=list)

    @property
    def incarnation(self) -> str:
        return self.store.incarnation

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        found = await self.store.read(stream, after=after)
        self.read_facts += len(found)
        return found

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        self.asked.append(expected)
        if self.stale:
            self.stale -= 1
            raise StaleVersion(stream)
        return await self.store.append(stream, facts, expected=expected)

    async def follow(self, *, after: int, limit: int) -> Sequence[tuple[int, Envelope]]:
        return await self.store.follow(after=after, limit=limit)

    async def last(
        self, limit: int, *, until: int | None = None
    ) -> Sequence[tuple[int, Envelope]]:
        return await self.store.last(limit, until=until)

    async def count(self) -> int:
        return await self.store.count()

    async def position(self, stream: str, sequence: int) -> int:
        return await self.store.position(stream, sequence)

    async def end(self) -> int:
        return await self.store.end()


class Unsure(Counting):
    """Appends, and then says that it does not know (reliability A4)."""

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        position = await self.store.append(stream, facts, expected=expected)
        if self.stale:
            self.stale -= 1
            raise StaleVersion(stream)
        return position


def handler(store: EventStore) -> Handler:
    return Handler("things", THINGS.streams, store, CLOCK)


def make(price: int = 1, later: timedelta = timedelta()) -> MakeThing:
    return MakeThing(thing_id="1", partner_id="acme", price=price, at=CLOCK() + later)


def paint(*colours: str) -> PaintThing:
    return PaintThing(colours=colours, at=CLOCK())


async def test_a_repeat_is_answered_as_it_was_the_first_time(ports: Ports) -> None:
    handle = handler(ports.store)
    assert await handle(ONE, make(), cause(1)) == Done(1, 1)
    assert await handle(ONE, paint("red", "blue"), cause(2)) == Done(3, 3)
    again = make(later=timedelta(minutes=1))
    assert await handle(ONE, again, cause(1)) == Done(1, 1, fresh=False)
    assert await handler(ports.store)(ONE, again, cause(1)) == Done(1, 1, fresh=False)
    assert await handle(ONE, paint("red", "blue"), cause(2)) == Done(3, 3, fresh=False)
    assert len(await ports.store.read(ONE)) == 3


async def test_a_key_that_comes_back_with_another_body_is_refused_from_outside(
    ports: Ports,
) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1, outside=True))
    with pytest.raises(Malformed) as refusal:
        await handle(ONE, make(price=2), cause(1, outside=True))
    assert refusal.value.slug == "idempotency-key-reused"
    with pytest.raises(Malformed):
        await handle(ONE, paint("red"), cause(1, outside=True))


async def test_what_our_own_reactions_asked_once_is_done_whatever_they_ask_now(
    ports: Ports,
) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1))
    assert await handle(ONE, make(price=2), cause(1)) == Done(1, 1, fresh=False)


async def test_a_key_used_for_another_stream_is_another_command(ports: Ports) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1, outside=True))
    other = replace(make(), thing_id="2")
    assert await handle(stream("2"), other, cause(1, outside=True)) == Done(1, 2)


async def test_a_refusal_leaves_nothing_and_is_decided_again(ports: Ports) -> None:
    handle = handler(ports.store)
    with pytest.raises(NotFound):
        await handle(ONE, paint("red"), cause(2))
    assert await ports.store.end() == 0
    await handle(ONE, make(), cause(1))
    assert await handle(ONE, paint("red"), cause(2)) == Done(2, 2)


async def test_a_command_that_changes_nothing_is_answered_with_where_the_stream_is(
    ports: Ports,
) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1))
    await handle(ONE, SellThing(at=CLOCK()), cause(2))
    assert await handle(ONE, SellThing(at=CLOCK()), cause(3)) == Done(2, 2)


async def test_of_twenty_at_once_one_wins(ports: Ports) -> None:
    handlers = [handler(ports.store), handler(ports.store)]
    asked = [handlers[n % 2](ONE, make(), cause(n)) for n in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [a for a in answers if isinstance(a, Done)] == [Done(1, 1)]
    assert sum(isinstance(a, Refused) and a.slug == "thing-exists" for a in answers) == 19
    assert len(await ports.store.read(ONE)) == 1


async def test_the_same_asked_twenty_times_at_once_happens_once(ports: Ports) -> None:
    handlers = [handler(ports.store), handler(ports.store)]
    asked = [handlers[n % 2](ONE, make(), cause(1, outside=True)) for n in range(20)]
    answers = await asyncio.gather(*asked)
    assert {(a.version, a.position) for a in answers} == {(1, 1)}
    assert sum(a.fresh for a in answers) == 1
    assert len(await ports.store.read(ONE)) == 1


async def test_many_writers_of_one_stream_lose_nothing(ports: Ports) -> None:
    handlers = [handler(ports.store) for _ in range(4)]
    await handlers[0](ONE, make(), cause(1))

    async def insist(number: int) -> Done:
        while True:
            try:
                return await handlers[number % 4](ONE, paint(str(number)), cause(number))
            except StaleVersion:
                continue

    answers = await asyncio.gather(*[insist(n) for n in range(2, 42)])
    assert sorted(a.version for a in answers) == [*range(2, 42)]
    facts = await ports.store.read(ONE)
    assert [fact.sequence for fact in facts] == [*range(1, 42)]
    assert len({fact.commandid for fact in facts}) == 41


async def test_a_version_that_is_no_longer_the_streams_is_a_mismatch(ports: Ports) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1, expected=0))
    await handle(ONE, paint("red"), cause(2))
    with pytest.raises(Mismatch) as refusal:
        await handle(ONE, paint("blue"), cause(3, expected=1))
    assert refusal.value.slug == "version-mismatch"
    assert await handle(ONE, paint("blue"), cause(3, expected=2)) == Done(3, 3)
    assert await handle(ONE, paint("blue"), cause(3, expected=2)) == Done(3, 3, fresh=False)


async def test_a_lost_race_is_decided_again_and_given_up_after_three(ports: Ports) -> None:
    store = Counting(ports.store, stale=2)
    assert await handler(store)(ONE, make(), cause(1)) == Done(1, 1)
    store.stale, store.asked = 3, []
    with pytest.raises(StaleVersion):
        await handler(store)(ONE, paint("red"), cause(2))
    assert store.asked == [1, 1, 1]
    assert len(await ports.store.read(ONE)) == 1


async def test_an_append_of_unknown_outcome_is_not_done_twice(ports: Ports) -> None:
    handle = handler(Unsure(ports.store, stale=1))
    assert await handle(ONE, make(), cause(1)) == Done(1, 1, fresh=False)
    assert len(await ports.store.read(ONE)) == 1


async def test_facts_say_who_asked_why_and_both_times(ports: Ports) -> None:
    by = replace(cause(7), correlationid=UUID(int=5), causationid=UUID(int=6))
    await handler(ports.store)(ONE, make(later=timedelta(days=-1)), by)
    (fact,) = await ports.store.read(ONE)
    assert (fact.type, fact.source, fact.subject) == ("ThingMade", "/things", ONE)
    assert (fact.partitionkey, fact.actor, fact.sequence) == ("acme", "pat", 1)
    ids = (fact.commandid, fact.correlationid, fact.causationid)
    assert [id_ and id_.int for id_ in ids] == [7, 5, 6]
    assert (fact.time, fact.occurredat) == (CLOCK(), CLOCK() - timedelta(days=1))
    assert fact.id == named(ONE, UUID(int=7), 1)
    assert fact.dataschema == "qudao:/schemas/ThingMade.v1.json"


async def test_what_belongs_to_no_partner_is_keyed_by_its_stream(ports: Ports) -> None:
    handle = handler(ports.store)
    await handle(ONE, make(), cause(1))
    await handle(ONE, paint("red", "blue"), cause(2))
    _, red, blue = await ports.store.read(ONE)
    assert (red.partitionkey, blue.partitionkey) == (ONE, ONE)
    assert red.id != blue.id


async def test_the_second_command_to_a_long_stream_reads_nothing_of_it(ports: Ports) -> None:
    await fill(ports.store)
    store = Counting(ports.store)
    handle = handler(store)
    assert (await handle(ONE, paint("red"), cause(2))).version == MANY + 1
    assert store.read_facts == MANY
    assert (await handle(ONE, paint("blue"), cause(3))).version == MANY + 2
    assert store.read_facts == MANY


async def fill(store: EventStore) -> None:
    handle = handler(store)
    await handle(ONE, make(), cause(1))
    (first,) = await store.read(ONE)
    fact = ThingPainted(colour="grey")
    schema, data = f"/schemas/{fact.schema_name()}", encode(fact)
    painted = first._replace(type="ThingPainted", dataschema=schema, data=data)
    facts = [
        painted._replace(sequence=n, id=UUID(int=n), commandid=UUID(int=1 << 100 | n))
        for n in range(2, MANY + 1)
    ]
    await store.append(ONE, facts, expected=1)


async def test_what_was_asked_is_measured_by_its_outcome(ports: Ports) -> None:
    seen: list[tuple[str, str]] = []
    handle = Handler(
        "things",
        THINGS.streams,
        Counting(ports.store, stale=0),
        CLOCK,
        lambda command, outcome, _: seen.append((command, outcome)),
    )
    await handle(ONE, make(), cause(1))
    await handle(ONE, make(), cause(1))
    with pytest.raises(Refused):
        await handle(ONE, make(), cause(2))
    assert seen == [
        ("MakeThing", "done"),
        ("MakeThing", "repeated"),
        ("MakeThing", "thing-exists"),
    ]
