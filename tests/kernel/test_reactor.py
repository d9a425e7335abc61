"""Policies, processes and couriers: asked once about a fact, whatever comes twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.errors import PortFailed, Refused
from shared.kernel.policy import Asked, Policy
from shared.kernel.ports import Record
from shared.runtime.context import Context
from shared.testing.careless import CarelessBus
from tests.kernel.commands import PaintThing, SellThing
from tests.kernel.conftest import Toys
from tests.kernel.things import ANNOUNCE, PRIME, THINGS, WATCH, WHEN_MADE, tally


@dataclass
class Asking:
    """A policy that counts how often it was asked, and may have had nothing to say."""

    silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def __call__(self, fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        self.asked.append(fact.thing_id)
        return [] if self.silent else await tally(fact, envelope, read)

    @property
    def context(self) -> Context:
        return replace(WATCH, policies=(replace(WHEN_MADE, react=self),))


async def again(toys: Toys) -> None:
    """Every record of the topic once more."""
    bus = toys.ports["watch"].bus
    found = await bus.fetch(["ThingMade"], after={}, limit=999)
    await bus.publish([delivery.record for delivery in found])


async def test_a_fact_that_comes_again_asks_once(toys: Toys) -> None:
    asking = Asking()
    await toys.host(THINGS, asking.context)
    await toys.make("t1", price=3)
    await toys.settle()
    for _ in range(3):
        await again(toys)
        await toys.settle()
    assert asking.asked == ["t1"]
    assert await toys.types("watch") == ["Tallied"]


async def test_a_fact_that_comes_twice_in_one_batch_asks_once(toys: Toys) -> None:
    asking = Asking(silent=True)
    await toys.host()
    await toys.make("t1")
    await toys.things.relay.step()
    await again(toys)
    await again(toys)
    await toys.host(THINGS, asking.context)
    await toys.settle()
    assert asking.asked == ["t1"]


async def test_an_empty_answer_is_not_decided_again_even_after_a_restart(toys: Toys) -> None:
    silent, talking = Asking(silent=True), Asking()
    await toys.host(THINGS, silent.context)
    await toys.make("t1", price=3)
    await toys.settle()
    await toys.host(THINGS, talking.context)
    await again(toys)
    await toys.settle()
    assert (silent.asked, talking.asked) == (["t1"], [])
    assert await toys.types("watch") == []


async def test_what_was_asked_before_a_crash_is_not_done_twice(toys: Toys) -> None:
    """The command is stored, the position is not: it comes again, the stream knows it."""

    async def tally_and_die(fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        asked = [*await tally(fact, envelope, read)]
        for stream, command in asked:
            policy = toys.watch.reactors[WHEN_MADE.name]
            await toys.watch.service.handle(stream, command, policy._cause(stream, envelope))  # type: ignore[attr-defined]
        raise PortFailed("killed")

    await toys.host(THINGS, replace(WATCH, policies=(replace(WHEN_MADE, react=tally_and_die),)))
    await toys.make("t1", price=3)
    with pytest.raises(PortFailed):
        await toys.settle()
    assert await toys.types("watch") == ["Tallied"]
    await toys.host()
    await toys.settle()
    assert await toys.types("watch") == ["Tallied"]


async def test_two_commands_for_one_stream_are_parked_before_either_is_done(toys: Toys) -> None:
    async def greedy(fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        return [*await tally(fact, envelope, read)] * 2

    await toys.host(THINGS, replace(WATCH, policies=(replace(WHEN_MADE, react=greedy),)))
    await toys.make("t1", price=3)
    await toys.settle()
    (parked,) = await toys.parked("watch")
    assert parked["error"].startswith("TwoCommands")
    assert await toys.types("watch") == []


async def test_a_refusal_is_a_bug_of_the_process_and_its_stream_waits(toys: Toys) -> None:
    async def refused(fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        if fact.price == 0:
            raise Refused("thing-worthless", "for nothing")
        return [(envelope.subject, PaintThing(colours=("grey",), at=envelope.occurredat))]

    await toys.host(replace(THINGS, processes=(replace(PRIME, react=refused),)), WATCH)
    await toys.make("t0", price=0)
    await toys.make("t1", price=1)
    await toys.settle()
    assert [(one["slug"], one["stream"]) for one in await toys.parked()] == [
        ("thing-worthless", "things.thing-t0")
    ]
    assert ((await toys.thing("t0")).colours, (await toys.thing("t1")).colours) == ((), ("grey",))


async def test_a_reaction_tells_what_caused_it(toys: Toys) -> None:
    await toys.host()
    await toys.make("t1", price=3)
    await toys.settle()
    made, painted = await toys.ports["things"].store.read("things.thing-t1")
    (tallied,) = await toys.ports["watch"].store.read("watch.tally-acme")
    for effect, by in ((painted, PRIME.name), (tallied, WHEN_MADE.name)):
        assert (effect.causationid, effect.correlationid) == (made.id, made.correlationid)
        assert (effect.actor, effect.commandid) == (by, named(made.id, by, effect.subject))


async def test_one_fact_may_ask_several_streams(toys: Toys) -> None:
    async def both(fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        return [
            (f"things.thing-{name}", PaintThing(colours=("grey",), at=envelope.occurredat))
            for name in ("t1", "t2")
            if (await read.fold(f"things.thing-{name}")).thing_id
        ]

    await toys.host(replace(THINGS, processes=(replace(PRIME, react=both),)), WATCH)
    await toys.make("t1")
    await toys.make("t2")
    await toys.settle()
    assert (await toys.thing("t1")).colours == ("grey", "grey")
    assert (await toys.thing("t2")).colours == ("grey", "grey")


async def test_a_process_sees_its_own_facts_in_the_views_it_reads(toys: Toys) -> None:
    seen = []

    async def look(fact: Any, envelope: Envelope, read: Any) -> Iterable[Asked]:
        row = await read.get("things.rows", fact.thing_id)
        seen.append((row["version"], envelope.sequence))
        return [(envelope.subject, SellThing(at=envelope.occurredat))]

    await toys.host(replace(THINGS, processes=(replace(PRIME, react=look),)), WATCH)
    await toys.make("t1")
    (process,) = [one for one in toys.things.steps() if one.name == PRIME.name]
    await process.step()  # before any projection was stepped
    assert seen == [(1, 1)]


async def test_nobody_is_asked_again_when_views_are_rebuilt(toys: Toys) -> None:
    asking = Asking()
    await toys.host(THINGS, asking.context)
    await toys.make("t1", price=3)
    await toys.sell("t1")
    await toys.settle()
    for name in ("things.rows", "watch.sums"):
        await toys.workers[name.partition(".")[0]].projectors[name].rebuild()
    await toys.settle()
    assert asking.asked == ["t1"]
    assert len(toys.out.deliveries) == 1


async def test_since_deployment_means_not_about_the_past(toys: Toys) -> None:
    await toys.host()
    await toys.make("old")
    await toys.settle()
    asking = Asking()
    newly = replace(WHEN_MADE, name="watch.newly", since="deployment", react=asking)
    late = replace(PRIME, name="things.late", since="deployment")
    contexts = (replace(THINGS, processes=(late,)), replace(WATCH, policies=(newly,)))
    await toys.host(*contexts)
    await toys.settle()
    assert (asking.asked, (await toys.thing("old")).colours) == ([], ("grey",))
    await toys.make("new")
    await toys.host(*contexts)  # a restart is no deployment
    await toys.settle()
    assert (asking.asked, (await toys.thing("new")).colours) == (["new"], ("grey",))


async def test_since_deployment_of_an_empty_house_misses_nothing(toys: Toys) -> None:
    asking = Asking()
    newly: Policy[Any] = replace(WHEN_MADE, since="deployment", react=asking)
    await toys.host(THINGS, replace(WATCH, policies=(newly,)))
    await toys.make("t1")
    await toys.things.relay.step()
    await toys.host(THINGS, replace(WATCH, policies=(newly,)))
    await toys.settle()
    assert asking.asked == ["t1"]


async def test_a_delivery_that_is_repeated_after_a_crash_carries_the_same_id(toys: Toys) -> None:
    async def carry_and_die(fact: Any, envelope: Envelope, channels: Any) -> Iterable[Asked]:
        await ANNOUNCE.deliver(fact, envelope, channels)
        raise PortFailed("killed after it was sent")

    await toys.host(replace(THINGS, couriers=(replace(ANNOUNCE, deliver=carry_and_die),)), WATCH)
    await toys.make("t1")
    await toys.sell("t1")
    with pytest.raises(PortFailed):
        await toys.settle()
    await toys.host()
    await toys.settle()
    assert len(toys.out.deliveries) == 2
    assert len(set(toys.out.deliveries)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_a_bus_that_repeats_and_mixes_changes_no_decision(toys: Toys, seed: int) -> None:
    bus = CarelessBus(toys.ports["things"].bus, Random(seed))
    await toys.host(bus=bus)
    for number in range(15):
        await toys.make(f"t{number}", f"p{number % 4}", number)
        await toys.platform.sweep()
    await toys.settle()
    tallies = [await toys.watch.service.read.fold(f"watch.tally-p{n}") for n in range(4)]
    assert tallies == [sum(range(n, 15, 4)) for n in range(4)]
    assert await toys.types("watch") == ["Tallied"] * 14


async def test_bytes_that_are_no_fact_stop_nobody(toys: Toys) -> None:
    await toys.host()
    await toys.ports["watch"].bus.publish([Record("ThingMade", "acme", b"{}")])
    await toys.make("t1", price=3)
    await toys.settle()
    assert await toys.types("watch") == ["Tallied"]
    assert {one["attempts"] for one in await toys.parked("watch")} == {1}
