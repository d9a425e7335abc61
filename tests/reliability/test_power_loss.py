"""A8. The power goes: with FULL nothing that was answered is lost, with NORMAL it is seen to be.

A real store's writes and syncs are recorded; every image of the disk keeps what was synced and
any part of the rest. The store opens each one, and must show all that was answered by then.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteStore
from shared.testing.contracts.store import run
from tests.reliability.disk import POLICIES, Disk, Event, Policy, traced
from tests.reliability.oracle import damage, facts_in, holes
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

STREAMS, APPENDS, CHECKPOINT = ("a", "b", "c", "d"), 40, "25"
IMAGES = trials(400, 3_000)
STORE = "a.store.db"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(900, 3_600)),
]


@dataclass(frozen=True, slots=True)
class Image:
    """What the disk may hold, and what had been asked and answered when the power went."""

    files: dict[str, bytes]
    asked: dict[int, int]  # operation: how many facts
    answered: frozenset[int]
    policy: Policy


@dataclass(slots=True)
class Found:
    """What was wrong with the images, by what it was."""

    lost: list[Any] = field(default_factory=list)
    torn: list[Any] = field(default_factory=list)
    unasked: list[Any] = field(default_factory=list)
    holes: list[Any] = field(default_factory=list)
    damaged: list[Any] = field(default_factory=list)
    stuck: list[Any] = field(default_factory=list)


def images(events: Sequence[Event], random: Random) -> Iterator[Image]:
    """At random moments, each policy in turn; the moments are spread over the whole trace."""
    begun = next(at for at, one in enumerate(events) if one.name == "ready")
    moments = sorted(random.randrange(begun, len(events)) for _ in range(IMAGES))
    disk, asked, answered, turn = Disk(), dict[int, int](), set[int](), 0
    for at, event in enumerate(events):
        disk.take(event)
        if event.kind == "said":
            word, *numbers = event.name.split()
            if word == "asked":
                asked[int(numbers[0])] = int(numbers[1])
            if word == "ok":
                answered.add(int(numbers[0]))
        while moments and moments[0] == at:
            moments.pop(0)
            turn += 1
            policy = POLICIES[turn % len(POLICIES)]
            yield Image(disk.image(policy, random), dict(asked), frozenset(answered), policy)


async def look(folder: Path, image: Image, found: Found) -> None:
    """The adapter recovers it; what lies there then is judged past the adapter."""
    folder.mkdir()
    for name, content in image.files.items():
        (folder / name).write_bytes(content)
    with closing(SqliteStore(folder / STORE, "OFF")) as store:
        await store.append("after", run("after", 0, 1), expected=0)
    facts = facts_in(folder / STORE)
    if facts.pop().stream != "after":
        found.stuck.append(image.policy)
    there: dict[int, int] = defaultdict(int)
    for fact in facts:
        there[fact.envelope["data"]["op"]] += 1
    found.lost += [(number, image.policy) for number in image.answered if number not in there]
    found.torn += [n for n, count in there.items() if image.asked.get(n, count) != count]
    found.unasked += [number for number in there if number not in image.asked]
    found.holes += [one for those in holes(facts).values() for one in those]
    found.damaged += damage(folder / STORE)
    rmtree(folder)


async def crashed(tmp_path: Path, synchronous: str) -> tuple[Found, list[Event]]:
    data, found = tmp_path / "data", Found()
    data.mkdir()
    command = ("tests.reliability.appending", str(data / STORE), synchronous, CHECKPOINT)
    status, events = traced(tmp_path / "trace", data, *command, str(APPENDS), *STREAMS)
    assert status == 0
    for number, image in enumerate(images(events, Random(8))):
        await look(tmp_path / f"image{number}", image, found)
    return found, events


async def test_with_full_nothing_that_was_answered_is_lost(tmp_path: Path, tally: Tally) -> None:
    found, events = await crashed(tmp_path, "FULL")
    tally(
        "A8 the power goes, synchronous=FULL",
        {"crash images": IMAGES},
        seen=counted(events),
        never={
            "lost": found.lost,
            "half appends": found.torn,
            "never asked": found.unasked,
            "holes": found.holes,
            "damaged": found.damaged,
            "not writable after": found.stuck,
        },
    )


async def test_with_normal_the_same_images_show_a_loss(tmp_path: Path, tally: Tally) -> None:
    """Or else this suite could not see one."""
    found, events = await crashed(tmp_path, "NORMAL")
    tally(
        "A8 the power goes, synchronous=NORMAL, as a test of the test",
        {"crash images": IMAGES},
        seen=counted(events) | {"answered facts lost": len(found.lost)},
        never={
            "half appends": found.torn,
            "never asked": found.unasked,
            "holes": found.holes,
            "damaged": found.damaged,
        },
    )


def counted(events: Sequence[Event]) -> dict[str, int]:
    return {
        "writes": sum(one.kind == "write" for one in events),
        "syncs": sum(one.kind == "sync" for one in events),
        "answers": sum(one.kind == "said" and one.name.startswith("ok") for one in events),
        "WAL restarts": sum(
            one.kind == "write" and one.name.endswith("-wal") and not one.offset for one in events
        ),
    }
