"""A clock that stands still until a test turns it."""

from datetime import UTC, datetime, timedelta


class HandClock:
    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def set(self, instant: datetime) -> None:
        """Also backwards: a machine's clock may do that too."""
        if instant.tzinfo is None:
            raise ValueError("an instant has a zone")
        self._now = instant.astimezone(UTC)
