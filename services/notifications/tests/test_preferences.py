"""Quiet hours and digests by the recipient's clock, working hours by the clock of the house."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.notifications.domain.outgoing.commands import SetPreferences
from services.notifications.domain.outgoing.events import PreferencesSet
from services.notifications.domain.outgoing.preference import DECIDER
from services.notifications.domain.outgoing.preferring import (
    Preferences,
    digest_due,
    following,
    quiet_until,
    told,
)
from services.notifications.domain.rule import Wording
from services.notifications.tests.facts import NOW
from shared.testing.given import Given

given = Given(DECIDER)
BERLIN = Preferences(zone="Europe/Berlin")
DAYTIME = Preferences(quiet_from="12:00", quiet_until="13:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("preferences", "now", "until"),
    [
        (Preferences(), "2026-01-05T20:59:59+08:00", None),
        (Preferences(), "2026-01-05T21:00:00+08:00", "2026-01-06T08:00:00+08:00"),
        (Preferences(), "2026-01-06T07:59:59+08:00", "2026-01-06T08:00:00+08:00"),
        (Preferences(), "2026-01-06T08:00:00+08:00", None),
        (BERLIN, "2026-01-05T21:00:00+08:00", None),  # 14:00 there
        (BERLIN, "2026-01-05T22:00:00+01:00", "2026-01-06T08:00:00+01:00"),
        (BERLIN, "2026-03-28T22:00:00+01:00", "2026-03-29T08:00:00+02:00"),  # clocks go forward
        (BERLIN, "2026-10-24T22:00:00+02:00", "2026-10-25T08:00:00+01:00"),  # and back
        (DAYTIME, "2026-01-05T12:15:00+08:00", "2026-01-05T13:30:00+08:00"),
        (DAYTIME, "2026-01-05T22:00:00+08:00", None),
        (Preferences(quiet_from=None, quiet_until=None), "2026-01-05T23:00:00+08:00", None),
    ],
)
def test_quiet_hours_are_of_the_recipients_zone(
    preferences: Preferences, now: str, until: str | None
) -> None:
    assert quiet_until(preferences, at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-01-05T08:59:59+01:00", "2026-01-05T09:00:00+01:00"),
        ("2026-01-05T09:00:00+01:00", "2026-01-06T09:00:00+01:00"),
        ("2026-03-28T12:00:00+01:00", "2026-03-29T09:00:00+02:00"),
    ],
)
def test_a_digest_is_due_at_its_time_in_the_recipients_zone(now: str, due: str) -> None:
    wants = Preferences(zone="Europe/Berlin", digest_at="09:00")
    assert digest_due(wants, at(now)) == at(due)
    assert digest_due(BERLIN, at(now)) is None


@for_all(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
    st.times(),
)
def test_the_next_time_is_ahead_and_within_two_days(
    now: datetime, zone: str, wall: object
) -> None:
    found = following(f"{wall:%H:%M}", zone, now)
    assert timedelta() < found - now <= timedelta(days=2)


def test_the_language_is_the_recipients() -> None:
    wording = Wording(zh="你好", en="hello")
    assert told(Preferences(), wording) == "你好"
    assert told(Preferences(language="en"), wording) == "hello"


def test_preferences_are_set_and_the_last_ones_count() -> None:
    asked = Preferences(language="en", digest_at="09:00")
    command = SetPreferences(owner="partner:acme", partner_id="acme", preferences=asked, at=NOW)
    fact = PreferencesSet(
        owner="partner:acme",
        partner_id="acme",
        language="en",
        zone=asked.zone,
        quiet_from="21:00",
        quiet_until="08:00",
        digest_at="09:00",
    )
    given().when(command).then(fact)
    given(fact).when(command).then()
    assert DECIDER.fold([fact]) == asked
