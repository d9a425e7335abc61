"""A projection gives the same documents however its facts come, and stops for none of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.consumer import Place
from shared.kernel.ports import Query, Record
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.step import STORE, Entry, Own
from shared.runtime.context import Ports
from shared.testing.careless import CarelessBus
from tests.kernel.conftest import Toys
from tests.kernel.things import ROWS, THINGS, WATCH

PLAIN = replace(THINGS, processes=())


async def story(toys: Toys, things: int = 7) -> None:
    random = Random(1)
    for number in range(things):
        await toys.make(f"t{number}", f"p{number % 3}", number)
    for number in range(things * 5):
        await toys.paint(f"t{random.randrange(things)}", f"c{number}", f"d{number}")
    for number in range(0, things, 2):
        await toys.sell(f"t{number}")


@dataclass
class Slowly:
    """A feed that gives a few facts at a time, and counts how often it was asked."""

    feed: Own
    few: int
    asked: list[int] = field(default_factory=list)

    async def __call__(self, at: Any) -> Sequence[Entry]:
        self.asked.append(at.get("store", 0))
        return (await self.feed(at))[: self.few]

    def look(self) -> None:
        self.feed.look()

    async def one(self, log: str, position: int) -> Entry | None:
        return await self.feed.one(log, position)


def place(ports: Ports) -> Place:
    return Place(context="things", views=ports.views, clock=ports.clock)


@pytest.mark.parametrize("few", [1, 2, 3, 7, 500])
async def test_batches_of_any_size_give_the_same_documents(toys: Toys, few: int) -> None:
    await toys.host(PLAIN)
    await story(toys)
    await toys.settle()
    ports = toys.ports["things"]
    other = replace(ROWS, name="things.again")
    await ports.views.open([other.view])
    codec = toys.things.service.handle.codec.only(other.facts)
    projector = Projector(other, codec, Slowly(Own(ports.store), few), place(ports))
    while await projector.step():
        continue
    found = (await ports.views.find("things.again", Query(limit=99))).documents
    assert {row["id"]: row for row in found} == await toys.rows()
    assert sum(row["facts"] for row in found) == await ports.store.end()


async def test_a_batch_writes_each_document_once(toys: Toys) -> None:
    await toys.host(PLAIN)
    await toys.make("t1")
    for number in range(50):
        await toys.paint("t1", f"c{number}")
    await toys.platform.sweep()
    rows = await toys.rows()
    assert (rows["t1"]["facts"], len(rows["t1"]["colours"])) == (51, 50)
    at = await toys.things.positions()
    assert at["things.rows"]["store"] == 51


@pytest.mark.parametrize("seed", range(6))
async def test_repeats_on_the_bus_are_dropped_also_across_restarts(toys: Toys, seed: int) -> None:
    bus = CarelessBus(toys.ports["things"].bus, Random(seed))
    await toys.host(PLAIN, WATCH, bus=bus)
    for number in range(12):
        await toys.make(f"t{number}", f"p{number % 2}", 10)
        await toys.sell(f"t{number}")
        await toys.platform.sweep()
        if number % 4 == seed % 4:
            await toys.host(PLAIN, WATCH, bus=bus)
    await toys.settle()
    ends = await bus.ends(["ThingMade", "ThingSold"])
    assert sum(ends.values()) > 24
    sums = await toys.rows("watch.sums")
    assert [(sums[key]["made"], sums[key]["sold"]) for key in ("p0", "p1")] == [(60, 60)] * 2


async def test_a_fact_of_another_type_is_passed_over(toys: Toys) -> None:
    await toys.host(replace(PLAIN, projections=(only_sold(),)))
    await toys.make("t1")
    await toys.paint("t1", "red")
    await toys.sell("t1")
    await toys.settle()
    assert (await toys.rows())["t1"]["facts"] == 1


async def test_a_look_at_a_view_writes_only_what_is_new_for_it(toys: Toys) -> None:
    """Reactions look at views for each fact, after what they have just written themselves."""
    await toys.host(replace(PLAIN, projections=(only_sold(),)))
    read, projector = toys.things.service.read, toys.things.projectors[ROWS.name]
    places = []
    sold = [toys.paint("t1", "red"), toys.sell("t1")]
    for works in ([toys.make("t1")], sold, [toys.make("t2")]):
        for work in works:
            await work
        await read.get(ROWS.name, "t1")
        projector.forget()  # what is stored, not what is remembered
        places.append((await projector.positions()).get(STORE, 0))
    assert places == [0, 3, 3]
    assert (await read.get(ROWS.name, "t1") or {})["sold"]
    await toys.settle()
    assert (await projector.positions())[STORE] == 4


async def test_what_was_looked_at_is_not_looked_at_again(toys: Toys) -> None:
    """Where others work too the place is looked up each time; it is the last step's."""
    await toys.host(replace(PLAIN, projections=(only_sold(),)))
    ports = toys.ports["things"]
    feed = Slowly(Own(ports.store), 500)
    codec = toys.things.service.handle.codec.only(only_sold().facts)
    looking = Projector(only_sold(), codec, feed, place(ports))
    for number in range(3):
        await toys.make(f"t{number}")
        looking.forget()
        await looking.catch_up()
    assert feed.asked == [0, 1, 1, 2, 2, 3]


def only_sold() -> Projection[Any]:
    return replace(ROWS, facts=tuple(f for f in ROWS.facts if f.__name__ == "ThingSold"))


async def test_a_version_that_this_code_cannot_read_is_parked_not_guessed(toys: Toys) -> None:
    await toys.host()
    await toys.make("t1")
    await toys.settle()
    bus = toys.ports["watch"].bus
    (known,) = await bus.fetch(["ThingMade"], after={}, limit=9)
    value = known.record.value.replace(b"ThingMade.v1.json", b"ThingMade.v2.json")
    fact = (await toys.ports["things"].store.read("things.thing-t1"))[0]
    value = value.replace(str(fact.id).encode(), str(UUID(int=7)).encode())
    await bus.publish([replace(known.record, value=value)])
    await toys.settle()
    assert {(one["consumer"], one["error"]) for one in await toys.parked("watch")} == {
        ("watch.sums.v1.g1", "UnknownVersion: qudao:/schemas/ThingMade.v2.json"),
        ("watch.when-made-tally", "UnknownVersion: qudao:/schemas/ThingMade.v2.json"),
    }
    assert (await toys.rows("watch.sums"))["acme"]["made"] == 1


async def test_an_unknown_type_on_a_topic_is_passed_over_and_counted(toys: Toys) -> None:
    await toys.host()
    await toys.make("t1")
    await toys.settle()
    bus = toys.ports["watch"].bus
    (known,) = await bus.fetch(["ThingMade"], after={}, limit=9)
    value = known.record.value.replace(b'"type":"ThingMade"', b'"type":"ThingMelted"')
    await bus.publish([replace(known.record, value=value)])
    await toys.settle()
    assert await toys.parked("watch") == []
    assert toys.watch.skipped() == {"watch.sums": 1, "watch.when-made-tally": 1}


async def test_what_is_no_fact_at_all_is_parked_alone(toys: Toys) -> None:
    await toys.host()
    await toys.ports["watch"].bus.publish([Record("ThingMade", "acme", b"\xff{")])
    await toys.make("t1")
    await toys.settle()
    assert [one["state"] for one in await toys.parked("watch")] == ["retrying", "retrying"]
    assert (await toys.rows("watch.sums"))["acme"]["made"] == 1
