"""SYNCS: does everybody in W1 sync what it answers? Counted from outside, by strace."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.contest import LIMIT, OURS, Asked, Figures, Goal, Run, Workload
from tests.bench.environments import PEERS, python
from tests.bench.peers.measured import WARM, Meter

TRACED = ("-f", "-c", "-e", "trace=fsync,fdatasync,msync")
COUNTED = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*sync$", re.MULTILINE)


def _counted(command: Callable[[], list[str]]) -> Run:
    def run(asked: Asked, folder: Path) -> Meter:
        meter, strace = Meter(), shutil.which("strace")
        if strace is None:
            return meter
        told = folder / "strace"
        asked = asked | {"what": "append", "disk": str(folder)}
        done = subprocess.run(
            [strace, *TRACED, "-o", str(told), *command(), json.dumps(asked)],
            capture_output=True,
            text=True,
            check=True,
        )
        sample = json.loads(done.stdout.strip().splitlines()[-1])
        syncs = sum(map(int, COUNTED.findall(told.read_text())))
        answers = sample["n"] * (1 + WARM)  # nearly: what it warmed up with was synced, too
        meter.figures = {"syncs": float(syncs), "answers": answers, "syncs each": syncs / answers}
        return meter

    return run


def _ours(name: str) -> Run:
    return _counted(lambda: [sys.executable, "-m", "tests.bench.contender", "W1", name])


def _theirs(environment: str, script: str) -> Run:
    return _counted(lambda: [str(python(environment)), str(PEERS / script)])


def _each(who: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.figure("", "syncs each", who)


RUNS = {
    OURS: _ours(OURS),
    LIMIT: _ours(LIMIT),
    "eventsourcing": _theirs("eventsourcing", "eventsourcing_store.py"),
    "UmaDB": _theirs("umadb", "umadb_store.py"),
}
SYNCS = Workload(
    id="SYNCS",
    title="Durability: syncs for each answer of W1, counted by strace",
    unit="-",
    ours=RUNS,
    once=True,
    goals=tuple(Goal(f"syncs an answer, {who}", _each(who), 0.8) for who in RUNS),
)
