"""The SQLite adapter keeps the ports' promises."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.testing.contracts.bus import BusContract
from shared.testing.contracts.finding import FindingContract
from shared.testing.contracts.people import PeopleContract
from shared.testing.contracts.store import EventStoreContract
from shared.testing.contracts.views import GenerationsContract, ViewsContract


class TestSqliteStore(EventStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with closing(SqliteStore(tmp_path / "x.store.db", "OFF")) as store:
            yield store


class TestSqliteBus(BusContract):
    @pytest.fixture
    def bus(self, tmp_path: Path) -> Iterator[SqliteBus]:
        with closing(SqliteBus(tmp_path / "bus.db", "OFF")) as bus:
            yield bus


class TestSqliteViews(ViewsContract, GenerationsContract, FindingContract):
    @pytest.fixture
    def views(self, tmp_path: Path) -> Iterator[SqliteViews]:
        with closing(SqliteViews(tmp_path / "x.views.db", "OFF")) as views:
            yield views


class TestSqlitePeople(PeopleContract):
    @pytest.fixture
    def people(self, tmp_path: Path) -> Iterator[SqlitePeople]:
        with closing(SqlitePeople(tmp_path / "x.people.db", "OFF")) as people:
            yield people
