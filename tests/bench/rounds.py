"""Rounds: everybody in turns, each run a process of its own, so that nobody inherits a heap."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from shared.testing.servers import kafka
from tests.bench.contest import Asked, Peer, Sample, Workload
from tests.bench.environments import CACHE, PEERS, ROOT, Unavailable, python
from tests.bench.machine import calibration

DRIFT, AGAIN = 0.25, 2  # how far the disk may move in a round, and how often one is begun again
Say = Callable[[str], None]
PATIENCE = 12 * 3_600  # seconds for one run
LONG = 1_800  # seconds of a round that is not begun again
FIRST, LAST = {0}, {(os.cpu_count() or 1) - 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How much is asked for. `seconds` a run; `scale` multiplies numbers of facts."""

    rounds: int = 5
    seconds: float = 5.0
    scale: float = 1.0
    peers: bool = True
    more: Mapping[str, float] | None = None

    def asked(self, case: Mapping[str, object]) -> Asked:
        return {"seconds": self.seconds, "scale": self.scale, **case, **(self.more or {})}


class Broken(Exception):
    """A contender did not answer."""


Round = dict[str, dict[str, Sample]]


def rounds(workload: Workload, terms: Terms, say: Say) -> Iterator[tuple[Round, dict[str, float]]]:
    """Each with the calibration before it."""
    who = _contenders(workload, terms, say)
    with _servers(workload) as extra:
        for case in workload.cases.values() if workload.prepare else ():
            assert workload.prepare
            workload.prepare({**terms.asked(case), **extra})
        for number in range(1 if workload.once else terms.rounds):
            yield _steady(workload, terms, who if number % 2 == 0 else who[::-1], extra, say)


def _contenders(workload: Workload, terms: Terms, say: Say) -> list[str]:
    """Peers whose environment cannot be had are left out, and it is said."""
    found = list(workload.ours)
    for name, peer in workload.peers.items() if terms.peers else ():
        try:
            python(peer.environment)
        except Unavailable as reason:
            say(f"{workload.id} {name}: not measured: {reason}")
        else:
            found.append(name)
    return found


def _steady(
    workload: Workload, terms: Terms, who: list[str], extra: Asked, say: Say
) -> tuple[Round, dict[str, float]]:
    """A round is begun again when the disk became another one meanwhile, unless it is long."""
    for attempt in range(AGAIN + 1):
        before, began = calibration(), monotonic()
        found = {case: _round(workload, case, terms, who, extra) for case in workload.cases}
        drift = calibration()["fdatasync_p50_ms"] / before["fdatasync_p50_ms"] - 1
        before["drift"] = drift
        if abs(drift) <= DRIFT or monotonic() - began > LONG:
            break
        say(f"{workload.id}: the disk moved by {drift:+.0%}, attempt {attempt + 1}")
    return found, before


def _round(
    workload: Workload, case: str, terms: Terms, who: list[str], extra: Asked
) -> dict[str, Sample]:
    asked = {**terms.asked(workload.cases[case]), **extra, "case": case}
    return {name: run(workload, name, asked) for name in who}


def run(workload: Workload, name: str, asked: Asked) -> Sample:
    """One contender once: a process that answers with a line of JSON."""
    asked = asked | {"disk": str(CACHE)}
    peer = workload.peers.get(name)
    if isinstance(peer, Peer):
        command = [str(python(peer.environment)), str(PEERS / peer.script)]
        asked["what"] = peer.what
    else:
        command = [sys.executable, "-m", "tests.bench.contender", workload.id, name]
    cores = LAST if workload.one_core else FIRST | LAST
    Path(asked["disk"]).mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*command, json.dumps(asked)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    if done.returncode or not done.stdout.strip():
        raise Broken(f"{workload.id} {name}: {done.stderr.strip()[-2_000:]}")
    sample: Sample = json.loads(done.stdout.strip().splitlines()[-1])
    return sample


@contextmanager
def _servers(workload: Workload) -> Iterator[Asked]:
    """A real broker on the first core, where a workload needs one."""
    with ExitStack() as open_:
        if not workload.kafka:
            yield {}
            return
        CACHE.mkdir(exist_ok=True)
        folder = open_.enter_context(tempfile.TemporaryDirectory(dir=CACHE))
        mine = os.sched_getaffinity(0)
        os.sched_setaffinity(0, FIRST)
        broker = open_.enter_context(kafka.broker(Path(folder)))
        os.sched_setaffinity(0, mine)
        yield {"servers": broker.servers, "broker": broker.against}
