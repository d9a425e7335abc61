"""What a workload is: who runs it, in which cases, and what is to be reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.peers.measured import Meter

OURS, LIMIT = "Qudao", "limit"
Asked = dict[str, Any]
Sample = dict[str, Any]
NO_RATE: Sample = {"rate": 0.0}
"""Of a workload that counts something else."""
Run = Callable[[Asked, Path], Meter]
"""Runs in a process of its own, in a folder of its own on the data disk."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A script of `peers/` and the environment it runs in; `what` of it."""

    environment: str
    script: str
    what: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All samples of one workload: by case, contender and round."""

    rounds: Sequence[Mapping[str, Mapping[str, Sample]]]

    def each(self, case: str, who: str) -> list[Sample]:
        return [one[case][who] for one in self.rounds if who in one.get(case, {})]

    def rate(self, case: str, who: str = OURS) -> float | None:
        return _middle([one["rate"] for one in self.each(case, who)])

    def ms(self, case: str, percentile: str, who: str = OURS) -> float | None:
        return _middle([one["ms"][percentile] for one in self.each(case, who) if one["ms"]])

    def figure(self, case: str, name: str, who: str = OURS) -> float | None:
        return _middle([s["figures"][name] for s in self.each(case, who) if name in s["figures"]])

    def ratio(self, case: str, to: str, who: str = OURS, of: str = "") -> float | None:
        """The median of each round's own ratio; `of` another case of the same round."""
        ratios = [
            one[case][who]["rate"] / one[of or case][to]["rate"]
            for one in self.rounds
            if who in one.get(case, {}) and one.get(of or case, {}).get(to, NO_RATE)["rate"]
        ]
        return _middle(ratios)

    def best(self, case: str) -> float | None:
        """Our ratio to the fastest of the peers."""
        rest = {who for one in self.rounds for who in one.get(case, {})}
        ratios = [self.ratio(case, who) for who in rest if not who.startswith((OURS, LIMIT))]
        known = [ratio for ratio in ratios if ratio is not None]
        return min(known) if known else None


@dataclass(frozen=True, slots=True)
class Goal:
    """`value` of what was measured, and what it is to be: at least, or at most."""

    words: str
    value: Callable[[Figures], float | None]
    passes: float
    stretch: float | None = None
    at_most: bool = False

    def met(self, found: float, bound: float) -> bool:
        return found <= bound if self.at_most else found >= bound

    def verdict(self, found: float | None) -> str:
        if found is None:
            return "not measured"
        if self.stretch is not None and self.met(found, self.stretch):
            return "stretch"
        return "pass" if self.met(found, self.passes) else "MISS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """`ours` has at least `Qudao`; names that begin with `limit` are no peers.

    `one_core`: every contender is held to one core, a broker has the other; else all share both.
    """

    id: str
    title: str
    unit: str
    ours: Mapping[str, Run]
    peers: Mapping[str, Peer] = field(default_factory=dict)
    cases: Mapping[str, Asked] = field(default_factory=lambda: {"": {}})
    goals: Sequence[Goal] = ()
    kafka: bool = False
    one_core: bool = False
    once: bool = False  # too long for five rounds
    prepare: Callable[[Asked], None] | None = None


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None
