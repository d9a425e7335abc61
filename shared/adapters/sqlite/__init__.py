"""Store, bus, views and people in SQLite files: no server, the same promises."""

from shared.adapters.sqlite.backup import backup, restore
from shared.adapters.sqlite.bus import SqliteBus
from shared.adapters.sqlite.people import SqlitePeople
from shared.adapters.sqlite.store import SqliteStore
from shared.adapters.sqlite.views import SqliteViews

__all__ = ["SqliteBus", "SqlitePeople", "SqliteStore", "SqliteViews", "backup", "restore"]
