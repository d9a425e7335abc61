"""The bare view that every consumer of the bus writes: a key, a JSON document."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL", "wal_autocheckpoint": "4000"}
UPSERT = "INSERT INTO view VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document"


class Totals:
    """How often a partner's limit was set, and to what; a batch is one transaction."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "view.db", isolation_level=None)
        for name, value in PRAGMAS.items():
            self._db.execute(f"PRAGMA {name} = {value}")
        self._db.execute("CREATE TABLE view (key TEXT PRIMARY KEY, document TEXT)")
        self._rows: dict[str, dict[str, Any]] = {}
        self.close = self._db.close

    def fold(self, values: Iterable[bytes]) -> int:
        changed, done = set(), 0
        for value in values:
            event = json.loads(value)
            key = event["partitionkey"]
            row = self._rows.setdefault(key, {"count": 0})
            row["count"] += 1
            row["limit"] = event["data"]["limit"]["amount"]
            changed.add(key)
            done += 1
        self._db.execute("BEGIN")
        self._db.executemany(UPSERT, [(key, json.dumps(self._rows[key])) for key in changed])
        self._db.execute("COMMIT")
        return done
