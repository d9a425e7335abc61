"""Lives of `tests.reliability.mortal`, and what they left in their files.

Files are read with Python's own SQLite: the judge does not use what it judges.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.reliability.oracle import Stored, facts_in
from tests.reliability.reckoning import fen


@dataclass(slots=True)
class Lives:
    """Born with the product imported, so a life costs only its work."""

    nursery: "subprocess.Popen[str]"
    said: Path
    born: int = 0
    living: set[int] = field(default_factory=set)

    def begin(self, folder: Path, contexts: list[str], at: str, **more: Any) -> int:
        self.born += 1
        wish = {"folder": str(folder), "contexts": contexts, "at": at, "said": str(self.said)}
        pid = int(self._ask(wish | more)["pid"])
        self.living.add(pid)
        return pid

    def wait(self, pid: int) -> dict[str, Any]:
        """Until it ends or stops."""
        told = self._ask({"wait": pid})
        if not told["stopped"]:
            self.living.discard(pid)
        return told

    def lived(self, folder: Path, contexts: list[str], at: str, **more: Any) -> int:
        """The wait status of a whole life."""
        return int(self.wait(self.begin(folder, contexts, at, **more))["status"])

    def words(self) -> list[str]:
        """What lives said since it was last asked."""
        told = self.said.read_text().splitlines() if self.said.exists() else []
        self.said.unlink(missing_ok=True)
        return told

    def _ask(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self.nursery.stdin and self.nursery.stdout
        self.nursery.stdin.write(json.dumps(wish) + "\n")
        self.nursery.stdin.flush()
        answer: dict[str, Any] = json.loads(self.nursery.stdout.readline())
        return answer


@contextmanager
def lives(folder: Path) -> Iterator[Lives]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.mortal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as nursery:
        found = Lives(nursery, folder / "said")
        try:
            yield found
        finally:
            for pid in found.living:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            nursery.kill()


def dumped(folder: Path) -> dict[str, list[str]]:
    """Every row of every table of every file of facts, views and records."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.db")):
        if path.name.endswith(".people.db"):
            continue
        with closing(sqlite3.connect(path)) as db:
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            for name in names:
                rows = sorted(map(repr, db.execute(f"SELECT * FROM {name}")))
                found[f"{path.name}/{name}"] = rows
    return found


def positions(folder: Path, context: str, consumer: str) -> dict[str, int]:
    with closing(sqlite3.connect(folder / f"{context}.views.db")) as db:
        sql = "SELECT log, position FROM positions WHERE consumer = ?"
        return dict(db.execute(sql, (consumer,)))


def documents_of(folder: Path, context: str, view: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / f"{context}.views.db")) as db:
        sql = "SELECT id FROM generations WHERE view = ? AND role = 'live'"
        ((table,),) = db.execute(sql, (view,))
        rows = db.execute(f"SELECT document FROM documents_{table}")
        return [json.loads(text) for (text,) in rows]


def collected(facts: list[Stored]) -> dict[str, dict[str, int]]:
    """Forecast's own facts, added up by hand: partner and product line, month → fen."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in facts:
        if one.envelope["type"] == "ActualRecorded":
            data = one.envelope["data"]
            for delta in data["deltas"]:
                key = f"{data['partner_id']}/{delta['product_line']}"
                sums[key][data["paid_on"][:7]] += fen(delta["net"])
    return {key: {m: c for m, c in one.items() if c} for key, one in sums.items() if any(one)}


def shown(folder: Path) -> dict[str, dict[str, int]]:
    rows = documents_of(folder, "forecast", "forecast.collected")
    return {
        f"{row['partner_id']}/{row['product_line']}": {
            month: fen({"amount": amount}) for month, amount in row["months"]["CNY"].items()
        }
        for row in rows
    }


def ahead(folder: Path) -> list[str]:
    """Where a position and its effect are not the same moment (B4), in forecast's files."""
    facts, wrong = facts_in(folder / "forecast.store.db"), list[str]()
    at = positions(folder, "forecast", "forecast.collected.v1.g1").get("store", 0)
    expected = {n: s for n, s in collected(facts[:at]).items() if s}
    if shown(folder) != expected:
        wrong.append(f"forecast.collected at {at} is not the fold of the facts until there")
    done: dict[str, int] = {}
    for one in facts:
        if one.envelope["type"] == "ActualRecorded":
            data = one.envelope["data"]
            done[data["payment_id"]] = max(data["revision"], done.get(data["payment_id"], 0))
    policy = positions(folder, "forecast", "forecast.when-payment-told-record")
    for log, position, event in on_the_bus(folder):
        data = event["data"]
        if position <= policy.get(log, 0) and done.get(data["payment_id"], 0) < data["revision"]:
            wrong.append(f"the policy is past {log}/{position}, which left nothing")
    return wrong


def on_the_bus(folder: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Payments as they lie there."""
    with closing(sqlite3.connect(folder / "bus.db")) as db:
        rows = db.execute(
            "SELECT topic, partition, position, value FROM records JOIN logs ON log = id "
            "WHERE topic IN ('PaymentReceived', 'PaymentAllocated')"
        ).fetchall()
    for topic, partition, position, value in rows:
        yield f"{topic}/{partition}", position, json.loads(value)
