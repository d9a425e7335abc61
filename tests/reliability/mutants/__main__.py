"""`python -m tests.reliability.mutants [NAME …] [--suites FILE …]`: are the planted bugs caught?

All of them, or those that are named; docs/reliability.md is told, and keeps what was not tried.
With `--suites` only its table of suites is written, from what `pytest --tally FILE` of each run
has told; it keeps what was not run, too.
"""

import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from tests.reliability.mutants import report
from tests.reliability.mutants.planted import Mutant, Verdict, mutants


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.reliability.mutants")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--suites", type=Path, nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    if asked.suites:
        told = report.beside(report.rows(report.SUITES), report.tallied(*asked.suites))
        report.written(told, report.rows(report.PLANTED))
        return 0
    chosen = [one for one in mutants() if not asked.names or one.name in asked.names]
    with ThreadPoolExecutor(asked.jobs) as pool:
        found = dict(zip(chosen, pool.map(_tried, chosen), strict=True))
    kept = report.rows(report.PLANTED) if asked.names else []
    rows = {report.first(row): row for row in kept} | report.planted(found)
    report.written(report.rows(report.SUITES), [rows[name] for name in sorted(rows)])
    missed = [one.name for one, verdict in found.items() if verdict == "missed"]
    sys.stdout.write(f"{len(found)} planted, {len(missed)} missed {' '.join(missed)}\n")
    return bool(missed) or not found


def _tried(one: Mutant) -> Verdict:
    began = monotonic()
    verdict, said = one.verdict()
    sys.stdout.write(f"{one.name}: {verdict} ({monotonic() - began:.0f} s) by {one.caught_by}\n")
    if verdict == "missed":
        sys.stdout.write(f"{said}\n")
    sys.stdout.flush()
    return verdict


if __name__ == "__main__":
    sys.exit(main())
