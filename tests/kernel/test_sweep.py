"""A sweep finds what the topics lost, and what they never had from us; it sends the lost again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.codec import pack, unpack
from shared.kernel.ports import Delivery, Record
from shared.kernel.swept import Count, Swept
from shared.runtime.sweeping import sweep
from tests.kernel.conftest import Toys
from tests.kernel.losing import counted, drop, lose, lying, story, swept
from tests.kernel.passing import Passing
from tests.kernel.things import THINGS


@pytest.fixture
def bus_file(tmp_path: Path) -> Path:
    """Where the fixture `toys` has its bus."""
    return tmp_path / "bus.db"


async def test_topics_that_hold_what_the_store_published_are_equal(toys: Toys) -> None:
    await story(toys)
    found = await swept(toys)
    assert found == Swept(
        {
            "ThingMade": Count(facts=4, records=4),
            "ThingReported.rejected": Count(facts=1, records=1),
            "ThingSold": Count(facts=4, records=4),
        },
        sent=0,
        shown=(),
    )
    assert found.equal


async def test_a_context_that_has_published_nothing_is_equal(toys: Toys) -> None:
    await toys.host()
    assert (await swept(toys)).equal


async def test_lost_records_are_found_named_and_sent_again(toys: Toys, bus_file: Path) -> None:
    await story(toys)
    before = await lying(toys)
    gone = [d for d in before if d.record.topic != "ThingSold"][::2]
    lose(bus_file, *gone)
    found = await swept(toys)
    assert (found.missing, found.sent, found.equal) == (len(gone), 0, False)
    names = {str(unpack(d.record.value).id) for d in gone if d.record.topic == "ThingMade"}
    assert names <= {told.split()[2] for told in found.shown}
    repaired = await swept(toys, repair=True)
    assert (repaired.missing, repaired.sent, repaired.equal) == (len(gone), len(gone), True)
    again = await swept(toys)
    assert (again.missing, again.equal) == (0, True)
    assert sorted(repr(d.record) for d in await lying(toys)) == sorted(
        repr(d.record) for d in before
    )


async def test_a_topic_that_is_gone_is_filled_again_in_commit_order(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys, 12)
    before = [d.record for d in await lying(toys, ["ThingSold"])]
    drop(bus_file, "ThingSold")
    assert counted(await swept(toys, repair=True), "missing") == {"ThingSold": 12}
    assert [d.record for d in await lying(toys, ["ThingSold"])] == before
    after = await swept(toys)
    assert after.equal
    assert counted(after, "out_of_order") == {}


async def test_a_consumer_that_had_not_read_the_lost_ones_is_exact_afterwards(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys)
    exact = await toys.rows("watch.sums")
    for number in range(4):
        await toys.make(f"u{number}", "p1", price=5)
    while await toys.things.relay.step():
        pass
    lose(bus_file, *(await lying(toys, ["ThingMade"]))[::2])
    await toys.settle()
    assert (await toys.rows("watch.sums"))["p1"]["made"] < exact["p1"]["made"] + 20
    await swept(toys, repair=True)
    await toys.settle()
    assert (await toys.rows("watch.sums"))["p1"]["made"] == exact["p1"]["made"] + 20
    assert (await toys.rows("watch.sums"))["p0"] == exact["p0"]


async def test_a_topic_made_anew_under_a_consumer_that_stood_further_is_read_again(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys)
    exact = await toys.rows("watch.sums")
    drop(bus_file, "ThingMade")
    await swept(toys, repair=True)
    await toys.make("u1", "p1", price=5)
    await toys.host()
    await toys.settle()
    rows = await toys.rows("watch.sums")
    assert rows["p1"]["made"] == exact["p1"]["made"] + 5
    assert {key: row for key, row in rows.items() if key != "p1"} == {
        key: row for key, row in exact.items() if key != "p1"
    }


@dataclass
class Halting(Passing):
    """A bus whose every other answer is empty, as where a log passes over what has expired."""

    asked: int = 0

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        self.asked += 1
        return await self.bus.fetch(topics, after=after, limit=2) if self.asked % 2 else ()


async def test_an_empty_answer_is_not_yet_an_end(toys: Toys) -> None:
    await story(toys)
    ports = toys.ports["things"]
    found = await sweep(THINGS, replace(ports, bus=Halting(ports.bus))).whole()
    assert (found.equal, sum(counted(found, "records").values())) == (True, 9)


async def test_repeats_are_counted_and_are_no_fault(toys: Toys) -> None:
    await story(toys)
    again = [d.record for d in await lying(toys)]
    await toys.ports["things"].bus.publish([*again, *again[:2]])
    found = await swept(toys, repair=True)
    assert sum(counted(found, "repeated").values()) == 9 + 2
    assert (found.sent, found.equal, counted(found, "out_of_order")) == (0, True, {})


async def test_what_the_store_does_not_know_is_told_and_stays(toys: Toys) -> None:
    await story(toys)
    made, *_ = [fact for _, fact in await toys.ports["things"].store.follow(after=0, limit=9)]
    other_life = made._replace(id=made.commandid)
    odd = [
        Record("ThingMade", "p0", pack(other_life)),
        Record("ThingMade", "p0", b"no envelope"),
        Record("ThingSold", "p0", pack(made)),  # known, but of another topic
        Record("ThingReported.rejected", "no id", b"", {}),
    ]
    await toys.ports["things"].bus.publish(odd)
    found = await swept(toys, repair=True)
    assert counted(found, "unknown") == {
        "ThingMade": 2,
        "ThingReported.rejected": 1,
        "ThingSold": 1,
    }
    assert (found.sent, found.equal, len(found.shown)) == (0, False, 4)
    assert all(told.startswith("unknown ") for told in found.shown)
    assert {d.record.value for d in await lying(toys)} >= {record.value for record in odd}


@pytest.mark.parametrize("change", [{"key": "somebody"}, {"value": b" "}])
async def test_a_fact_of_ours_in_another_form_is_different_and_does_not_count(
    toys: Toys, bus_file: Path, change: dict[str, Any]
) -> None:
    await story(toys)
    made = (await lying(toys, ["ThingMade"]))[0]
    lose(bus_file, made)
    if "value" in change:
        change = {"value": made.record.value.replace(b'"price":1', b'"price":7')}
    await toys.ports["things"].bus.publish([replace(made.record, **change)])
    found = await swept(toys, repair=True)
    assert counted(found, "different") == counted(found, "missing") == {"ThingMade": 1}
    again = await swept(toys)
    assert (again.missing, counted(again, "different")) == (0, {"ThingMade": 1})
    assert not again.equal


async def test_a_rejection_is_the_same_without_its_bytes_but_not_with_others(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys)
    (told,) = await lying(toys, ["ThingReported.rejected"])
    await toys.ports["things"].bus.publish([replace(told.record, value=b"")])
    found = await swept(toys)
    assert counted(found, "repeated") == {"ThingReported.rejected": 1}
    await toys.ports["things"].bus.publish([replace(told.record, value=b"{}")])
    headers = {**told.record.headers, "qudao-slug": "another-reason"}
    await toys.ports["things"].bus.publish([replace(told.record, headers=headers)])
    assert counted(await swept(toys), "different") == {"ThingReported.rejected": 2}


async def test_a_rejection_older_than_its_topic_keeps_is_not_missed(
    toys: Toys, bus_file: Path
) -> None:
    await story(toys)
    lose(bus_file, *await lying(toys, ["ThingReported.rejected"]))
    assert counted(await swept(toys), "missing") == {"ThingReported.rejected": 1}
    toys.clock.set(toys.clock() + timedelta(days=30, seconds=1))
    assert (await swept(toys)).equal
