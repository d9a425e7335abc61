"""What the workloads on the store share: our store as it is served, and the same file raw."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import apsw

from shared.adapters.sqlite import SqliteStore
from shared.adapters.sqlite.store import INSERT, SCHEMA
from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.codec import pack
from tests.bench.contest import Asked
from tests.bench.machine import PRAGMAS
from tests.bench.peers.traffic import encoded

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
BENCH = named("bench")
Row = tuple[str, int, bytes, str, bytes]


class Slowed(SqliteStore):
    """Shows that the gate is able to fail."""

    seconds = 0.0

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        await asyncio.sleep(self.seconds)
        return await super().append(stream, facts, expected=expected)


def opened(asked: Asked, folder: Path) -> SqliteStore:
    path = folder / "bench.store.db"
    if not asked.get("slow"):
        return SqliteStore(path)
    slowed = Slowed(path)
    slowed.seconds = asked["slow"]
    return slowed


def fact(stream: str, sequence: int, number: int) -> Envelope:
    """A payment with its whole envelope; ids are as unique as they have to be."""
    id_ = UUID(int=number << 64 | hash((stream, sequence)) & (1 << 64) - 1)
    return Envelope(
        id=id_,
        source="/bench",
        type="PaymentReceived",
        subject=stream,
        time=NOW,
        dataschema="qudao:/schemas/PaymentReceived.v1.json",
        sequence=sequence,
        partitionkey=f"partner-{number % 997}",
        correlationid=BENCH,
        causationid=None,
        commandid=id_,
        actor="bench",
        occurredat=NOW,
        data=encoded(number),
        fingerprint="0" * 64,
    )


def raw(folder: Path) -> apsw.Connection:
    """The same tables and pragmas in a connection of SQLite's own."""
    db = apsw.Connection(str(folder / "raw.db"))
    for name, value in PRAGMAS.items():
        db.pragma(name, value)
    db.execute(SCHEMA.tables)
    return db


class Rows:
    """Rows as our store writes them, made beforehand but for their ids."""

    def __init__(self) -> None:
        self._packed = pack(fact("bench.account-1", 1, 1))

    def __call__(self, stream: str, version: int, number: int) -> Row:
        return stream, version, number.to_bytes(16, "big"), "0" * 64, self._packed


def insert(db: apsw.Connection, rows: Sequence[Row]) -> None:
    """One durable transaction."""
    db.execute("BEGIN IMMEDIATE")
    db.executemany(INSERT, rows)
    db.execute("COMMIT")
