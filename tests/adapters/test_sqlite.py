"""The SQLite adapter keeps the ports' promises."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.kernel.errors import StaleVersion
from shared.testing.contracts.bus import BusContract
from shared.testing.contracts.finding import FindingContract
from shared.testing.contracts.people import PeopleContract
from shared.testing.contracts.store import EventStoreContract, run, sealed
from shared.testing.contracts.views import GenerationsContract, ViewsContract


class TestSqliteStore(EventStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with closing(SqliteStore(tmp_path / "x.store.db", "OFF")) as store:
            yield store

    async def test_counts_positions_from_one_without_gaps(self, store: SqliteStore) -> None:
        """Also with stale appends between others, in one transaction."""
        asked = [
            store.append(f"s{n // 2}", run(f"s{n // 2}", 0, 2), expected=0) for n in range(40)
        ]
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(d, StaleVersion) for d in done) == 20
        assert [at for at, _ in await store.follow(after=0, limit=99)] == [*range(1, 41)]

    async def test_stores_an_id_once_even_at_a_version_that_fits(self, store: SqliteStore) -> None:
        await store.append("a", run("a", 0, 1), expected=0)
        again = sealed("a", 1)._replace(sequence=2)
        with pytest.raises(StaleVersion):
            await store.append("a", [again], expected=1)
        assert await store.read("a") == run("a", 0, 1)


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
