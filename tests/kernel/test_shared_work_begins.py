"""How processes begin: at once, on a store that was restored, at a deployment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteStore
from shared.adapters.sqlite.backup import backup, restore
from shared.kernel.ports import Move
from shared.kernel.step import STORE
from shared.runtime.hiring import Hire, _begun_anew, hire
from shared.runtime.platform import Platform
from tests.kernel.conftest import Toys
from tests.kernel.sharing import Process, Together
from tests.kernel.test_shared_work_frozen import drained, some
from tests.kernel.things import ANNOUNCE, PRIME, THINGS, WATCH, WHEN_MADE

LATER = replace(
    THINGS,
    processes=(PRIME, replace(PRIME, name="things.later", since="deployment")),
    couriers=(replace(ANNOUNCE, name="things.later-announce", since="deployment"),),
)
LISTENS = replace(WATCH, policies=(replace(WHEN_MADE, name="watch.later", since="deployment"),))


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Together]:
    with ExitStack() as stack:
        yield Together(tmp_path, stack)


async def test_of_processes_that_begin_at_once_each_finds_what_it_needs(
    together: Together,
) -> None:
    """On an empty folder; they make files, views and generations side by side."""
    several = [together.process() for _ in range(4)]
    await asyncio.gather(*[one.host() for one in several])
    several[0].part.whole()
    await some(several[0])
    await together.settle()
    ended = await together.ended()
    assert sum(ended["accounts"].values()) == 1 + 2 + 3 + 4 + 1
    assert {
        (await one.things.projectors["things.rows"].generations()).live for one in several
    } == {1}


async def test_what_begins_at_its_deployment_begins_once_for_all(together: Together) -> None:
    """Three processes start with the newer code at once, and another one a moment later."""
    (old,) = await together.processes_of(1)
    old.part.whole()
    await some(old)
    await drained(old)
    old.part.given()
    several = [together.process() for _ in range(3)]
    await asyncio.gather(*[one.host(LATER, LISTENS) for one in several])
    await some(several[0], first=4)
    last = together.process()
    await last.host(LATER, LISTENS)
    last.part.whole()
    before = len(together.out.deliveries)
    await drained(last)
    assert len(together.out.deliveries) - before == 4
    accounts = (await together.ended())["accounts"]
    assert [accounts[f"p{n}"] for n in range(8)] == [1, 2, 3 + 1, 4, 5, 6, 7, 8]
    for name in ("things.later", "things.later-announce"):
        assert (await last.things.positions())[name]["deployed"] == 1


async def test_what_has_begun_is_not_begun_again_by_who_starts_later(together: Together) -> None:
    (first,) = await together.processes_of(1)
    await first.host(LATER, LISTENS)
    first.part.whole()
    await some(first)
    late = together.process()
    await late.host(LATER, LISTENS)
    await drained(first)
    assert len(together.out.deliveries) == 4


async def restored(toys: Toys, folder: Path, made: int) -> Platform:
    """The store of `things` as it was after three things; everything else as it is now."""
    await toys.host()
    for number in range(made):
        if number == 3:
            await toys.settle()
            backup(folder, folder / "copy")
        await toys.make(f"t{number}", f"p{number}", 1)
        await toys.sell(f"t{number}")
    await toys.settle()
    restore(folder / "copy", folder / "elsewhere")
    (folder / "younger").mkdir()
    for file in (folder / "elsewhere").glob("things.store.db*"):
        copy(file, folder / "younger")
    ports = toys.ports["things"]
    younger = SqliteStore(folder / "younger" / "things.store.db", "OFF")
    toys.ports["things"] = replace(ports, store=younger)
    return await toys.host()


@pytest.mark.parametrize("works", [True, False])
async def test_facts_that_a_restored_store_stores_anew_are_not_overlooked(
    toys: Toys, tmp_path: Path, works: bool
) -> None:
    """Whoever comes first after it may be one that only answers: positions count from then on."""
    platform = await restored(toys, tmp_path, 9)
    with closing(toys.ports["things"].store):  # type: ignore[type-var]
        delivered = len(toys.out.deliveries)
        if not works:
            for context in (THINGS, WATCH):
                terms = Hire(alone=False, works=False)
                await hire(context, toys.ports[context.name], terms)
            platform = await toys.host()
        for number in range(20, 24):
            await toys.make(f"t{number}", f"p{number}", 1)
            await toys.sell(f"t{number}")
        await platform.settle()
        rows = await toys.rows()
        assert sorted(rows) == [*(f"t{n}" for n in range(3)), *(f"t{n}" for n in range(20, 24))]
        assert all(row["colours"] == ["grey"] for row in rows.values())
        assert len(toys.out.deliveries) - delivered == 4
        sums = await toys.rows("watch.sums")
        assert all(sums[f"p{n}"] == {"partner_id": f"p{n}", "made": 1, "sold": 1} for n in (3, 20))


async def test_positions_within_a_restored_store_stay_where_they_are(
    toys: Toys, tmp_path: Path
) -> None:
    """Nothing that was delivered before it is delivered again."""
    await restored(toys, tmp_path, 4)
    with closing(toys.ports["things"].store):  # type: ignore[type-var]
        end = await toys.ports["things"].store.end()
        for name in ("things.relay", PRIME.name, ANNOUNCE.name):
            assert (await toys.ports["things"].views.positions(name))[STORE] == end
        before = [*toys.out.deliveries]
        await toys.settle()
        assert toys.out.deliveries == before


async def test_two_that_find_a_restored_store_at_once_bring_positions_back_once(
    together: Together, tmp_path: Path
) -> None:
    (old,) = await together.processes_of(1)
    old.part.whole()
    await some(old)
    await drained(old)
    (empty := tmp_path / "younger").mkdir()

    def younger(one: Process) -> None:
        store = SqliteStore(empty / "things.store.db", "OFF")
        together.stack.enter_context(closing(store))
        one.ports["things"] = replace(one.ports["things"], store=store)

    several = [together.process() for _ in range(3)]
    for one in several:
        younger(one)
    await asyncio.gather(*[one.host() for one in several])
    views = several[0].ports["things"].views
    assert (await views.positions("things.relay"))[STORE] == 0
    await views.commit("things.relay", [Move("store", 0, 99)], {})
    await asyncio.gather(*[_begun_anew(one.things) for one in several])
    assert (await views.positions("things.relay"))[STORE] == 0
    several[1].part.whole()
    await some(several[2], first=4)
    together.processes = several
    await together.settle()
    found: Any = await together.ended()
    assert [type_ for _, type_ in found["facts"]["things"]].count("ThingPainted") == 8
