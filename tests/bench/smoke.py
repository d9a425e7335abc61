"""The gate: a ratio under 0.7 of its recorded baseline, five times in a row, is red.

Ratios to the limit of the same moment, so a slow machine is as good as a fast one. Baselines are
recorded by `python -m tests.bench.smoke`.
"""

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from tests.bench.contest import LIMIT, OURS
from tests.bench.rounds import Terms, run
from tests.bench.workloads import WORKLOADS

BASELINE = Path(__file__).parent / "baseline.json"
ALLOWED, ATTEMPTS = 0.7, 5
TERMS = Terms(seconds=0.7, scale=0.02, peers=False)
WATCHED = (("W1", ""), ("W2", "64"), ("W3", ""), ("W4", "64"), ("W8", ""))

NAMES = {f"{id_} {case}".strip(): (id_, case) for id_, case in WATCHED}


def measured(id_: str, case: str, slow: float = 0.0) -> float:
    """Ours, the limit, ours again: the ratio to the limit of the better one."""
    workload = WORKLOADS[id_]
    asked = TERMS.asked(workload.cases[case]) | {"slow": slow}
    if workload.prepare:
        workload.prepare(asked)
    rates = [run(workload, who, asked)["rate"] for who in (OURS, LIMIT, OURS)]
    return float(max(rates[0], rates[2]) / rates[1])


def fallen(ratios: Mapping[str, float], baseline: Mapping[str, float]) -> list[str]:
    """Which are under what is allowed; a ratio without a baseline is one of them."""
    return [n for n, r in ratios.items() if r < ALLOWED * baseline.get(n, float("inf"))]


def baseline() -> dict[str, float]:
    known: dict[str, float] = json.loads(BASELINE.read_text())
    return known


def main(slow: float = 0.0, only: Collection[str] = ()) -> int:
    known, best = baseline(), dict[str, float]()
    waiting = {name: what for name, what in NAMES.items() if not only or what[0] in only}
    for _ in range(ATTEMPTS):
        for name, what in waiting.items():
            best[name] = max(best.get(name, 0.0), measured(*what, slow=slow))
        waiting = {name: waiting[name] for name in fallen(best, known) if name in waiting}
        if not waiting:
            break
    for name, ratio in best.items():
        word = "FALLEN" if name in waiting else "held"
        told = f"{name:6} {ratio:.2f} of the limit, {known[name]:.2f} before: {word}"
        sys.stdout.write(told + "\n")
    return 1 if waiting else 0


def record() -> None:
    """The middle of three, so that no lucky moment becomes what is asked for."""
    found = {name: sorted(measured(*what) for _ in range(3))[1] for name, what in NAMES.items()}
    rounded = {name: round(ratio, 3) for name, ratio in found.items()}
    BASELINE.write_text(json.dumps(rounded, indent=1) + "\n")


if __name__ == "__main__":
    record()
