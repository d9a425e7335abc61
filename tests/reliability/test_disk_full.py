"""A11. The disk is full: writes are refused cleanly, reads go on, and room is all that it needs.

`qudao up` on a small file system of its own (a tmpfs in a mount namespace, which needs root);
we fill it from outside through /proc, and keep our journal on the real disk. A list whose view
cannot take up what its store has stored says so (507) and never shows the past; all else answers.
"""

import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from httpx2 import Client

from tests.reliability import journal
from tests.reliability.journal import Journal
from tests.reliability.oracle import damage, facts_in, holes, unfaithful
from tests.reliability.serving import LIVENESS, nursery, order, prepare
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

CYCLES, SIZE = trials((5, "40m"), (30, "160m"))  # what all cycles write has to fit in
MOUNTED = 'mkdir -p "$0" && mount -t tmpfs -o size="$1" none "$0" && shift && exec "$@"'
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(900, 5_400))]


def small(folder: Path) -> list[str]:
    """A command that runs another one where `folder` is a file system of its own."""
    return ["unshare", "-m", "sh", "-c", MOUNTED, str(folder), SIZE]


def can_mount(folder: Path) -> bool:
    tried = subprocess.run([*small(folder), "true"], check=False, capture_output=True)
    return tried.returncode == 0


class Room:
    """The small file system, seen from outside."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}/root{folder}")
        self._filling = self.folder / "filling"

    def fill(self, leave: int) -> None:
        """Up to a last `leave` bytes, which the product may fill."""
        with self._filling.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
            file.truncate(file.tell() - leave)

    def free(self) -> None:
        self._filling.unlink()


def test_a_full_disk_refuses_cleanly_and_goes_on_once_there_is_room(
    tmp_path: Path, tally: Tally
) -> None:
    folder = tmp_path / "data"
    if not can_mount(tmp_path / "try"):
        pytest.skip("A11: no mount namespace can be had here (needs root)")
    with (
        closing(Journal(tmp_path / "kept")) as kept,
        nursery(folder, tmp_path / "room", *small(folder)) as lives,
        lives.life() as life,
        life.client() as http,
    ):
        prepare(http)
        http.get("/v1/settled")
        random, room, unread, slowest = Random(11), Room(folder, life.pid), list[str](), 0.0
        for _ in range(CYCLES):
            room.fill(random.randrange(1 << 20))
            refused_until_full(http, kept, unread)
            room.free()
            slowest = max(slowest, resumed(http, kept))
        settled = http.get("/v1/settled", params={"timeout": LIVENESS}).json()
        copy = copied(room.folder, tmp_path / "copy")
        died = life.status is not None
    asked = journal.read(kept.path)
    statuses = Counter(one.answer.get("status") for one in asked.values())
    facts = facts_in(copy / "orders.store.db")
    told = [fact.envelope["data"] for fact in facts if fact.envelope["type"] == "OrderSubmitted"]
    tally(
        "A11 the disk is full",
        {"cycles": CYCLES},
        seen={"answered": statuses[201], "refused with 507": statuses[507]},
        never=unfaithful(asked, [int(one["order_id"][1:]) for one in told])
        | holes(facts)
        | {
            "other refusals": [code for code in statuses if code not in {201, 507}],
            "reads that failed": unread,
            "damaged": [wrong for path in copy.glob("*.db") for wrong in damage(path)],
            "restarts": ["it died"] * died,
            "parked": range(settled["parked"]),
        },
        told={"slowest to write again, s": round(slowest, 2)},
    )


def refused_until_full(http: Client, kept: Journal, unread: list[str]) -> None:
    """Orders until some are refused in a row; what was there before can still be read."""
    refused = 0
    while refused < 5:
        refused = refused + 1 if ask(http, kept) == 507 else 0
        for path in ("/v1/orders", "/v1/accounts/p0", "/v1/partners", "/health/live"):
            status = http.get(path).status_code
            if status != 200 and (status, path) != (507, "/v1/orders"):
                unread.append(f"{path}: {status}")


def resumed(http: Client, kept: Journal) -> float:
    """Seconds until a command is accepted and everything has followed it."""
    began = time.monotonic()
    while ask(http, kept) != 201:
        assert time.monotonic() - began < LIVENESS
        time.sleep(0.05)
    assert http.get("/v1/settled", params={"timeout": LIVENESS}).status_code == 200
    return time.monotonic() - began


def ask(http: Client, kept: Journal) -> int:
    number = kept.asked()
    key = {"Idempotency-Key": f"k{number}"}
    status = http.post("/v1/orders", json=order(number, "p0"), headers=key).status_code
    kept.told(number, "ok" if status == 201 else "fail", status=status)
    return status


def copied(folder: Path, target: Path) -> Path:
    target.mkdir()
    for path in folder.glob("*.db*"):
        (target / path.name).write_bytes(path.read_bytes())
    return target
