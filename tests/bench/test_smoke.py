"""The gate is able to fail; what it measures is not judged here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import results, smoke
from tests.bench.contest import LIMIT, OURS, Figures, Goal
from tests.bench.page import page
from tests.bench.peers.measured import Histogram
from tests.bench.workloads import WORKLOADS

ROOT = Path(__file__).parents[2]


def test_a_ratio_under_seven_tenths_of_its_baseline_has_fallen() -> None:
    baseline = {"W1": 0.8, "W2 64": 0.5}
    assert smoke.fallen({"W1": 0.57, "W2 64": 0.34}, baseline) == ["W2 64"]
    assert smoke.fallen({"W1": 0.9, "W3": 9.0}, baseline) == ["W3"], "no baseline, no pass"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_slowed_store_is_red() -> None:
    """Half a second an append, as a disk under load may take a tenth of one."""
    command = [sys.executable, "-m", "tests.bench", "--smoke", "--slow", "0.5", "W1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FALLEN" in done.stdout


def test_ratios_are_taken_inside_a_round_and_then_the_middle_one() -> None:
    def one(ours: float, limit: float) -> dict[str, dict[str, dict[str, float]]]:
        return {"": {OURS: {"rate": ours}, LIMIT: {"rate": limit}}}

    figures = Figures([one(10, 10), one(10, 100), one(90, 100)])
    assert figures.ratio("", LIMIT) == 0.9
    assert figures.ratio("", "nobody") is None


def test_a_goal_says_what_was_reached_and_what_was_never_measured() -> None:
    goal = Goal("p99", lambda _: None, passes=5.0, stretch=2.0, at_most=True)
    words = [goal.verdict(found) for found in (1.0, 3.0, 6.0, None)]
    assert words == ["stretch", "pass", "MISS", "not measured"]


def test_a_histogram_keeps_latencies_to_two_percent() -> None:
    histogram = Histogram()
    for number in range(1, 1_001):
        histogram.add(number / 1_000)
    assert histogram.at(0.5) == pytest.approx(0.5, rel=0.03)
    assert histogram.at(0.99) == pytest.approx(0.99, rel=0.03)
    assert histogram.at(1.0) == 1.0


def test_every_watched_ratio_has_a_baseline_and_every_note_a_goal() -> None:
    watched = {f"{id_} {case}".strip() for id_, case in smoke.WATCHED}
    assert watched == set(smoke.baseline())
    goals = {id_: {goal.words for goal in one.goals} for id_, one in WORKLOADS.items()}
    for id_, said in results.notes().items():
        if id_ != "unmeasured":
            assert set(said) - {"said"} <= goals[id_], id_


def test_the_page_is_what_the_results_make_of_it() -> None:
    assert results.PAGE.read_text() == "\n".join(page()) + "\n", "make bench ARGS=--page"
