"""One JSON a workload, so that each can be run again alone."""

import json
import tomllib
from pathlib import Path
from typing import Any

from tests.bench.contest import Figures, Workload
from tests.bench.environments import ROOT
from tests.bench.machine import environment
from tests.bench.peers.traffic import EXPONENT, SEED
from tests.bench.rounds import Round, Terms

RESULTS = Path(__file__).parent / "results"
NOTES = Path(__file__).parent / "notes.toml"
PAGE = ROOT / "docs" / "benchmarks.md"
DIGITS = 5


def write(workload: Workload, terms: Terms, found: list[tuple[Round, dict[str, float]]]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{workload.id}.json"
    told = {
        "workload": workload.id,
        "terms": {"rounds": len(found), "seconds": terms.seconds, "scale": terms.scale},
        "seed": SEED,
        "zipf": EXPONENT,
        "environment": environment(),
        "calibration": [_short(calibration) for _, calibration in found],
        "rounds": [_short(one) for one, _ in found],
    }
    path.write_text(json.dumps(told, indent=1) + "\n")
    return path


def read(id_: str) -> dict[str, Any] | None:
    path = RESULTS / f"{id_}.json"
    if not path.exists():
        return None
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def figures(told: dict[str, Any]) -> Figures:
    return Figures(told["rounds"])


def notes() -> dict[str, Any]:
    return tomllib.loads(NOTES.read_text())


def _short(value: Any) -> Any:
    """Digits that mean something."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    return value
