"""`tally`: a suite says what it tried, what it saw, and what never happened; n beside each zero.

As a plugin (the root's conftest names it) it prints one line a suite at the end of the run, and
`--tally FILE` writes the same as JSON lines; `--soak` asks for the long tier.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.tiers import SOAK, trials

FEW = 5
TALLY = "tally"
Tally = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("reliability")
    group.addoption("--soak", action="store_true", help="the long tier of tests/reliability")
    group.addoption("--tally", type=Path, help="write what the suites found, as JSON lines")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--soak"):
        os.environ[SOAK] = "1"


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """`tally("A1 killed", {"kills": 50}, seen={…}, never={"lost": lost}, told={"ready, s": 0.8})`.

    The title begins with the row. `tried`: one entry, the unit and its number. `seen`: counts that
    must not be 0, or else the suite looked at nothing. `never`: those that should not be there,
    by name; all must be empty. `told`: figures that are printed and not judged.
    """

    def record(
        title: str,
        tried: Mapping[str, int],
        *,
        seen: Mapping[str, int] | None = None,
        never: Mapping[str, Collection[Any]],
        told: Mapping[str, float] | None = None,
    ) -> None:
        row, _, what = title.partition(" ")
        entry = {
            "row": row,
            "what": what,
            "tier": trials("commit", "long"),
            "tried": dict(tried),
            "seen": dict(seen or {}),
            "never": {name: len(found) for name, found in never.items()},
            "told": dict(told or {}),
            "test": request.node.nodeid,
        }
        request.node.user_properties.append((TALLY, entry))
        _judge(entry, never)

    return record


def _judge(entry: Mapping[str, Any], never: Mapping[str, Collection[Any]]) -> None:
    unseen = [name for name, count in (entry["tried"] | entry["seen"]).items() if count < 1]
    assert not unseen, f"{entry['row']}: nothing was seen of {unseen}; {line(entry)}"
    found = {name: list(those)[:FEW] for name, those in never.items() if those}
    assert not found, f"{line(entry)}\n{found}"


def line(entry: Mapping[str, Any]) -> str:
    (tried,) = entry["tried"].values()
    counts = [f"{count:,} {name}" for name, count in (entry["tried"] | entry["seen"]).items()]
    zeros = [f"{count} {name}" for name, count in entry["never"].items()]
    told = [f"{name} {figure:g}" for name, figure in entry["told"].items()]
    if tried and not any(entry["never"].values()):  # the rule of three
        zeros[-1] += f" (95 %: under {min(100, 300 / tried):.3g} % a trial)"
    parts = [", ".join(counts), ", ".join(zeros), *told]
    return f"{entry['row']:<4} {entry['what']}: " + " · ".join(parts)


def entries(stats: Mapping[str, Collection[Any]]) -> list[dict[str, Any]]:
    reports = [one for name in ("passed", "failed") for one in stats.get(name, ())]
    found = [
        {**entry, "outcome": report.outcome}
        for report in reports
        if report.when == "call"
        for name, entry in report.user_properties
        if name == TALLY
    ]
    return sorted(whole(found), key=place)


def place(entry: Mapping[str, Any]) -> tuple[str, int, str, str]:
    """Where it stands among others: A2 before A10."""
    row, what = entry["row"], entry["what"]
    return row[:1], len(row), row, what


def whole(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A suite that ran in parts, as one entry: counts are sums, figures are the largest."""
    suites: dict[tuple[str, str], dict[str, Any]] = {}
    for part in found:
        key = (part["row"], part["what"])
        suites[key] = _added(suites[key], part) if key in suites else dict(part)
    return [*suites.values()]


def _added(one: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    def both(counts: str, take: Callable[[list[float]], float]) -> dict[str, float]:
        names = {**one[counts], **part[counts]}
        return {n: take([c[counts][n] for c in (one, part) if n in c[counts]]) for n in names}

    sums = {counts: both(counts, sum) for counts in ("tried", "seen", "never")}
    failed = "failed" in {one["outcome"], part["outcome"]}
    outcome = "failed" if failed else one["outcome"]
    return {**one, **sums, "told": both("told", max), "outcome": outcome}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for report in terminalreporter.stats.get("skipped", ()):
        if "tests/reliability/" in report.nodeid:
            told = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.write_line(f"NOT RUN: {report.nodeid}: {told}", red=True)
    if not (found := entries(terminalreporter.stats)):
        return
    terminalreporter.section("what was tried, and what never happened")
    for entry in found:
        mark = "" if entry["outcome"] == "passed" else "  <- FAILED"
        terminalreporter.write_line(line(entry) + mark)
    if (path := config.getoption("--tally")) is not None:
        path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in found))
