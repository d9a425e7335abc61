"""Takes records out of the folders of a broker that does not run, as a power cut may."""

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

LAST = 5
HEAD = 27  # of a batch: base offset (8), length of what follows (4), …, delta of the last one (4)
NOT_FACTS = ("__", "qudao.lead.")
DERIVED = ("*.index", "*.timeindex", "*.snapshot", "leader-epoch-checkpoint")
"""What the broker makes anew from a log."""


def lose(data: Path, *, whole: str = "", last: int = LAST) -> int:
    """The records of a whole topic, or at least the last few of every partition: how many."""
    lost = 0
    for folder in sorted(data.iterdir()):
        topic, _, number = folder.name.rpartition("-")
        if not (topic and number.isdigit()) or topic.startswith(NOT_FACTS):
            continue
        if whole in {"", topic}:
            lost += _cut(folder, last) if not whole else _gone(folder)
    return lost


def _gone(folder: Path) -> int:
    count = sum(count for log in folder.glob("*.log") for _, count in _batches(log))
    shutil.rmtree(folder)
    return count


def _cut(folder: Path, last: int) -> int:
    """Whole batches from the end of the newest segment, as many as hold so many records."""
    log = max(folder.glob("*.log"))
    lost = 0
    for at, count in reversed([*_batches(log)]):
        if lost >= last:
            break
        with log.open("r+b") as file:
            file.truncate(at)
        lost += count
    for pattern in DERIVED if lost else ():
        for derived in folder.glob(pattern):
            derived.unlink()
    return lost


def _batches(log: Path) -> Iterator[tuple[int, int]]:
    """Where each begins, and how many records it has. Behind them a segment may be zeros."""
    raw, at = log.read_bytes(), 0
    while at + HEAD <= len(raw):
        _, length = struct.unpack_from(">qi", raw, at)
        if length <= 0:
            return
        (delta,) = struct.unpack_from(">i", raw, at + HEAD - 4)
        yield at, delta + 1
        at += 12 + length
