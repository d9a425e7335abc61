"""What a broker loses, and what a sweep then says of the toys' topics."""

import json
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import apsw

from shared.kernel.ports import Delivery, Record
from shared.kernel.swept import Swept
from shared.runtime.sweeping import sweep
from tests.kernel.conftest import Toys
from tests.kernel.things import THINGS

TOPICS = ("ThingMade", "ThingSold", "ThingReported.rejected")
LOST = """
DELETE FROM records WHERE log IN (SELECT id FROM logs WHERE topic = ? AND partition = ?)
AND position = ?
"""


def lose(bus_file: Path, *places: Delivery) -> None:
    """As a broker that confirmed these records and then lost its page cache."""
    with closing(apsw.Connection(str(bus_file))) as db:
        for one in places:
            topic, _, partition = one.log.rpartition("/")
            db.execute(LOST, (topic, int(partition), one.position))


def drop(bus_file: Path, topic: str) -> None:
    """The topic is gone, and with it how far it went."""
    with closing(apsw.Connection(str(bus_file))) as db:
        db.execute(
            "DELETE FROM records WHERE log IN (SELECT id FROM logs WHERE topic = ?)", (topic,)
        )
        db.execute("DELETE FROM logs WHERE topic = ?", (topic,))


async def lying(toys: Toys, topics: Collection[str] = TOPICS) -> list[Delivery]:
    return [*await toys.ports["things"].bus.fetch(topics, after={}, limit=100_000)]


async def swept(toys: Toys, *, repair: bool = False, window: int = 100_000) -> Swept:
    one = sweep(THINGS, toys.ports["things"], repair=repair)
    one.window = window
    return await one.whole()


async def story(toys: Toys, things: int = 4) -> None:
    """Facts of several keys on two topics, and a rejected claim."""
    await toys.host()
    for number in range(things):
        await toys.make(f"t{number}", f"p{number % 3}")
    for number in range(things):
        await toys.sell(f"t{number}")
    bad = json.dumps({"specversion": "1.0", "type": "ThingReported"}).encode()
    await toys.ports["things"].bus.publish([Record("ThingReported", "", bad)])
    await toys.settle()


def counted(found: Swept, what: str) -> dict[str, int]:
    """The topics that have any of it."""
    return {t: getattr(c, what) for t, c in found.topics.items() if getattr(c, what)}
