"""A failing fact is parked: nothing is lost, nothing else waits, and order is kept in a stream."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import pytest

from shared.contracts.event import Envelope
from shared.kernel.errors import NotFound, PortFailed, Refused
from shared.kernel.ports import Document, Index
from shared.runtime.worker import Worker
from tests.kernel.conftest import START, Broken, Toys
from tests.kernel.facts import ThingMade, ThingPainted
from tests.kernel.things import ANNOUNCE, ROWS, SUMS, THINGS, WATCH

PLAIN = replace(THINGS, processes=())


def red(fact: Any, _: Envelope) -> bool:
    return isinstance(fact, ThingPainted) and fact.colour == "red"


def of_acme(fact: Any, _: Envelope) -> bool:
    return isinstance(fact, ThingMade) and fact.partner_id == "acme"


async def hosted(toys: Toys, broken: Broken) -> None:
    await toys.host(replace(PLAIN, projections=(broken.projection,)), WATCH)


async def colours(toys: Toys) -> dict[str, list[str]]:
    return {key: row["colours"] for key, row in (await toys.rows()).items()}


async def test_from_the_store_only_its_stream_waits_behind_it_in_order(toys: Toys) -> None:
    broken = Broken(ROWS, red)
    await hosted(toys, broken)
    await toys.make("t1")
    await toys.make("t2")
    await toys.paint("t1", "white", "red", "blue")
    await toys.paint("t2", "white")
    await toys.settle()
    await toys.paint("t1", "green")
    await toys.paint("t2", "green")
    await toys.settle()
    assert await colours(toys) == {"t1": ["white"], "t2": ["white", "green"]}
    parked = await toys.parked()
    assert [one["state"] for one in parked] == ["retrying", "behind", "behind"]
    assert {one["stream"] for one in parked} == {"things.thing-t1"}
    assert (parked[0]["error"], parked[0]["attempts"]) == ("ZeroDivisionError: not yet", 1)
    broken.mended = True
    await toys.advance(1)
    assert await toys.parked() == []
    assert await colours(toys) == {
        "t1": ["white", "red", "blue", "green"],
        "t2": ["white", "green"],
    }


async def test_a_thousand_facts_behind_one_keep_their_order(toys: Toys) -> None:
    broken = Broken(ROWS, red)
    await hosted(toys, broken)
    await toys.make("t1")
    await toys.paint("t1", "red", *[str(n) for n in range(1_000)])
    for number in range(300):
        await toys.make(f"other{number}")
        await toys.paint(f"other{number}", "red")
    await toys.settle()
    await toys.paint("t1", "late")
    await toys.paint("other299", "late")
    await toys.settle()
    assert (await toys.rows())["other299"]["colours"] == []
    broken.mended = True
    await toys.advance(1)
    rows = await toys.rows()
    assert rows["t1"]["colours"] == ["red", *[str(n) for n in range(1_000)], "late"]
    assert {tuple(row["colours"]) for key, row in rows.items() if key != "t1"} == {
        ("red",),
        ("red", "late"),
    }


async def test_from_the_bus_it_is_parked_alone(toys: Toys) -> None:
    broken = Broken(SUMS, of_acme)
    await toys.host(PLAIN, replace(WATCH, projections=(broken.projection,)))
    await toys.make("t1", "acme", 3)
    await toys.make("t2", "best", 4)
    await toys.sell("t1")
    await toys.settle()
    sums = await toys.rows("watch.sums")
    assert {key: (row["made"], row["sold"]) for key, row in sums.items()} == {
        "acme": (0, 3),
        "best": (4, 0),
    }
    assert [one["stream"] for one in await toys.parked("watch")] == [None]
    broken.mended = True
    await toys.advance(1)
    assert (await toys.rows("watch.sums"))["acme"] == {
        "partner_id": "acme",
        "made": 3,
        "sold": 3,
    }
    assert await toys.parked("watch") == []


async def test_the_very_record_is_retried_whatever_else_lies_on_the_bus(toys: Toys) -> None:
    """Twenty partners on six partitions of two topics, each with a failing fact of its own."""
    broken = Broken(SUMS, lambda fact, _: fact.price % 2 == 1)
    await toys.host(PLAIN, replace(WATCH, projections=(broken.projection,)))
    for number in range(20):
        await toys.make(f"t{number}", f"p{number}", number)
        await toys.sell(f"t{number}")
    await toys.settle()
    assert len(await toys.parked("watch")) == 20
    for number in range(20, 30):  # not read yet when the others are retried
        await toys.make(f"t{number}", f"p{number - 20}", 100)
    await toys.things.relay.step()
    broken.mended = True
    toys.clock.set(START + timedelta(minutes=1))
    assert await toys.watch.retries.step() == 20
    assert await toys.parked("watch") == []
    await toys.settle()
    sums = await toys.rows("watch.sums")
    assert {key: (row["made"], row["sold"]) for key, row in sums.items()} == {
        f"p{n}": (n + (100 if n < 10 else 0), n) for n in range(20)
    }


async def test_it_is_retried_five_times_ever_later_and_then_waits_for_a_person(
    toys: Toys,
) -> None:
    await hosted(toys, Broken(ROWS, red))
    await toys.make("t1")
    await toys.paint("t1", "red")
    await toys.settle()
    dues = []
    while (due := (await toys.parked())[0]["due"]) is not None:
        dues.append((datetime.fromisoformat(due) - toys.clock()) // timedelta(minutes=1))
        await toys.platform.advance_to(datetime.fromisoformat(due), toys.clock)
    assert dues == [1, 5, 30, 120, 720]
    (parked,) = await toys.parked()
    assert (parked["state"], parked["attempts"]) == ("waiting", 6)
    assert await toys.platform.next_due() is None
    assert (await colours(toys))["t1"] == []


async def test_the_clock_stops_at_each_retry_on_the_way(toys: Toys) -> None:
    broken = Broken(ROWS, red)
    await hosted(toys, broken)
    await toys.make("t1")
    await toys.paint("t1", "red")
    await toys.settle()
    await toys.advance(10 * 24 * 60)
    assert [one["attempts"] for one in await toys.parked()] == [6]


async def waiting(toys: Toys) -> tuple[Worker, str]:
    await toys.make("t1")
    await toys.paint("t1", "red", "blue", "green")
    await toys.settle()
    await toys.advance(10 * 24 * 60)
    return toys.things, (await toys.parked())[0]["key"]


async def test_a_person_lets_it_be_tried_again(toys: Toys) -> None:
    broken = Broken(ROWS, red)
    await hosted(toys, broken)
    worker, key = await waiting(toys)
    await worker.retries.hasten(key)
    await toys.settle()
    assert [one["attempts"] for one in await toys.parked()] == [7, 0, 0]
    broken.mended = True
    await worker.retries.hasten(key)
    await toys.settle()
    assert (await toys.parked(), await colours(toys)) == ([], {"t1": ["red", "blue", "green"]})


async def test_what_waits_behind_another_fact_is_not_tried_before_it(toys: Toys) -> None:
    await hosted(toys, Broken(ROWS, red))
    worker, _ = await waiting(toys)
    follower = (await toys.parked())[1]["key"]
    with pytest.raises(Refused) as refusal:
        await worker.retries.hasten(follower)
    assert refusal.value.slug == "fact-behind"


async def test_a_person_gives_it_up_and_what_waited_behind_it_goes_on(toys: Toys) -> None:
    await hosted(toys, Broken(ROWS, red))
    worker, key = await waiting(toys)
    await worker.retries.drop(key)
    await toys.settle()
    assert (await toys.parked(), await colours(toys)) == ([], {"t1": ["blue", "green"]})
    assert await toys.types() == ["ThingMade", *["ThingPainted"] * 3]
    with pytest.raises(NotFound):
        await worker.retries.drop(key)


async def test_giving_up_a_follower_lets_nobody_overtake(toys: Toys) -> None:
    broken = Broken(ROWS, red)
    await hosted(toys, broken)
    worker, _ = await waiting(toys)
    await worker.retries.drop((await toys.parked())[1]["key"])
    await toys.settle()
    left = [(one["state"], one["attempts"]) for one in await toys.parked()]
    assert left == [("waiting", 6), ("behind", 0)]
    assert (await colours(toys))["t1"] == []


async def test_a_document_that_no_view_can_hold_parks_its_fact_and_no_other(toys: Toys) -> None:
    def unfit(key: str, row: Document | None, fact: Any, envelope: Envelope) -> Document:
        told = ROWS.fold(key, row, fact, envelope) or {}
        return told | ({"price": "much"} if red(fact, envelope) else {})

    indexes = (Index("price", "decimal"),)
    await toys.host(replace(PLAIN, projections=(replace(ROWS, fold=unfit, indexes=indexes),)))
    for thing in ("t1", "t2"):
        await toys.make(thing)
    await toys.paint("t1", "white", "red", "blue")
    await toys.paint("t2", "white")
    await toys.settle()
    assert await colours(toys) == {"t1": ["white"], "t2": ["white"]}
    assert [one["state"] for one in await toys.parked()] == ["retrying", "behind"]
    await toys.advance(60)
    assert [one["attempts"] for one in await toys.parked()] == [4, 0]


async def test_what_a_port_raises_is_not_the_facts_fault(toys: Toys) -> None:
    def gone(key: str, row: Document | None, fact: Any, envelope: Envelope) -> Document:
        raise PortFailed("the disk is full")

    await toys.host(replace(PLAIN, projections=(replace(ROWS, fold=gone),)), WATCH)
    await toys.make("t1")
    with pytest.raises(PortFailed):
        await toys.platform.sweep()
    assert await toys.parked() == []
    await toys.host()
    await toys.settle()
    assert (await toys.rows())["t1"]["facts"] == 2


async def test_parked_facts_survive_a_restart_and_are_due_then(toys: Toys) -> None:
    await hosted(toys, Broken(ROWS, red))
    await toys.make("t1")
    await toys.paint("t1", "red", "blue")
    await toys.settle()
    await toys.host(PLAIN, WATCH)
    toys.clock.set(START + timedelta(minutes=2))
    await toys.settle()
    assert (await toys.parked(), await colours(toys)) == ([], {"t1": ["red", "blue"]})


async def test_what_the_code_of_another_day_parked_waits_for_it(toys: Toys) -> None:
    """Old and new code stand side by side while a deployment goes on."""

    async def fail(*_: object) -> NoReturn:
        raise ZeroDivisionError

    await toys.host(replace(PLAIN, couriers=(replace(ANNOUNCE, deliver=fail),)), WATCH)
    await toys.make("t1")
    await toys.sell("t1")
    await toys.settle()
    await toys.host(replace(PLAIN, couriers=()), WATCH)
    await toys.advance(2)
    (waits,) = await toys.parked()
    assert (waits["state"], waits["slug"]) == ("waiting", "consumer-unknown")
    await toys.host(PLAIN, WATCH)
    await toys.things.retries.hasten(waits["key"])
    await toys.settle()
    assert (await toys.parked(), len(toys.out.deliveries)) == ([], 1)
