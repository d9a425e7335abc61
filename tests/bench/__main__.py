"""Speed and cost: `python -m tests.bench [W1 W4 …] [--quick | --soak | --smoke | --page]`."""

import argparse
import sys

from tests.bench import page, results, smoke
from tests.bench.contest import Workload
from tests.bench.rounds import Terms, rounds
from tests.bench.workloads import WORKLOADS


def main() -> None:
    given = _arguments()
    if given.smoke:
        sys.exit(smoke.main(slow=given.slow, only=given.workloads))
    if not given.page:
        for id_ in given.workloads or WORKLOADS:
            _measured(WORKLOADS[id_], _terms(given))
    page.write()
    say(f"written: {results.PAGE}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _measured(workload: Workload, terms: Terms) -> None:
    say(f"{workload.id} {workload.title}")
    found = []
    for one, calibration in rounds(workload, terms, say):
        found.append((one, calibration))
        for case, samples in one.items():
            rates = "  ".join(f"{who} {sample['rate']:,.0f}" for who, sample in samples.items())
            say(f"  {case:>6} {rates}")
        results.write(workload, terms, found)


def _terms(given: argparse.Namespace) -> Terms:
    quick, soak = given.quick, given.soak
    return Terms(
        rounds=given.rounds or (2 if quick else 5),
        seconds=given.seconds or (1.0 if quick else 5.0),
        scale=0.1 if quick else 10.0 if soak else 1.0,
        peers=not given.alone,
    )


def _arguments() -> argparse.Namespace:
    known = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    known.add_argument("workloads", nargs="*", metavar="W1", help="all of them by default")
    known.add_argument("--quick", action="store_true", help="short rounds, a tenth of the facts")
    known.add_argument("--soak", action="store_true", help="ten times the facts")
    known.add_argument("--rounds", type=int, help="instead of 5 (2 with --quick)")
    known.add_argument("--seconds", type=float, help="a run, instead of 5 (1 with --quick)")
    known.add_argument("--alone", action="store_true", help="without the peers")
    known.add_argument("--page", action="store_true", help="only write the page again")
    known.add_argument("--smoke", action="store_true", help="ratios against their baseline")
    known.add_argument("--slow", type=float, default=0.0, help=argparse.SUPPRESS)
    return known.parse_args()


if __name__ == "__main__":
    main()
