"""Workers of `qudao stream forecast` as processes, and what they should show: an own reckoning."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import monotonic

from httpx2 import Client, HTTPError

from services.forecast.tests.test_rates import told
from shared.adapters.sqlite import SqliteStore
from shared.contracts.event import Envelope
from shared.contracts.orders import PaymentAllocated, PaymentReceived
from shared.testing.servers.ports import Port

MONDAY = date(2026, 3, 16)
FROM, UNTIL, ELAPSED = date(2026, 2, 23), date(2026, 3, 23), 22  # four weeks, today is its 22nd
PARTITIONS, LIVENESS, STILL = 3, 150, 3.0
QUDAO = Path(sys.executable).with_name("qudao")
LINE = re.compile(
    r'qudao_stream_(collected|run_rate)\{currency="(.*?)",.*"(.*?)",.*"(.*?)"\} (.*)'
)
Paid = PaymentReceived | PaymentAllocated
Place = tuple[str, str, str]
Figures = dict[Place, tuple[float, float]]


@dataclass(slots=True)
class Worker:
    """One process; `shows` are its metrics without labels, and its figures."""

    process: "subprocess.Popen[str]"
    address: str
    log: Path

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(LIVENESS)

    def shows(self) -> tuple[dict[str, float], Figures]:
        with Client(base_url=self.address, timeout=LIVENESS) as http:
            lines = http.get("/metrics").text.splitlines()
        plain = [line.split() for line in lines if line.startswith("qudao_stream_")]
        known = {name: float(value) for name, value, *_ in plain if "{" not in name}
        figures: dict[Place, dict[str, float]] = defaultdict(dict)
        for found in filter(None, map(LINE.fullmatch, lines)):
            name, currency, line, region, value = found.groups()
            figures[region, line, currency][name] = float(value)
        shown = {at: (one["collected"], one["run_rate"]) for at, one in figures.items()}
        return known, {at: one for at, one in shown.items() if one[0]}


@dataclass(slots=True)
class Crew:
    """Workers of one group, on one clock that stands at noon of a Monday, and one store."""

    folder: Path
    settings: Mapping[str, str]
    stack: ExitStack
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "clock").write_text(f"{MONDAY}T12:00:00+08:00")

    def start(self) -> Worker:
        port, log = Port(), self.folder / f"worker-{len(self.workers)}.log"
        self.stack.callback(port.release)
        process = self._process(port.number, log)
        worker = Worker(process, self._address(process, log), log)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        self.workers.append(worker)
        return worker

    def refuses(self, *without: str) -> tuple[int, str]:
        """A start that comes to nothing: its exit code, and what it says."""
        port, log = Port(), self.folder / "refused.log"
        process = self._process(port.number, log, *without)
        code = process.wait(LIVENESS)
        port.release()
        return code, log.read_text()

    async def reported(self) -> list[Envelope]:
        """All that was told, when something was and nothing more comes."""
        deadline, found = monotonic() + LIVENESS, list[Envelope]()
        while not found:
            assert monotonic() < deadline
            await asyncio.sleep(STILL)
            with closing(SqliteStore(self.folder / "forecast.store.db")) as store:
                found = [one for _, one in await store.follow(after=0, limit=1_000)]
        return found

    def figures(self, *workers: Worker, wanted: Figures | None = None) -> Figures:
        """Together, when all is read and nothing moved for a while. Nobody has another's group.

        A busy machine may stand still in the middle: what is `wanted` is waited for, in vain too.
        """
        deadline = monotonic() + LIVENESS
        found = self._figures(*workers)
        while wanted is not None and found != wanted and monotonic() < deadline:
            found = self._figures(*workers)
        return found

    def _figures(self, *workers: Worker) -> Figures:
        deadline, still, before = monotonic() + LIVENESS, monotonic(), None
        while monotonic() - still < STILL or before is None:
            assert monotonic() < deadline, [one.shows() for one in workers]
            now = self._looked(workers)
            if now is None or now != before:
                still, before = monotonic(), now
            _pause()
        together = [place for _, figures in before for place in figures]
        assert len(together) == len(set(together))
        return {place: one for _, figures in before for place, one in figures.items()}

    def _looked(self, workers: Sequence[Worker]) -> list[tuple[float, Figures]] | None:
        found = []
        for worker in workers:
            if worker.process.poll() is not None:
                self._again(worker)
                return None
            try:
                known, figures = worker.shows()
            except HTTPError:
                return None
            if known["qudao_stream_lag_facts"] or not known["qudao_stream_held"]:
                return None
            found.append((known["qudao_stream_events_total"], figures))
        return found

    def _again(self, worker: Worker) -> None:
        """As a supervisor does with the one end that is Faust's and not ours."""
        assert "Faust stands still" in worker.log.read_text(), worker.log.read_text()[-3_000:]
        other = self.start()
        worker.process, worker.address, worker.log = other.process, other.address, other.log

    def _process(self, port: int, log: Path, *without: str) -> "subprocess.Popen[str]":
        own = {"QUDAO_DATA": str(self.folder), "QUDAO_TEST": "1", "QUDAO_PORT": str(port)}
        wanted = {**os.environ, "QUDAO_PARTITIONS": str(PARTITIONS), **self.settings, **own}
        with log.open("w") as said:
            return subprocess.Popen(
                [QUDAO, "stream", "forecast"],
                env={key: value for key, value in wanted.items() if key not in without},
                stdout=said,
                stderr=said,
                text=True,
            )

    def _address(self, process: "subprocess.Popen[str]", log: Path) -> str:
        deadline = monotonic() + LIVENESS
        while not (found := re.search(r"^ready (\S+)$", log.read_text(), re.M)):
            assert process.poll() is None and monotonic() < deadline, log.read_text()[-3_000:]
            _pause()
        return found[1]


def _pause() -> None:
    import time  # noqa: PLC0415

    time.sleep(0.3)


def payments(random: Random, count: int) -> Iterator[Paid]:
    """Some told again with another region, line or amount, in the weeks around the window."""
    for number in range(count):
        on = MONDAY - timedelta(random.randrange(-2, 50))
        partner = f"p{random.randrange(12)}"
        for revision in range(1, random.choice([1, 1, 1, 2, 3]) + 1):
            net = str(Decimal(random.randrange(1, 100_000)) / 100)
            more = {"region": random.choice(["华东", "华北", "华南", "西南", "东北"])}
            more |= {"line": random.choice(["pumps", "valves"])}
            more |= {"currency": random.choice(["CNY", "CNY", "USD"])}
            yield told(number, on, net, revision, partner=partner, **more)


def reckoned(facts: Sequence[Paid]) -> Figures:
    """From all facts at once, by the days of the window, knowing nothing of weeks."""
    latest = {fact.payment_id: fact for fact in sorted(facts, key=lambda fact: fact.revision)}
    sums: dict[Place, Decimal] = defaultdict(Decimal)
    for fact in latest.values():
        for allocation in fact.allocations if FROM <= fact.paid_on < UNTIL else ():
            for line in allocation.lines:
                place = (allocation.region, line.product_line, line.net.currency)
                sums[place] += line.net.amount
    return {at: (float(one), float(one * 28 / ELAPSED)) for at, one in sums.items() if one}
