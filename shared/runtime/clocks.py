"""The clock of an installation: the machine's, or one turned by hand and kept in a file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.kernel.ports import Clock
from shared.runtime.platform import HandTurned


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class KeptClock(HandTurned):
    """Hand-turned, and kept in the data folder, so that a restart goes on where it stood."""

    path: Path

    def set(self, instant: datetime) -> None:
        self.now = instant.astimezone(UTC)
        beside = self.path.with_suffix(".new")
        beside.write_text(self.now.isoformat())
        beside.replace(self.path)  # whole, or as it was


def clock(folder: Path, given: datetime | None) -> Clock:
    """`given` sets the clock of an empty folder only; a folder with data keeps its own."""
    path = folder / "clock"
    if path.exists():
        return KeptClock(datetime.fromisoformat(path.read_text()), path)
    if given is None or any(folder.glob("*.store.db")):
        return now
    kept = KeptClock(given.astimezone(UTC), path)
    kept.set(given.astimezone(UTC))
    return kept
