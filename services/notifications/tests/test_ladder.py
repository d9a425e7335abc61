"""An escalation waits for working hours: nobody answers at night, on a Sunday, in the holidays."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from services.notifications.domain.events import NotificationRaised
from services.notifications.tests.facts import notice, sealed
from services.notifications.timers import ESCALATE, when
from shared.kernel.timer import SetTimer


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ("2026-01-05T09:00:00+08:00", "2026-01-05T13:00:00+08:00"),
        ("2026-01-05T16:00:00+08:00", "2026-01-06T11:00:00+08:00"),
        ("2026-01-05T03:00:00+08:00", "2026-01-05T13:00:00+08:00"),
        ("2026-01-05T23:30:00+08:00", "2026-01-06T13:00:00+08:00"),
        ("2026-01-05T14:00:00+08:00", "2026-01-05T18:00:00+08:00"),
        ("2026-01-09T17:00:00+08:00", "2026-01-12T12:00:00+08:00"),  # from Friday to Monday
        ("2026-01-10T10:00:00+08:00", "2026-01-12T13:00:00+08:00"),  # a Saturday
        ("2026-01-04T10:00:00+08:00", "2026-01-04T14:00:00+08:00"),  # a Sunday made up for
        ("2026-02-14T16:00:00+08:00", "2026-02-24T11:00:00+08:00"),  # over 春节
    ],
)
def test_a_superior_is_told_after_four_hours_of_work(told: str, due: str) -> None:
    laddered = replace(notice(), ladder=("role:manager",))
    raised = NotificationRaised(
        notification_id=UUID(int=2),
        subject="o-1",
        episode="1",
        fact_id=UUID(int=1),
        notice=laddered,
    )
    envelope = sealed(raised)._replace(time=datetime.fromisoformat(told))
    assert [*when(raised, envelope)] == [SetTimer(ESCALATE, datetime.fromisoformat(due))]
