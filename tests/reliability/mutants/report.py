"""docs/reliability.md: one row a planted bug and one row a suite, each from a run."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.reliability.mutants.planted import ROOT, Mutant, Verdict
from tests.reliability.tally import place

PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability: what is tried, and what would be noticed

Written by `python -m tests.reliability.mutants`; figures are never typed in.

| command | what it runs |
|---|---|
| `make reliability` | the commit tier of `tests/reliability`, without servers |
| `make faults` | the same on a real Kafka (B3, B9 to B12, B15) |
| `make soak` | the long tier of both: the same suites with more trials, hours; of a suite that has no row `long`, it was not run to its end yet |
| `python -m tests.reliability.simulation SEED` | one story of the simulation; if it fails, the shortest |
| `python -m tests.reliability.mutants [NAME …]` | every planted bug, or these, each against its test |
| `python -m tests.reliability.mutants --suites FILE …` | this page's suites, from `--tally FILE` of each run; what was not run stays, and is of the commit of its run |

A row that is not all zeros is of a run that found something. It stays until its suite is run again
with what was mended; until then the mended trial is a test of its own.

Zero failures in n independent trials bound the rate below 3/n with 95 % confidence. Not injected:
disks that lie about a sync, bugs of the kernel, clocks of one process that differ from another's.
"""  # noqa: E501
SUITES = """
## Suites

| row | suite | tier | tried | seen | never |
|---|---|---|---|---|---|
"""
PLANTED = """
## Planted bugs

Each is a patch under `tests/reliability/mutants`, applied to a copy of the tree. `caught`: the test
beside it, which is green on the tree as it is, ran there and failed.

| bug | what it breaks | where | caught by | verdict |
|---|---|---|---|---|
"""  # noqa: E501
ROW = re.compile(r"^\| .+ \|$", re.MULTILINE)


def suites(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        f"| {one['row']} | {one['what']} | {one['tier']} | {_counts(one['tried'])} "
        f"| {_counts(one['seen'])} | {_counts(one['never'])} |"
        for one in entries
    ]


def planted(found: Mapping[Mutant, Verdict]) -> dict[str, str]:
    told: dict[str, str] = {}
    for one, verdict in found.items():
        where = ", ".join(f"`{path}`" for path in one.touches)
        cells = (one.name, one.breaks, where, f"`{one.caught_by}`", verdict)
        told[one.name] = f"| {' | '.join(cells)} |"
    return told


def rows(table: str) -> list[str]:
    """Of the page as it is: what is not tried anew stays as it was said."""
    page = PAGE.read_text() if PAGE.exists() else ""
    return ROW.findall(page.partition(table)[2].partition("\n## ")[0])


def beside(kept: Iterable[str], entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those rows, but of the suites and tiers of the entries; in the order of the page."""
    found = {_suite(row): row for row in [*kept, *suites(entries)]}
    return [found[suite] for suite in sorted(found)]


def _suite(row: str) -> tuple[str, int, str, str, str]:
    name, what, tier, *_ = row.removeprefix("| ").split(" | ")
    return *place({"row": name, "what": what}), tier


def first(row: str) -> str:
    return row.removeprefix("| ").partition(" | ")[0]


def written(suites: Iterable[str], planted: Iterable[str]) -> None:
    told = [HEAD, SUITES, "\n".join(suites), "\n", PLANTED, "\n".join(planted), "\n"]
    PAGE.write_text("".join(told))


def tallied(*files: Path) -> list[dict[str, Any]]:
    entries = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return sorted(entries, key=place)


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counted.items()) or "–"
