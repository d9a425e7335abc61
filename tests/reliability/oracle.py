"""Judges a store by a journal: knows nothing of the code that wrote either.

The names are those of the invariants that each suite owes: I1 what was answered is stored once,
I2 nothing is stored that was not asked or was refused, I3 versions and positions have no holes,
I10 who read along saw a beginning of the final order and nothing else.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reliability.journal import Operation


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact as it lies there; `envelope` is its JSON."""

    position: int
    stream: str
    version: int
    envelope: Mapping[str, Any]


def facts_in(path: Path) -> list[Stored]:
    """Every fact of a store's file, read past the product with Python's own SQLite.

    Never of a file that this very process has open through the product: closing ours would drop
    the locks of both, as a process has only one set of them.
    """
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT position, stream, version, envelope FROM facts ORDER BY 1")
        return [Stored(at, stream, version, json.loads(raw)) for at, stream, version, raw in rows]


def damage(path: Path) -> list[str]:
    """What the engine's own full check finds: nothing, for a file that is whole."""
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]


def unfaithful(
    operations: Mapping[int, Operation], stored: Iterable[int]
) -> dict[str, Collection[Any]]:
    """`stored`: for each thing that is there, the number of the operation that asked for it."""
    times = Counter(stored)
    return {
        "lost": [n for n, one in operations.items() if one.outcome == "ok" and not times[n]],
        "doubled": [n for n, count in times.items() if count > 1],
        "never asked": [n for n in times if n not in operations],
        "refused yet there": [
            n for n, one in operations.items() if one.outcome == "fail" and times[n]
        ],
    }


def holes(facts: Sequence[Stored]) -> dict[str, Collection[Any]]:
    """Streams whose versions, and a log whose positions, do not count from 1 one by one."""
    streams: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        streams[fact.stream].append(fact.version)
    return {
        "holes in versions": [
            stream
            for stream, versions in streams.items()
            if versions != list(range(1, len(versions) + 1))
        ],
        "holes in positions": [
            fact.position for at, fact in enumerate(facts, start=1) if fact.position != at
        ],
    }


def not_a_beginning(seen: Sequence[Any], final: Sequence[Any]) -> list[Any]:
    """Where a reader that ran beside saw something else than the final order."""
    beyond = list(seen[len(final) :])
    return [(a, b) for a, b in zip(seen, final, strict=False) if a != b] + beyond
