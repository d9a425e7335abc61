"""Hosted together: what settled means, what a token stands for, and how everything ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.sqlite.backup import backup, restore
from shared.kernel.errors import Malformed, PortFailed, Refused
from shared.kernel.step import Step
from shared.runtime.platform import NotSettled, Platform, parsed
from shared.testing.embedded import embedded
from tests.kernel.conftest import START, Sent, Toys
from tests.kernel.test_relay import Fragile


async def test_settled_means_that_everything_has_arrived(toys: Toys) -> None:
    await toys.host()
    for number in range(30):
        await toys.make(f"t{number}", f"p{number % 4}", number)
    await toys.settle()
    assert len(await toys.rows()) == 30
    assert sum(row["made"] for row in (await toys.rows("watch.sums")).values()) == 435
    assert await toys.types("watch") == ["Tallied"] * 29
    assert await toys.platform.sweep() == 0


class Restless:
    """A step that always finds something to do."""

    name = "restless"

    async def step(self) -> int:
        await asyncio.sleep(0)
        return 1


async def test_what_does_not_settle_in_time_is_said(toys: Toys) -> None:
    await toys.host()
    restless: Any = Restless()
    toys.workers["things"] = replace(toys.things, expiry=restless)
    with pytest.raises(NotSettled) as refusal:
        await toys.platform.settle(within=0.2)
    assert refusal.value.slug == "not-settled"


@dataclass
class Court:
    """Two workers that throw work to each other, always behind the back of who looks."""

    left: int
    moved: int = 0
    unreachable: str = ""
    alone: bool = True
    busy: bool = False

    async def sweep(self) -> int:
        if self.left:  # the loops of `run` did it while we looked elsewhere
            self.left -= 1
            self.moved += 1
        return 0


async def test_settled_is_not_said_while_others_still_work(toys: Toys) -> None:
    court: Any = Court(left=9)
    await Platform(workers={"one": court}, clock=toys.clock).settle()
    assert court.left == 0


@asynccontextmanager
async def running(platform: Platform) -> AsyncIterator[None]:
    task = asyncio.create_task(platform.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_settling_beside_the_running_loops_waits_for_their_work_too(toys: Toys) -> None:
    platform = await toys.host()
    async with running(platform):
        for number in range(40):
            await toys.make(f"t{number}", price=1)
            if number % 5 == 0:
                await platform.settle()
                tallied = await toys.watch.service.read.fold("watch.tally-acme")
                assert tallied == number + 1


async def test_a_token_has_passed_when_its_readers_have_read_that_far(toys: Toys) -> None:
    platform = await toys.host()
    done = await toys.make("t1", price=3)
    await platform.passed(f"things:{done.position}")
    assert (await toys.rows())["t1"]["price"] == "3"
    assert (await toys.rows("watch.sums"))["acme"]["made"] == 3
    assert await toys.types("watch") == ["Tallied"]


async def test_the_first_token_of_an_empty_house_waits_as_any_other(toys: Toys) -> None:
    """Consumers that have not moved yet are behind, not absent."""
    await toys.host()
    done = await toys.make("t1")
    await toys.things.relay.step()
    lazy = replace(toys.things, projectors=Slow(toys.things.projectors))
    toys.workers["things"] = lazy
    with pytest.raises(NotSettled):
        await toys.platform.passed(f"things:{done.position}", within=0.2)


class Slow(dict[str, Any]):
    """Projectors that are there and are never stepped."""

    def items(self) -> Any:
        return [(name, Still(one)) for name, one in super().items()]

    def values(self) -> Any:
        return [one for _, one in self.items()]


@dataclass
class Still:
    one: Any
    outdated: bool = False

    @property
    def name(self) -> str:
        return str(self.one.name)

    async def positions(self) -> dict[str, int]:
        found: dict[str, int] = await self.one.positions()
        return found

    async def step(self) -> int:
        return 0


@pytest.mark.timeout(300)
async def test_a_token_does_not_wait_for_what_is_stored_later(toys: Toys) -> None:
    platform = await toys.host()
    async with running(platform):
        stop = asyncio.Event()

        async def go_on() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                await toys.make(f"more{number}")

        busy = asyncio.create_task(go_on())
        for number in range(5):
            done = await toys.make(f"t{number}")
            await platform.passed(f"things:{done.position}", within=120)
            assert await toys.things.ports.views.get_many("things.rows", [f"t{number}"])
        stop.set()
        await busy


@pytest.mark.parametrize(
    "token",
    [
        "",
        ":",
        "things",
        "things:",
        "things:x",
        "things:-1",
        "things:1.0",
        "other:1",
        ":1",
        "things:" + "9" * 19,
        "things:" + "9" * 5_000,
        "things:٣",
        "things:1 ",
        "things:1\n",
    ],
)
def test_a_token_that_we_did_not_give_is_malformed(token: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parsed(token, ["things"])
    assert refusal.value.slug == "token-malformed"


async def test_a_token_from_beyond_the_end_of_the_store_never_passes(toys: Toys) -> None:
    platform = await toys.host()
    with pytest.raises(NotSettled):
        await platform.passed("things:99", within=0.1)


async def test_a_step_that_fails_ends_everything_loudly(toys: Toys) -> None:
    bus = Fragile(toys.ports["things"].bus, before=True)
    platform = await toys.host(bus=bus)
    await toys.make("t1")
    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(platform.run(), 10)
    assert ended.group_contains(PortFailed)
    bus.before = False
    await toys.host(bus=bus)
    await toys.settle()
    assert (await toys.rows("watch.sums"))["acme"]["made"] == 1


async def test_a_loop_that_a_library_cancels_ends_everything_loudly(toys: Toys) -> None:
    """A group of tasks forgets who was cancelled: the others would go on, and this work be done
    no more.
    """

    async def job() -> None:
        waits = asyncio.create_task(asyncio.sleep(60))
        asyncio.get_running_loop().call_later(0.1, waits.cancel)
        await waits

    platform = await toys.host()
    platform.jobs.append(job)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(30):
            await platform.run()
    assert "nobody had asked for it" in str(caught.value.exceptions[0])


async def test_a_loop_that_waits_looks_at_once_when_it_is_nudged(toys: Toys) -> None:
    platform = await toys.host()
    async with running(platform):
        await asyncio.sleep(0.05)
        await toys.make("t1")
        platform.nudge()
        while "t1" not in await toys.rows():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_the_clock_is_not_turned_back(toys: Toys) -> None:
    await toys.host()
    with pytest.raises(Refused) as refusal:
        await toys.advance(-1)
    assert refusal.value.slug == "clock-backwards"
    for far in ("9999-12-31T23:59:59-12:00", "9001-01-01T00:00:00+00:00"):
        with pytest.raises(Refused) as refusal:
            await toys.platform.advance_to(datetime.fromisoformat(far), toys.clock)
        assert refusal.value.slug == "clock-too-far"
    assert toys.clock() == START


async def test_two_who_turn_the_clock_at_once_turn_it_one_after_the_other(toys: Toys) -> None:
    platform = await toys.host()
    await toys.make("t1")
    await toys.alarm("t1", "tea", 10)
    ends = [START + timedelta(minutes=20), START + timedelta(minutes=30)]
    await asyncio.gather(*[platform.advance_to(end, toys.clock) for end in ends])
    assert toys.clock() == START + timedelta(minutes=30)
    assert (await toys.thing("t1")).rung == ("tea",)
    assert await platform.next_due() is None


async def test_every_step_has_its_own_name(toys: Toys) -> None:
    await toys.host()
    steps: list[Step] = [one for worker in toys.workers.values() for one in worker.steps()]
    reading = [step.name for step in steps if step.name != "things.timers"]
    assert len(reading) == len(set(reading)) > 10


async def test_on_a_restored_store_the_views_are_folded_again_and_nothing_is_asked_again(
    toys: Toys, tmp_path: Path
) -> None:
    await toys.host()
    for number in range(5):
        await toys.make(f"t{number}")
        await toys.sell(f"t{number}")
    await toys.alarm("t1", "past", 10)
    await toys.advance(60)
    copied, again = tmp_path / "copied", tmp_path / "again"
    backup(tmp_path, copied)
    before = (await toys.rows(), await toys.rows("watch.sums"), await toys.types())
    await toys.make("lost")  # after the backup
    restore(copied, again)
    with embedded(again, "things", "watch", clock=toys.clock) as ports:
        told = {name: replace(one, channels={"out": Sent()}) for name, one in ports.items()}
        restored = Toys(told, toys.clock, Sent())
        await restored.host()
        assert await restored.rows() == {}
        await restored.settle()
        after = (await restored.rows(), await restored.rows("watch.sums"), await restored.types())
        assert after == before
        assert told["things"].channels["out"].deliveries == []  # type: ignore[attr-defined]
        await restored.make("found")
        await restored.settle()
        assert "found" in await restored.rows()
