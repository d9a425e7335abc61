"""The bus as topics and partitions, so that keys and positions mean what they do on Kafka."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import apsw

from shared.adapters.fairness import shared_out
from shared.adapters.sqlite.file import File, Synchronous
from shared.adapters.sqlite.partitioner import partition_of
from shared.adapters.sqlite.stamp import Schema
from shared.kernel.ports import Delivery, Record

TABLES = """
CREATE TABLE logs (
  id INTEGER PRIMARY KEY,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  last INTEGER NOT NULL,
  UNIQUE (topic, partition)
) STRICT;
CREATE TABLE records (
  log INTEGER NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  headers TEXT NOT NULL,
  value BLOB NOT NULL,
  published INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (log, position)
) STRICT
"""
EXTEND = """
INSERT INTO logs (topic, partition, last) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET last = last + excluded.last RETURNING id, last
"""
INSERT = "INSERT INTO records (log, position, key, headers, value) VALUES (?, ?, ?, ?, ?)"
EXPIRE = """
DELETE FROM records WHERE published <= unixepoch() - ? AND log IN (
  SELECT id FROM logs WHERE topic IN (SELECT value FROM json_each(?))
)
"""
LOGS = "SELECT topic, partition, id, last FROM logs"
FETCH = """
SELECT position, key, headers, value, published FROM records
WHERE log = ? AND position > ? ORDER BY position LIMIT ?
"""
Log = tuple[str, int, int]  # name, id, last position


def schema(partitions: int) -> Schema:
    return Schema(kind=f"bus/{partitions}", version=1, tables=TABLES)


class SqliteBus:
    """Several processes may publish to one file and fetch from it; nobody owns a log here.

    Publishing the same record twice stores it twice: the bus never drops a repeat. A file keeps
    the number of partitions it was made with: another one would move keys to other logs.
    """

    outages = 0  # what a disk has confirmed and lost, nobody goes on behind

    def __init__(
        self, path: Path, synchronous: Synchronous = "FULL", *, partitions: int = 6
    ) -> None:
        self._file = File(path, schema(partitions), synchronous)
        self._partitions = partitions
        self._logs: Mapping[str, Sequence[Log]] = {}
        self._known_at: tuple[apsw.Connection, int] | None = None
        self.close = self._file.close

    @property
    def incarnation(self) -> str:
        return self._file.incarnation

    async def publish(self, records: Sequence[Record]) -> None:
        batches: dict[tuple[str, int], list[tuple[str, str, bytes]]] = defaultdict(list)
        for r in records:
            headers = json.dumps(dict(r.headers), ensure_ascii=False) if r.headers else ""
            log = r.topic, partition_of(r.key, self._partitions)
            batches[log].append((r.key, headers, r.value))

        def work(db: apsw.Connection) -> None:
            for log, batch in batches.items():
                id_, last = db.execute(EXTEND, (*log, len(batch))).get
                at = enumerate(batch, last - len(batch) + 1)
                db.executemany(INSERT, ((id_, position, *row) for position, row in at))

        if records:
            await self._file.write(work)

    async def fetch(
        self, topics: Collection[str], *, after: Mapping[str, int], limit: int
    ) -> Sequence[Delivery]:
        return await self._file.read(lambda db: [*self._fetched(db, topics, after, limit)])

    async def ends(self, topics: Collection[str]) -> Mapping[str, int]:
        def work(db: apsw.Connection) -> dict[str, int]:
            known = self._known(db)
            return {log: last for topic in topics for log, _, last in known.get(topic, ())}

        return await self._file.read(work)

    async def expire(self, topics: Collection[str], *, keep: timedelta) -> int:
        seconds, named = int(keep.total_seconds()), json.dumps([*topics])

        def work(db: apsw.Connection) -> int:
            db.execute(EXPIRE, (seconds, named))
            return db.changes()

        return await self._file.write(work)

    def _known(self, db: apsw.Connection) -> Mapping[str, Sequence[Log]]:
        """Every log, read again only when some connection has committed."""
        if self._known_at != (at := (db, db.pragma("data_version"))):
            logs: dict[str, list[Log]] = defaultdict(list)
            for topic, partition, id_, last in db.execute(LOGS):
                logs[topic].append((f"{topic}/{partition}", id_, last))
            self._logs, self._known_at = logs, at
        return self._logs

    def _fetched(
        self,
        db: apsw.Connection,
        topics: Collection[str],
        after: Mapping[str, int],
        limit: int,
    ) -> Iterator[Delivery]:
        known = self._known(db)
        waiting = [
            (last - after.get(log, 0), (log, id_, topic))
            for topic in topics
            for log, id_, last in known.get(topic, ())
            if last > after.get(log, 0)
        ]
        for count, (log, id_, topic) in shared_out(waiting, limit):
            for position, key, headers, value, published in db.execute(
                FETCH, (id_, after.get(log, 0), count)
            ):
                named = json.loads(headers) if headers else {}
                record = Record(topic, key, value, named)
                yield Delivery(log, position, record, published * 1_000)
