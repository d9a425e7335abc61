"""A platform to import into, and copies of the sample to spoil."""

import csv
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.runtime.cli.reach import Platformed
from shared.runtime.importing.importer import Importer
from shared.runtime.importing.outcome import Outcome
from shared.runtime.importing.plan import plan
from shared.testing.platform import platform

EXAMPLE = Path(__file__).parents[2] / "examples" / "classicmodels"
SAMPLE, MAPPING = EXAMPLE / "sample", EXAMPLE / "mapping.json"


@asynccontextmanager
async def operated(folder: Path) -> AsyncIterator[Platformed]:
    """Every context, and a client of them as the command line is one."""
    async with platform(folder) as bed:
        bed.http.headers["Authorization"] = f"Bearer {bed.token('operations')}"
        yield Platformed(bed.http)
        await bed.settle()


async def imported(there: Platformed, folder: Path = SAMPLE, mapping: Path = MAPPING) -> Outcome:
    return await Importer(there, plan(folder, mapping)).run()


def spoiled(folder: Path, **changes: dict[int, str]) -> Path:
    """The sample with other lines in its files: `payments={7: "…"}` replaces line 7, 0 appends."""
    copy = folder / "spoiled"
    shutil.copytree(SAMPLE, copy)
    for name, lines in changes.items():
        path = copy / f"{name}.csv"
        found = path.read_text(encoding="utf-8").splitlines()
        for number, line in sorted(lines.items(), reverse=True):
            if number:
                found[number - 1] = line
            else:
                found.append(line)
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    return copy


def lines(name: str) -> list[list[str]]:
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
