"""What is folded already may be old: it is ventured, and never believed (several may append)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.errors import NotFound
from shared.kernel.handler import Done, Handler
from shared.runtime.context import Ports
from shared.testing.clock import HandClock
from shared.testing.embedded import embedded
from tests.kernel.commands import MakeThing, PaintThing, SellThing
from tests.kernel.conftest import cause
from tests.kernel.things import THINGS, stream

CLOCK = HandClock(datetime(2026, 1, 1, tzinfo=UTC))
ONE = stream("1")
MAKE = MakeThing(thing_id="1", partner_id="acme", price=1, at=CLOCK())


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    with embedded(tmp_path, "things", clock=CLOCK) as found:
        yield found["things"]


def handler(ports: Ports) -> Handler:
    return Handler("things", THINGS.streams, ports.store, CLOCK)


def paint(*colours: str) -> PaintThing:
    return PaintThing(colours=colours, at=CLOCK())


async def test_a_cache_that_others_overtook_does_not_matter(ports: Ports) -> None:
    ours, theirs = handler(ports), handler(ports)
    await ours(ONE, MAKE, cause(1))
    await theirs(ONE, SellThing(at=CLOCK()), cause(2))
    assert await ours(ONE, SellThing(at=CLOCK()), cause(3)) == Done(2, 2)
    assert (await ours.fold(ONE)).sold
    assert await ours.version(ONE) == 2


async def test_a_refusal_counts_only_after_a_look_at_the_store(ports: Ports) -> None:
    ours, theirs = handler(ports), handler(ports)
    with pytest.raises(NotFound):
        await ours(ONE, paint("red"), cause(1))
    await theirs(ONE, MAKE, cause(2))
    assert await ours(ONE, paint("red"), cause(3)) == Done(2, 2)


async def test_nothing_to_do_counts_only_after_a_look_at_the_store(ports: Ports) -> None:
    ours, theirs = handler(ports), handler(ports)
    await ours(ONE, MAKE, cause(1))
    await theirs(ONE, paint("red"), cause(2))
    assert await ours(ONE, paint(), cause(3)) == Done(2, 2)


async def test_what_another_answered_is_answered_alike(ports: Ports) -> None:
    ours, theirs = handler(ports), handler(ports)
    await ours(ONE, MAKE, cause(1))
    await theirs(ONE, paint("red"), cause(2))
    assert await ours(ONE, paint("red"), cause(2)) == Done(2, 2, fresh=False)
