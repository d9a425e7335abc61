"""A folder keeps its clock: `--clock` sets only an empty one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.runtime.clocks import KeptClock, clock, now

START = datetime(2026, 1, 5, tzinfo=UTC)
LATER = START + timedelta(days=1)


def test_an_empty_folder_takes_the_clock_that_is_given(tmp_path: Path) -> None:
    assert clock(tmp_path, START)() == START


def test_a_folder_goes_on_where_its_clock_stood(tmp_path: Path) -> None:
    kept = clock(tmp_path, START)
    assert isinstance(kept, KeptClock)
    kept.set(LATER)
    assert clock(tmp_path, None)() == LATER
    assert clock(tmp_path, START)() == LATER
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


def test_data_that_was_recorded_by_the_machines_clock_stays_on_it(tmp_path: Path) -> None:
    (tmp_path / "orders.store.db").touch()
    assert clock(tmp_path, START) is now
    assert clock(tmp_path, None) is now
