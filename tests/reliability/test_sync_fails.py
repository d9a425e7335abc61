"""A10. A sync fails: nobody is answered with success for what it did not save, and it ends.

What a failed sync was to make safe is not on the disk and no later sync brings it there, so the
process stops, loudly, and the next start looks at what there is. strace puts the failures in.
SQLite ignores a folder's sync that fails; the adapter's own at the start is the one that counts.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from httpx2 import Client, TransportError

from shared.adapters.sqlite import SqliteStore
from shared.testing.contracts.store import run
from tests.reliability.disk import Disk, Event, traced
from tests.reliability.oracle import damage, facts_in, holes
from tests.reliability.serving import LIVENESS, nursery, order, prepare
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials
from tests.runtime.running import QUDAO, environment, free_port

SYNCS = range(1, 1 + trials(16, 40))
STORE, CHECKPOINT = "a.store.db", "6"
SAID = "said"
ENDED = re.compile("stopped: |not started: ")
FIRST = {"api": 3, "up": 15}  # what a start syncs by itself comes before
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(1_200, 7_200))]


async def test_nobody_is_answered_for_what_a_sync_did_not_save(
    tmp_path: Path, tally: Tally
) -> None:
    never: dict[str, list[Any]] = {"lost": [], "went on": [], "damaged": [], "not writable": []}
    failures, answers = 0, 0
    for nth in SYNCS:
        folder = tmp_path / f"data{nth}"
        folder.mkdir()
        command = ("tests.reliability.appending", str(folder / STORE), "FULL", CHECKPOINT)
        fault = f"inject=fsync,fdatasync:error=EIO:when={nth}"
        trace = tmp_path / "trace"
        status, events = traced(trace, folder, *command, "60", "a", fault=fault)
        failures += sum(event.kind == "failed" for event in events)
        answered, later = told(events)
        answers += len(answered)
        never["went on"] += [(nth, status), *later] if status == 0 or later else []
        on_disk(folder, events)
        never["lost"] += sorted(answered - await found(folder / STORE))
        never["damaged"] += damage(folder / STORE)
    tally(
        "A10 a sync fails under an append",
        {"failing syncs": failures},
        seen={"answers": answers},
        never=never,
    )


def told(events: Sequence[Event]) -> tuple[set[int], list[int]]:
    """What was answered, and what of it was asked after the failure."""
    answered, late, failed = set[int](), set[int](), False
    for event in events:
        failed = failed or (event.kind == "failed" and event.name != "")
        word, *numbers = event.name.split() if event.kind == "said" else [""]
        if word == "asked" and failed:
            late.add(int(numbers[0]))
        if word == "ok":
            answered.add(int(numbers[0]))
    return answered, sorted(answered & late)


def on_disk(folder: Path, events: Sequence[Event]) -> None:
    """The folder as it is when the power goes at the end: what no sync saved is not there."""
    disk = Disk()
    for event in events:
        disk.take(event)
    for file in folder.iterdir():
        file.unlink()
    for name, content in disk.image("nothing", Random(0)).items():
        (folder / name).write_bytes(content)


async def found(path: Path) -> set[int]:
    """The operations that the next start finds; it can write, too."""
    with closing(SqliteStore(path, "OFF")) as store:
        await store.append("after", run("after", 0, 1), expected=0)
    facts = facts_in(path)
    assert not any(holes(facts).values())
    return {fact.envelope["data"]["op"] for fact in facts if fact.stream != "after"}


@pytest.mark.parametrize("role", ["up", "api"])
def test_a_serving_process_ends_when_a_sync_fails(role: str, tmp_path: Path, tally: Tally) -> None:
    folder, silent, lost = tmp_path / "data", list[str](), list[str]()
    with nursery(folder, tmp_path / "room") as lives, lives.life() as life, life.client() as http:
        prepare(http)
        assert http.get("/v1/settled").json()["settled"]
        token = http.headers["Authorization"]
    answered = list[str]()
    for nth in range(FIRST[role], FIRST[role] + trials(2, 10)):
        with started(folder, tmp_path, nth, role) as (process, address):
            with Client(base_url=address, timeout=LIVENESS) as http:
                http.headers["Authorization"] = token
                answered += hammered(http, nth * 1_000) if address else []
            status, said = process.wait(LIVENESS), (tmp_path / SAID).read_text()
        if status != 1 or "disk I/O error" not in said or not ENDED.search(said):
            silent.append(f"{nth}: {status} {said[-300:]}")
    facts = facts_in(folder / "orders.store.db")
    there = {fact.envelope["data"].get("order_id") for fact in facts}
    lost += [name for name in answered if name not in there]
    tally(
        f"A10 a sync fails under qudao {role}",
        {"failing syncs": trials(2, 10)},
        seen={"answers": len(answered)},
        never={
            "lost": lost,
            "not ended loudly": silent,
            "damaged": damage(folder / "orders.store.db"),
        },
    )


def hammered(http: Client, first: int) -> list[str]:
    """Orders until it is gone, and which were answered with success; never after a failure."""
    answered = list[str]()
    for number in range(first, first + 500):
        body, key = order(number, "p0"), {"Idempotency-Key": f"k{number}"}
        try:
            answer = http.post("/v1/orders", json=body, headers=key)
        except TransportError:
            return answered
        if answer.status_code == 201:
            answered.append(f"o{number}")
    raise AssertionError(f"500 orders, and it still answers ({answer.status_code})")


@contextmanager
def started(
    folder: Path, room: Path, nth: int, role: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`qudao up` or `qudao api orders` whose threads that write each fail their nth sync.

    What it says goes to a file: it says much, and would wait for a pipe that nobody reads.
    """
    fault = f"inject=fdatasync:error=EIO:when={nth}"
    watched = ["strace", "-f", "--seccomp-bpf", "-o", str(room / "trace"), "-e", "trace=fdatasync"]
    wish = [role, *(["orders"] if role == "api" else []), "--port", str(free_port())]
    with (
        (room / SAID).open("w") as said,
        subprocess.Popen(
            [*watched, "-e", fault, str(QUDAO), *wish],
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = next((line for line in process.stdout if line.startswith("ready ")), "ready ")
            yield process, ready.removeprefix("ready ").strip()  # "": it met it at its start
        finally:
            _kill_child(process.pid)  # strace ends with it


def _kill_child(pid: int) -> None:
    """The one that strace watches, if it still lives."""
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
