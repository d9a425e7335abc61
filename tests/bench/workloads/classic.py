"""classicmodels a thousand times over: an import, all that follows from it, and a rebuild.

The files are made from those of QUDAO_CLASSICMODELS, every copy with ids of its own.
"""

import asyncio
import csv
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

import apsw

from shared.runtime.cli.reach import Answered, Platformed, reached
from shared.runtime.importing.importer import Importer
from shared.runtime.importing.plan import plan
from shared.runtime.settings import Settings
from tests.bench.contest import OURS, Asked, Figures, Goal, Run, Workload
from tests.bench.environments import ROOT
from tests.bench.peers.measured import Meter, peak

DATA = Path(os.environ.get("QUDAO_CLASSICMODELS", ROOT.parent / "shared/data/classicmodels"))
MAPPING = ROOT / "examples" / "classicmodels" / "mapping.json"
IDS = {
    "customers": ("customerNumber",),
    "orders": ("orderNumber", "customerNumber"),
    "orderdetails": ("orderNumber",),
    "payments": ("customerNumber", "checkNumber"),
}
FEW, MANY = 10, 1_000  # copies; so many only when the long tier is asked for
REBUILT = "rebates.accounts"
LONGEST = 300.0  # seconds that one request waits


def copies(asked: Asked) -> int:
    return MANY if asked["scale"] > 1 else max(1, int(FEW * asked["scale"]))


def multiplied(folder: Path, times: int) -> Path:
    """The first copy keeps its ids."""
    to = folder / "classicmodels"
    to.mkdir()
    for name in ("employees", "offices", "productlines", "products"):
        (to / f"{name}.csv").write_bytes((DATA / f"{name}.csv").read_bytes())
    for name, ids in IDS.items():
        with (
            (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as source,
            (to / f"{name}.csv").open("w", encoding="utf-8", newline="") as copy,
        ):
            rows = [*csv.DictReader(source)]
            writer = csv.DictWriter(copy, list(rows[0]))
            writer.writeheader()
            writer.writerows(_copies(rows, ids, times))
    return to


def _copies(
    rows: list[dict[str, str]], ids: tuple[str, ...], times: int
) -> Iterator[dict[str, str]]:
    for number in range(times):
        for row in rows:
            yield row | ({id_: f"{row[id_]}-{number}" for id_ in ids} if number else {})


def embedded(asked: Asked, folder: Path) -> Meter:
    return asyncio.run(_imported(Settings(data=folder / "data"), asked, folder))


def on_kafka(asked: Asked, folder: Path) -> Meter:
    prefix = f"{folder.name}."
    settings = Settings(data=folder / "data", kafka=asked["servers"], topic_prefix=prefix)
    return asyncio.run(_imported(settings, asked, folder))


async def _imported(settings: Settings, asked: Asked, folder: Path) -> Meter:
    """Facts a second until everything has settled: views, rebates, messages."""
    planned, meter = plan(multiplied(folder, copies(asked)), MAPPING), Meter()
    async with reached(settings) as there:
        with meter.running():
            outcome = await Importer(there, planned).run()
            await _settled(there)
        meter.done = _facts(settings.data)
        began = perf_counter()
        await there.post("/v1/rebuilds", {}, key="bench", view=REBUILT)
        await _settled(there)
    meter.figures |= {
        "payments": float(outcome.counts["payments"].accepted),
        "refused": float(outcome.sum("refused")),
        "imported facts": float(outcome.facts),
        "facts": float(meter.done),
        "peak MiB": peak(),
        f"rebuild of {REBUILT} in s": perf_counter() - began,
    }
    return meter


async def _settled(there: Platformed) -> None:
    """However long it takes; a platform that stands still is found by the harness's bound."""
    while True:
        try:
            await there.settle(LONGEST)
            return
        except Answered as late:
            if late.slug != "not-settled":
                raise


def _facts(data: Path) -> int:
    """Of all contexts: positions of the embedded stores have no gaps. Read with the engine that
    this process has them open with; another one's locks would be as good as none.
    """
    total = 0
    for file in data.glob("*.store.db"):
        with closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            (highest,) = db.execute("SELECT coalesce(max(position), 0) FROM facts")
            total += highest[0]
    return total


def _refused(figures: Figures) -> float | None:
    return figures.figure("", "refused")


def _classic(id_: str, where: str, run: Run, *, kafka: bool) -> Workload:
    return Workload(
        id=id_,
        title=f"classicmodels, many times over, end to end{where} (1,000 times with --soak)",
        unit="facts/s",
        ours={OURS: run},
        kafka=kafka,
        once=True,
        goals=(Goal("refused", _refused, 0.0, at_most=True),),
    )


CLASSIC = _classic("CLASSIC", "", embedded, kafka=False)
ON_KAFKA = _classic("CLASSIC-KAFKA", " on Kafka", on_kafka, kafka=True)
