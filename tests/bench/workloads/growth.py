"""W11, W12: what it costs in memory and on the disk, and what becomes dearer as a store grows."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from services.partners.domain.partner import AGGREGATE
from services.partners.projections import REGISTER
from shared.adapters.sqlite import SqliteStore, SqliteViews
from shared.kernel.handler import Handler
from shared.kernel.step import Own
from shared.testing.clock import HandClock
from tests.bench.contest import OURS, Asked, Figures, Goal, Workload
from tests.bench.peers.measured import Meter, resident
from tests.bench.workloads import log
from tests.bench.workloads.commands import cause, command
from tests.bench.workloads.replay import copied, count, opened, ours, prepare, projector
from tests.bench.workloads.stores import fact

AGGREGATES, APPENDS, LOADS, PAYLOADS = 4_000, 400, 400, 10_000
SMALL, TEN = "10,000", 10
SIZES = {"10,000": 0.01, "100,000": 0.1, "1,000,000": 1.0}


def memory(asked: Asked, folder: Path) -> Meter:
    """A whole replay; the file's bytes a fact; the folded streams that a handler keeps."""
    file, facts = log.path(count(asked)), count(asked)
    meter = ours(asked, folder)
    data = [len(one.data) for one, _ in zip(log.facts(facts), range(PAYLOADS), strict=False)]
    payload = sum(data) / len(data)
    kept = asyncio.run(_aggregates(folder))
    disk = file.stat().st_size / facts
    bound = 1.6 * payload + 120
    meter.figures |= {"payload B": payload, "B on disk a fact": disk, "of its bound": disk / bound}
    meter.figures["KiB a folded stream"] = kept
    return meter


async def _aggregates(folder: Path) -> float:
    """Fewer than are kept, each of one fact."""
    with closing(SqliteStore(folder / "aggregates.store.db", "OFF")) as store:
        handle, before = Handler("partners", (AGGREGATE,), store, HandClock()), resident()
        for number in range(AGGREGATES):
            await handle(f"partners.partner-{number}", command(0), cause(number))
        return 1_024 * (resident() - before) / AGGREGATES


MEMORY = Workload(
    id="W11",
    title="Memory and disk: a million facts replayed, what a fact and a live stream take",
    unit="facts/s",
    ours={OURS: memory},
    one_core=True,
    once=True,
    prepare=prepare,
    goals=(
        Goal(
            "MiB grown in a replay", lambda f: f.figure("", "MiB grown"), 64.0, 32.0, at_most=True
        ),
        Goal(
            "disk, of 1.6 × payload + 120 B",
            lambda f: f.figure("", "of its bound"),
            1.0,
            0.5,
            at_most=True,
        ),
        Goal(
            "KiB a live stream",
            lambda f: f.figure("", "KiB a folded stream"),
            1.0,
            0.5,
            at_most=True,
        ),
    ),
)


def grown(asked: Asked, folder: Path) -> Meter:
    """In a store of that size: an append, the load of a stream, one projection and ten."""
    scaled = sized(asked)
    with copied(scaled, folder) as store:
        meter = asyncio.run(_projected(store, folder, 1))
        ten = asyncio.run(_projected(store, folder, TEN))
        meter.figures |= asyncio.run(_touched(store, count(scaled)))
        meter.figures["ten projections, facts/s"] = ten.done / ten.seconds
        return meter


async def _projected(store: SqliteStore, folder: Path, number: int) -> Meter:
    """Side by side, as a worker sweeps them: they share each reading of the store."""
    with closing(SqliteViews(folder / f"{number}.views.db")) as views:
        several = [replace(REGISTER, name=f"partners.register{n}") for n in range(number)]
        await opened(views, *several)
        own, meter = Own(store), Meter()
        folding = [projector(views, own, one) for one in several]
        with meter.running():
            while done := max([await one.step() for one in folding]):
                meter.done += done
        return meter


async def _touched(store: SqliteStore, facts: int) -> dict[str, float]:
    partners = max(1, facts // log.EVERY)
    appends, loads = [], []
    for number in range(APPENDS):
        stream = f"bench.account-{number}"
        made = fact(stream, 1, facts + number)
        began = perf_counter()
        await store.append(stream, [made], expected=0)
        appends.append(perf_counter() - began)
    for number in range(LOADS):
        name = f"partners.partner-P{partners - 1 - number % partners:07}"
        began = perf_counter()
        await store.read(name)
        loads.append(perf_counter() - began)
    return {"append p50 ms": 1_000 * median(appends), "load p50 ms": 1_000 * median(loads)}


def _to_small(name: str) -> Callable[[Figures], float | None]:
    def ratio(figures: Figures) -> float | None:
        small, large = (figures.figure(case, name) for case in (SMALL, "1,000,000"))
        return large / small if small and large else None

    return ratio


def _rate(figures: Figures) -> float | None:
    small, large = figures.rate(SMALL), figures.rate("1,000,000")
    return large / small if small and large else None


def _ten(figures: Figures) -> float | None:
    """Ten views are ten times the work: what is left of the rate is what sharing saves."""
    one, ten = (
        figures.rate("100,000"),
        figures.figure("100,000", "ten projections, facts/s"),
    )
    return ten / one if one and ten else None


def prepare_size(asked: Asked) -> None:
    prepare(sized(asked))


def sized(asked: Asked) -> Asked:
    return asked | {"scale": asked["scale"] * asked["size"]}


GROWTH = Workload(
    id="W12",
    title="Growth: the same in a store of 10,000 to 1,000,000 facts, 1 and 10 projections",
    unit="projected facts/s",
    ours={OURS: grown},
    cases={name: {"size": size} for name, size in SIZES.items()},
    one_core=True,
    once=True,
    prepare=prepare_size,
    goals=(
        Goal(
            "append p50, to the small store", _to_small("append p50 ms"), 1.3, 1.15, at_most=True
        ),
        Goal("load of a stream, to small", _to_small("load p50 ms"), 1.3, 1.15, at_most=True),
        Goal("projection rate, to small", _rate, 0.8),
        Goal("ten projections, to one", _ten, 0.5),
    ),
)
