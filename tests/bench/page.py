"""docs/benchmarks.md, from the results that are there; every figure comes from one of them."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from tests.bench import results
from tests.bench.contest import OURS, Figures, Goal, Sample, Workload
from tests.bench.workloads import WORKLOADS

HEAD = """# Benchmarks

Written by `make bench` from the results under `tests/bench/results`; no figure is typed in. What
it measures and how: [guides/performance.md](guides/performance.md). A row is the median over the
rounds, with the least and the most; ratios are taken inside each round. *pass* and *stretch* are
the goals set beforehand; *MISS* is a goal that was not reached.
"""
MILLION = 1_000_000


def write() -> None:
    results.PAGE.write_text("\n".join(page()) + "\n")


def page() -> Iterator[str]:
    notes = results.notes()
    yield HEAD
    yield from _overview(notes)
    for workload in WORKLOADS.values():
        if told := results.read(workload.id):
            yield from _section(workload, told, notes)
    yield "\n## Not measured\n"
    yield "| workload | why |\n|---|---|"
    for id_, why in _missing(notes).items():
        yield f"| {id_} | {why} |"


def _missing(notes: Mapping[str, Any]) -> dict[str, str]:
    absent = [id_ for id_ in WORKLOADS if not results.read(id_)]
    unmeasured: dict[str, str] = notes["unmeasured"]
    return {id_: "not run on this machine yet" for id_ in absent} | unmeasured


def _overview(notes: Mapping[str, Any]) -> Iterator[str]:
    yield "| | goal | found | pass | stretch | verdict | what bounds it, what was tried |"
    yield "|---|---|--:|--:|--:|---|---|"
    for workload in WORKLOADS.values():
        told = results.read(workload.id)
        figures = Figures(told["rounds"] if told else [])
        said: dict[str, str] = notes.get(workload.id, {})
        for goal in workload.goals:
            yield _goal(workload, goal, figures, said)


def _goal(workload: Workload, goal: Goal, figures: Figures, said: Mapping[str, str]) -> str:
    found = goal.value(figures)
    verdict = goal.verdict(found)
    sign = "≤ " if goal.at_most else "≥ "
    stretch = "" if goal.stretch is None else sign + number(goal.stretch)
    note = said.get(goal.words, "") if verdict == "MISS" else ""
    shown = "" if found is None else number(found)
    cells = workload.id, goal.words, shown, sign + number(goal.passes), stretch, verdict, note
    return f"| {' | '.join(cells)} |"


def _section(
    workload: Workload, told: Mapping[str, Any], notes: Mapping[str, Any]
) -> Iterator[str]:
    figures = Figures(told["rounds"])
    yield f"\n## {workload.id} {workload.title}\n"
    yield f"| case | who | {workload.unit} | ratio of Qudao | p50 | p99 | p99.9 | max ms | more |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|---|"
    for case in workload.cases:
        for who in (*workload.ours, *workload.peers):
            if samples := figures.each(case, who):
                yield _row(case, who, samples, figures)
    yield f"\n{_terms(told)}"
    for line in notes.get(workload.id, {}).get("said", []):
        yield f"\n{line}"


def _row(case: str, who: str, samples: list[Sample], figures: Figures) -> str:
    rates = [one["rate"] for one in samples]
    ratio = None if who == OURS else figures.ratio(case, who)
    ms = {p: figures.ms(case, p, who) for p in ("p50", "p99", "p99.9", "max")}
    names = dict.fromkeys(name for one in samples for name in one["figures"])
    more = {name: figures.figure(case, name, who) for name in names}
    cells = (
        case,
        f"**{who}**" if who == OURS else who,
        f"{number(median(rates))} ({number(min(rates))}–{number(max(rates))})",
        "" if ratio is None else number(ratio),
        *("" if value is None else number(value) for value in ms.values()),
        ", ".join(f"{name} {number(value)}" for name, value in more.items() if value is not None),
    )
    return f"| {' | '.join(cells)} |"


def _terms(told: Mapping[str, Any]) -> str:
    """On what, when and how it was measured."""
    terms, there = told["terms"], told["environment"]
    calibrations = told["calibration"]
    syncs = [one["fdatasync_p50_ms"] for one in calibrations]
    moved = max(abs(one["drift"]) for one in calibrations)
    return (
        f"{terms['rounds']} rounds of {number(terms['seconds'])} s, numbers of facts × "
        f"{number(terms['scale'])}; commit {there['git']}, Python {there['python']}, SQLite "
        f"{there['sqlite']}, {there['cores']} × {there['processor']}, {there['file_system']}; "
        f"fdatasync p50 {number(min(syncs))}–{number(max(syncs))} ms, moved in a round by "
        f"{moved:.0%} at most; load {number(max(one['load'] for one in calibrations))}."
    )


def number(value: float) -> str:
    if abs(value) >= MILLION / 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
