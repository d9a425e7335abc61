"""Timers that fail, that are folded anew, that a crash interrupts: each still fires once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.errors import PortFailed
from shared.kernel.policy import Asked
from shared.kernel.ports import Document, Key, Move, Views
from shared.kernel.timer import Due, SetTimer
from shared.runtime.context import Context
from tests.kernel.alarms import ECHO, PLAIN, rung
from tests.kernel.conftest import Toys, cause
from tests.kernel.facts import AlarmRung
from tests.kernel.things import ALARMS, WATCH, alarms, ring


@dataclass
class Ringing:
    """A timer's reaction that fails until it is mended."""

    mended: bool = False

    async def __call__(self, due: Due, read: Any) -> Iterable[Asked]:
        if not self.mended and due.name == "broken":
            raise ZeroDivisionError("not yet")
        return await ring(due, read)

    @property
    def context(self) -> Context:
        return replace(PLAIN, timers=replace(ALARMS, fire=self))


async def test_a_failing_timer_is_parked_and_retried_and_holds_up_no_other(toys: Toys) -> None:
    ringing = Ringing()
    await toys.host(ringing.context, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "broken", 10)
    await toys.alarm("t1", "whole", 10)
    await toys.advance(10)
    assert [name for name, _, _ in await rung(toys)] == ["whole"]
    (parked,) = await toys.parked()
    assert (parked["type"], parked["attempts"], parked["state"]) == ("broken", 1, "retrying")
    ringing.mended = True
    await toys.advance(11)
    assert await rung(toys) == [("whole", 10, 10), ("broken", 10, 11)]
    assert await toys.parked() == []
    await toys.things.projectors["things.timers"].rebuild()
    await toys.advance(60)
    assert len(await rung(toys)) == 2


async def test_a_failing_timer_waits_for_a_person_who_may_give_it_up(toys: Toys) -> None:
    ringing = Ringing()
    await toys.host(ringing.context, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "broken", 10)
    await toys.advance(10_000)
    (parked,) = await toys.parked()
    assert (parked["state"], parked["attempts"]) == ("waiting", 6)
    await toys.things.retries.drop(parked["key"])
    ringing.mended = True
    await toys.things.projectors["things.timers"].rebuild()
    await toys.settle()
    assert (await rung(toys), await toys.parked()) == ([], [])


async def test_a_rebuild_of_the_timers_fires_nothing_again(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "past", 10)
    await toys.alarm("t1", "future", 90)
    await toys.advance(60)
    for _ in range(2):
        await toys.things.projectors["things.timers"].rebuild()
        await toys.settle()
    assert [name for name, _, _ in await rung(toys)] == ["past"]
    await toys.host(PLAIN, WATCH)
    await toys.advance(100)
    assert [name for name, _, _ in await rung(toys)] == ["past", "future"]


async def test_a_changed_setting_of_timers_is_folded_anew(toys: Toys) -> None:
    await toys.host(PLAIN, WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "a", 10)
    await toys.advance(10)
    await toys.host(replace(PLAIN, timers=replace(ECHO, version=2)), WATCH)
    await toys.advance(15)
    assert await rung(toys) == [("a", 10, 10), ("a+", 15, 15)]


async def test_a_crash_after_firing_does_not_fire_twice(toys: Toys) -> None:
    async def ring_and_die(due: Due, read: Any) -> Iterable[Asked]:
        for stream, command in await ring(due, read):
            commandid = named(due.set_by, due.name, due.stream)
            await toys.things.service.handle(stream, command, cause(commandid.int))
        raise PortFailed("killed")

    await toys.host(replace(PLAIN, timers=replace(ALARMS, fire=ring_and_die)), WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    with pytest.raises(PortFailed):
        await toys.advance(10)
    assert len(await rung(toys)) == 1
    await toys.host(PLAIN, WATCH)
    await toys.advance(60)
    assert len(await rung(toys)) == 1


@dataclass(frozen=True)
class Meddling:
    """While a timer is being fired, somebody else asks for the timers."""

    views: Views
    toys: Toys

    def __getattr__(self, name: str) -> Any:
        return getattr(self.views, name)

    async def commit(
        self,
        consumer: str,
        moves: Collection[Move],
        puts: Mapping[Key, Document | None],
        seen: Collection[UUID] = (),
    ) -> None:
        if consumer == "things.timers":
            await self.toys.things.projectors["things.timers"].catch_up()
        await self.views.commit(consumer, [*moves], puts, seen)


def snoozing(fact: Any, envelope: Envelope) -> Iterable[Any]:
    """An alarm that rang sets itself again."""
    if isinstance(fact, AlarmRung):
        return [SetTimer(fact.name, fact.due + timedelta(minutes=5))]
    return alarms(fact, envelope)


async def test_a_timer_that_sets_itself_again_is_not_lost_whoever_looks(toys: Toys) -> None:
    ports = toys.ports["things"]
    toys.ports["things"] = replace(ports, views=Meddling(ports.views, toys))
    await toys.host(replace(PLAIN, timers=replace(ECHO, set=snoozing)), WATCH)
    await toys.make("t1")
    await toys.alarm("t1", "wake", 10)
    await toys.advance(21)
    assert [due for _, due, _ in await rung(toys)] == [10, 15, 20]
