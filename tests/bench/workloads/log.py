"""A long log in a store's file, made once and kept: what is replayed, relayed and grown."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import apsw

from shared.adapters.sqlite import SqliteStore
from shared.adapters.sqlite.store import INSERT, SCHEMA
from shared.contracts.event import Envelope
from shared.contracts.money import Money
from shared.contracts.partners import CreditLimitSet, PartnerEnrolled
from shared.kernel.codec import encode, pack
from tests.bench.environments import CACHE
from tests.bench.peers.traffic import zipf
from tests.bench.workloads.stores import BENCH, NOW

BATCH = 10_000
FACTS = 1_000_000
EVERY = 33  # facts for each partner


def facts(count: int) -> Iterator[Envelope]:
    """Partners enrolled and their credit limits set, by Zipf's law."""
    partners = max(1, count // EVERY)
    versions: dict[int, int] = {}
    chosen = zipf(partners)
    for number in range(count):
        partner = number if number < partners else next(chosen) % partners
        versions[partner] = version = versions.get(partner, 0) + 1
        yield _envelope(partner, version, number)


def path(count: int) -> Path:
    """A closed store with that many facts, of which nobody changes anything."""
    file = CACHE / "logs" / f"partners-{count}.v{SCHEMA.version}.store.db"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=file.parent) as folder:  # whole, or not there
            making = Path(folder) / file.name
            _fill(making, count)
            making.replace(file)
    return file


def _fill(file: Path, count: int) -> None:
    with closing(SqliteStore(file, "OFF")):
        pass
    db = apsw.Connection(str(file))
    with closing(db):
        for batch in _batches(facts(count)):
            with db:
                db.executemany(INSERT, batch)
        db.pragma("wal_checkpoint", "TRUNCATE")


def _batches(every: Iterator[Envelope]) -> Iterator[list[tuple[str, int, bytes, str, bytes]]]:
    while batch := list(islice(every, BATCH)):
        yield [(f.subject, f.sequence, f.id.bytes, f.fingerprint, pack(f)) for f in batch]


def _envelope(partner: int, version: int, number: int) -> Envelope:
    name = f"P{partner:07}"
    fact: PartnerEnrolled | CreditLimitSet
    if version == 1:
        fact = PartnerEnrolled(
            partner_id=name,
            type="distributor",
            level=("gold", "silver", "standard")[partner % 3],
            regions=("East",),
            industries=("water",),
            product_lines=("A", "B"),
        )
    else:
        fact = CreditLimitSet(partner_id=name, limit=Money(Decimal(number), "CNY"))
    id_ = UUID(int=number + 1)
    return Envelope(
        id=id_,
        source="/partners",
        type=type(fact).__name__,
        subject=f"partners.partner-{name}",
        time=NOW,
        dataschema=f"qudao:/schemas/{fact.schema_name()}",
        sequence=version,
        partitionkey=name,
        correlationid=BENCH,
        causationid=None,
        commandid=id_,
        actor="bench",
        occurredat=NOW,
        data=encode(fact),
        fingerprint="0" * 64,
    )
