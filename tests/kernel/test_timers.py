"""A timer fires once, when it is due, after all that was due before it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.contracts.ids import named
from shared.kernel.policy import Asked
from shared.kernel.ports import Record
from shared.kernel.timer import Due
from tests.kernel.alarms import ECHO, PLAIN, minutes, rung
from tests.kernel.commands import ClearAlarm
from tests.kernel.conftest import START, Toys
from tests.kernel.things import ALARMS, WATCH, ring


async def test_timers_fire_once_each_in_the_order_of_due_and_key(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    for thing in ("b", "a"):
        await toys.make(thing)
        await toys.alarm(thing, "late", 30)
        await toys.alarm(thing, "soon", 10)
        await toys.alarm(thing, "also", 10)
    await toys.settle()
    assert await rung(toys) == []
    await toys.advance(60)
    await toys.advance(600)
    assert await rung(toys) == [
        ("also", 10, 10),
        ("soon", 10, 10),
        ("also", 10, 10),
        ("soon", 10, 10),
        ("late", 30, 30),
        ("late", 30, 30),
    ]
    streams = await subjects(toys)
    assert streams == ["a", "a", "b", "b", "a", "b"]


async def subjects(toys: Toys) -> list[str]:
    facts = await toys.ports["things"].store.follow(after=0, limit=999)
    rang = [fact for _, fact in facts if fact.type == "AlarmRung"]
    return [fact.subject.removeprefix("things.thing-") for fact in rang]


async def test_a_timer_fires_neither_early_nor_without_its_instant(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    await toys.advance(10 - 1 / 60)
    assert await rung(toys) == []
    await toys.advance(10)
    assert await rung(toys) == [("tea", 10, 10)]


async def test_a_timer_that_is_due_already_fires_at_once(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "yesterday", -1_440)
    await toys.settle()
    assert await rung(toys) == [("yesterday", -1_440, 0)]


async def test_the_same_name_again_replaces_it(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    await toys.settle()
    await toys.alarm("t1", "tea", 20)
    await toys.advance(60)
    assert await rung(toys) == [("tea", 20, 20)]
    await toys.alarm("t1", "tea", 90)
    await toys.advance(100)
    assert await rung(toys) == [("tea", 20, 20), ("tea", 90, 90)]


async def test_a_cleared_timer_does_not_fire(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    await toys.settle()
    await toys.ask("t1", ClearAlarm(name="tea", at=toys.clock()))
    await toys.advance(60)
    assert await rung(toys) == []


async def chained(due: Due, _: Any) -> Iterable[Asked]:
    """The first alarm clears the second."""
    if due.name == "first":
        return [(due.stream, ClearAlarm(name="second", at=due.due))]
    return await ring(due, _)


async def test_overdue_together_the_first_still_clears_the_second(toys: Toys) -> None:
    await toys.host(replace(PLAIN, timers=replace(ALARMS, fire=chained)), WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "first", 10)
    await toys.alarm("t1", "second", 20)
    await toys.alarm("t1", "third", 30)
    toys.clock.set(START + timedelta(days=1))  # as after a night without power
    await toys.settle()
    assert [name for name, _, _ in await rung(toys)] == ["third"]


async def test_the_clock_goes_due_by_due_also_to_timers_set_on_the_way(toys: Toys) -> None:
    await toys.host(replace(PLAIN, timers=ECHO), WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "a", 10)
    await toys.alarm("t1", "b", 12)
    await toys.advance(17)
    assert await rung(toys) == [
        ("a", 10, 10),
        ("b", 12, 12),
        ("a+", 15, 15),
        ("b+", 17, 17),
    ]
    assert minutes(toys.clock()) == 17
    await toys.advance(60)
    assert (await rung(toys))[4:] == [
        ("a++", 20, 20),
        ("b++", 22, 22),
        ("a+++", 25, 25),
        ("b+++", 27, 27),
    ]


async def test_overdue_timers_set_on_the_way_fire_in_their_order(toys: Toys) -> None:
    await toys.host(replace(PLAIN, timers=ECHO), WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "a", 10)
    await toys.alarm("t1", "b", 16)
    toys.clock.set(START + timedelta(days=1))
    await toys.settle()
    dues = [due for _, due, _ in await rung(toys)]
    assert dues == [10, 15, 16, 20, 21, 25, 26, 31]


async def test_a_timer_waits_for_the_inputs_that_were_there_when_it_was_due(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "close", 10, after_inputs=True)
    await toys.settle()
    bus = toys.ports["things"].bus
    await bus.publish([Record("ThingReported", str(n), claim(n)) for n in range(3)])
    toys.clock.set(START + timedelta(minutes=10))
    clockwork = toys.things.clockwork
    assert clockwork
    assert [await clockwork.step(), await clockwork.step()] == [1, 0]  # noted, waiting
    assert await rung(toys) == []
    await bus.publish([Record("ThingReported", "late", claim(9))])
    await toys.settle()
    types = await toys.types()
    assert types.index("AlarmRung") >= types.index("ThingMade") + 3
    assert len(await rung(toys)) == 1


def claim(number: int) -> bytes:
    told = f'{{"thing_id":"c{number}","partner_id":"acme","price":1}}'
    head = f'"specversion":"1.0","id":"{number}","source":"/erp","type":"ThingReported"'
    return f'{{{head},"data":{told}}}'.encode()


async def test_one_that_waits_for_inputs_holds_up_no_other(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "close", 10, after_inputs=True)
    await toys.alarm("t1", "tea", 11)
    await toys.settle()
    await toys.ports["things"].bus.publish([Record("ThingReported", "1", claim(1))])
    toys.clock.set(START + timedelta(minutes=20))
    assert toys.things.clockwork
    assert await toys.things.clockwork.step() == 2  # one noted, one fired
    assert [name for name, _, _ in await rung(toys)] == ["tea"]


async def test_what_a_timer_asks_tells_that_its_fact_was_the_cause(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    await toys.advance(10)
    _, set_, rang = await toys.ports["things"].store.read("things.thing-t1")
    assert (rang.causationid, rang.actor) == (set_.id, "things.timers")
    assert rang.occurredat == START + timedelta(minutes=10)
    assert rang.commandid == named(set_.id, "tea", "things.thing-t1")
