"""An escalation waits for working hours: nobody answers at night or on a Sunday."""

from datetime import datetime, timedelta

import pytest

from services.notifications.domain.working_hours import after


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ("2026-01-05T09:00:00+08:00", "2026-01-05T13:00:00+08:00"),
        ("2026-01-05T16:00:00+08:00", "2026-01-06T11:00:00+08:00"),
        ("2026-01-05T23:30:00+08:00", "2026-01-06T13:00:00+08:00"),
        ("2026-01-05T14:00:00+08:00", "2026-01-05T18:00:00+08:00"),
        ("2026-01-09T17:00:00+08:00", "2026-01-12T12:00:00+08:00"),  # from Friday to Monday
        ("2026-01-10T10:00:00+08:00", "2026-01-12T13:00:00+08:00"),  # a Saturday
        ("2026-01-04T10:00:00+08:00", "2026-01-05T13:00:00+08:00"),  # a Sunday
    ],
)
def test_four_hours_of_work(told: str, due: str) -> None:
    assert after(datetime.fromisoformat(told), timedelta(hours=4)) == datetime.fromisoformat(due)
