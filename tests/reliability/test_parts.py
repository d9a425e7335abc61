"""A suite that runs in parts is one line of the tally."""

from typing import Any

from tests.reliability.tally import line, whole


def part(trials: int, lost: int, slowest: float, outcome: str = "passed") -> dict[str, Any]:
    counts = {"tried": {"seeds": trials}, "seen": {"facts": 10}, "never": {"lost": lost}}
    return {"row": "X", "what": "y", **counts, "told": {"s": slowest}, "outcome": outcome}


def test_parts_are_added_and_the_slowest_is_told() -> None:
    (one,) = whole([part(25, 0, 1.5), part(25, 0, 0.5), part(50, 0, 1.0)])
    assert line(one).startswith("X    y: 100 seeds, 30 facts · 0 lost (95 %: under 3 % a trial)")
    assert (one["told"], one["outcome"]) == ({"s": 1.5}, "passed")


def test_one_part_that_failed_fails_the_whole() -> None:
    (one,) = whole([part(25, 0, 1.0), part(25, 2, 1.0, "failed"), part(25, 0, 1.0)])
    assert (one["never"], one["outcome"]) == ({"lost": 2}, "failed")


def test_suites_of_one_row_stay_apart() -> None:
    assert len(whole([part(1, 0, 1.0), part(1, 0, 1.0) | {"what": "z"}])) == 2
