"""L-02, l3: the working clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.calendar import BUSINESS
from shared.kernel.working_clock import WorkCalendar, after, between, national

CHINA = WorkCalendar(
    calendar_id="cn",
    version=1,
    workdays=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
    holidays=frozenset(date(2025, 10, day) for day in range(1, 9)),
)
NAIVE = WorkCalendar(calendar_id="naive", version=1)

DAYS = st.dates(date(2025, 9, 1), date(2025, 11, 30))
CALENDARS = st.builds(
    lambda on, off: WorkCalendar(calendar_id="x", version=1, workdays=on, holidays=off - on),
    st.frozensets(DAYS, max_size=12),
    st.frozensets(DAYS, max_size=30),
)
STARTS = st.datetimes(
    datetime(2025, 9, 1),
    datetime(2025, 11, 30),
    timezones=st.just(UTC),
)
SPANS = st.timedeltas(timedelta(seconds=1), timedelta(hours=200))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=BUSINESS)


def hours(n: int) -> timedelta:
    return timedelta(hours=n)


def test_eight_hours_over_a_make_up_sunday() -> None:
    assert after(at("09-26T16:00"), hours(8), CHINA.works) == at("09-28T15:00")


def test_the_national_calendar_knows_that_sunday() -> None:
    assert after(at("09-26T16:00"), hours(8), national) == at("09-28T15:00")


def test_a_naive_calendar_would_say_monday() -> None:
    assert after(at("09-26T16:00"), hours(8), NAIVE.works) == at("09-29T15:00")


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("09-24T09:00", 9, "09-24T18:00"),  # an end at closing stays there
        ("09-24T18:00", 1, "09-25T10:00"),  # closing time is outside
        ("09-24T20:00", 9, "09-25T18:00"),
        ("09-24T03:00", 1, "09-24T10:00"),
        ("09-27T12:00", 1, "09-28T10:00"),  # Saturday
        ("09-30T17:00", 2, "10-09T10:00"),  # the national week
        ("09-22T09:00", 45, "09-26T18:00"),  # five working days are 45 hours
        ("09-22T10:30", 9, "09-23T10:30"),
    ],
)
def test_the_clock_runs_from_nine_to_six(start: str, n: int, end: str) -> None:
    assert after(at(start), hours(n), CHINA.works) == at(end)


@given(STARTS, SPANS, CALENDARS)
def test_what_was_added_is_what_lies_between(
    start: datetime, span: timedelta, calendar: WorkCalendar
) -> None:
    end = after(start, span, calendar.works)
    assert between(start, end, calendar.works) == span
    assert between(start, end - timedelta(microseconds=1), calendar.works) < span


@given(STARTS, SPANS, SPANS, CALENDARS)
def test_one_span_after_another_is_both_together(
    start: datetime, one: timedelta, other: timedelta, calendar: WorkCalendar
) -> None:
    works = calendar.works
    assert after(after(start, one, works), other, works) == after(start, one + other, works)


@given(STARTS, STARTS, SPANS, CALENDARS)
def test_who_starts_later_ends_no_earlier(
    one: datetime, other: datetime, span: timedelta, calendar: WorkCalendar
) -> None:
    first, last = sorted([one, other])
    assert after(first, span, calendar.works) <= after(last, span, calendar.works)


@given(STARTS, SPANS, CALENDARS)
def test_an_end_lies_in_working_time(
    start: datetime, span: timedelta, calendar: WorkCalendar
) -> None:
    end = after(start, span, calendar.works).astimezone(BUSINESS)
    assert calendar.works(end.date())
    assert 9 <= end.hour < 18 or (end.hour, end.minute, end.second) == (18, 0, 0)
