"""A target is measured on the Mondays of its month and on the first one after it (N-02)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as over
from hypothesis import strategies as some

from services.forecast.domain.commands import MeasureAttainment
from services.forecast.domain.events import ActualRecorded, Piece
from services.forecast.domain.progress import Aim, looks, measured, next_look, percent
from services.forecast.domain.target import DECIDER, target_stream
from services.forecast.tests.envelopes import sealed
from services.forecast.timers import fire, set_
from shared.contracts.calendar import start_of
from shared.contracts.event import Envelope
from shared.contracts.forecast import AttainmentMeasured, TargetSet
from shared.contracts.money import Money
from shared.kernel.timer import Due, SetTimer
from shared.testing.given import Given

given = Given(DECIDER)
LATER = date(2026, 12, 31)
MONDAYS = [date(2026, 3, day) for day in (2, 9, 16, 23, 30)]
LAST = date(2026, 4, 6)


def cny(amount: str, currency: str = "CNY") -> Money:
    return Money(Decimal(amount), currency)


def at(day: str, time: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}+08:00").astimezone(UTC)


def aim(amount: str = "100000", day: str = "2026-03-01", revision: int = 1) -> Aim:
    fact = TargetSet(
        partner_id="acme",
        product_line="pumps",
        month="2026-03",
        target=cny(amount),
        revision=revision,
    )
    return Aim(at(day), fact)


def paid(amount: str, recorded: datetime, day: str = "2026-03-03", **of: str) -> ActualRecorded:
    net = cny(amount, of.get("currency", "CNY"))
    return ActualRecorded(
        partner_id="acme",
        payment_id=UUID(int=1),
        paid_on=date.fromisoformat(day),
        revision=1,
        deltas=(Piece(product_line=of.get("line", "pumps"), net=net),),
        fact_id=UUID(int=2),
        recorded_at=recorded,
    )


def told(sets: Sequence[Aim], *actuals: ActualRecorded) -> dict[str, int]:
    found = measured(sets, actuals, LATER)
    return {one.week.isoformat(): one.percent for one in found}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-02-01", [*MONDAYS, LAST]),  # its first day is a Sunday
        ("2026-03-18", [*MONDAYS[3:], LAST]),
        ("2026-03-23", [MONDAYS[4], LAST]),
        ("2026-05-20", [date(2026, 5, 25)]),
    ],
)
def test_it_is_measured_on_mondays_until_its_month_is_over(day: str, expected: list[date]) -> None:
    assert [*looks(aim(day=day), LATER)] == expected


def test_what_was_recorded_in_the_weeks_before_counts_and_nothing_later() -> None:
    eve, monday = at("2026-03-08", "23:59"), at("2026-03-09", "00:00")
    found = told([aim(day="2026-03-02")], paid("50000", eve), paid("30000", monday))
    assert found == {
        "2026-03-09": 50,
        "2026-03-16": 80,
        "2026-03-23": 80,
        "2026-03-30": 80,
        "2026-04-06": 80,
    }


def test_other_months_lines_and_currencies_are_no_progress() -> None:
    recorded = at("2026-03-04")
    others = (
        paid("1", recorded, "2026-02-28"),
        paid("1", recorded, "2026-04-01"),
        paid("1", recorded, line="valves"),
        paid("1", recorded, currency="USD"),
    )
    assert {*told([aim()], *others).values()} == {0}


def test_a_refund_takes_from_it() -> None:
    found = told([aim()], paid("60000", at("2026-03-04")), paid("-80000", at("2026-03-25")))
    assert [*found.values()] == [0, 60, 60, 60, -20, -20]


@pytest.mark.parametrize(
    ("collected", "expected"),
    [("99999.99", 99), ("100000", 100), ("100999.99", 100), ("0.01", 0), ("-0.01", -1)],
)
def test_a_percentage_is_never_rounded_up(collected: str, expected: int) -> None:
    assert percent(Decimal(collected), Decimal(100000)) == expected


def test_each_week_has_the_target_that_was_known_then() -> None:
    sets = [aim("100000"), aim("50000", day="2026-03-18", revision=2)]
    found = [*measured(sets, [paid("40000", at("2026-03-04"))], LATER)]
    assert [(one.revision, one.percent) for one in found] == [
        (1, 0),
        (1, 40),
        (1, 40),
        (2, 80),
        (2, 80),
        (2, 80),
    ]


def test_a_target_of_nothing_has_no_progress() -> None:
    assert told([aim("0")], paid("1", at("2026-03-04"))) == {}


@over(day=some.dates(date(2025, 1, 1), date(2027, 1, 1)), until=some.dates(max_value=LATER))
def test_whenever_it_is_asked_the_mondays_are_the_same(day: date, until: date) -> None:
    """A timer set from one Monday to the next meets them all, and asking late misses none."""
    one = Aim(start_of(day), aim().fact)
    all_ = [*looks(one, date.max)]
    assert [*looks(one, until)] == [week for week in all_ if week <= until]
    assert all(next_look(week, "2026-03") == then for week, then in pairwise(all_))
    assert next_look(all_[-1], "2026-03") is None


def test_a_week_is_told_once() -> None:
    one, two = [*measured([aim(day="2026-03-17")], [], LATER)][:2]
    set_before = given(aim().fact)
    set_before.when(MeasureAttainment(found=(one, two), at=at("2026-03-30"))).then(one, two)
    given(aim().fact, one).when(MeasureAttainment(found=(one, two), at=at("2026-03-30"))).then(two)
    given(aim().fact, one, two).when(MeasureAttainment(found=(one,), at=at("2026-03-30"))).then()


def recorded(fact: Any, at_: datetime) -> tuple[Any, Envelope]:
    return fact, sealed(1)._replace(time=at_)


class Facts:
    """What a reaction may read: streams alone."""

    def __init__(self, **streams: Sequence[tuple[Any, Any]]) -> None:
        self.streams = streams

    async def facts(self, stream: str) -> Sequence[tuple[Any, Any]]:
        return self.streams["own" if stream.startswith("forecast.target") else "actuals"]


async def test_a_timer_that_fires_late_tells_what_it_would_have_told() -> None:
    own = [recorded(one.fact, one.at) for one in (aim(), aim("1", "2026-04-01"))]
    payment = paid("50000", at("2026-03-04"))
    facts: Any = Facts(own=own, actuals=[recorded(payment, payment.recorded_at)])
    stream = target_stream("acme", "pumps", "2026-03")
    due = Due(stream, "week", at("2026-04-06", "01:00"), UUID(int=3))
    ((asked, command),) = await fire(due, facts)
    assert isinstance(command, MeasureAttainment)
    assert asked == stream
    assert [one.percent for one in command.found] == [0, 50, 50, 50, 50, 5_000_000]


def test_the_timer_goes_from_monday_to_monday() -> None:
    def next_(fact: TargetSet | AttainmentMeasured, day: str) -> Any:
        (timer,) = set_(*recorded(fact, at(day)))
        return timer.due if isinstance(timer, SetTimer) else None

    first, *_, last = measured([aim(day="2026-03-17")], [], LATER)
    assert next_(aim().fact, "2026-03-17") == at("2026-03-23", "01:00")
    assert next_(first, "2026-03-23") == at("2026-03-30", "01:00")
    assert next_(last, "2026-04-06") is None
