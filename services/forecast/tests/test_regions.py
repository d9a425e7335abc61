"""When a region is judged, and what is reported once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.forecast.domain import anomaly, region
from services.forecast.domain.anomaly import RULE, anomaly_stream, reports
from services.forecast.domain.commands import JudgeRegion, ReportAnomaly, WatchRegion
from services.forecast.domain.events import RegionJudged, RegionWatched
from services.forecast.domain.region import Region, due, region_stream
from services.forecast.projections import REGIONS
from services.forecast.tests.envelopes import NothingToRead, sealed
from services.forecast.tests.test_episodes import NINE, after, weekly
from services.forecast.timers import fire, set_
from shared.contracts.forecast import SalesAnomalyDetected
from shared.contracts.money import Money
from shared.kernel.ports import Document
from shared.kernel.timer import ClearTimer, Due, SetTimer
from shared.testing.given import Given

EAST, MONDAY = "华东", date(2026, 3, 9)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
looked, found = Given(region.DECIDER), Given(anomaly.DECIDER)


def watch(at: datetime = NOW) -> WatchRegion:
    return WatchRegion(region=EAST, recorded_at=at, at=at)


def watched(on: date = MONDAY) -> RegionWatched:
    return RegionWatched(region=EAST, on=on)


def judge(on: date = MONDAY, again: bool = True) -> JudgeRegion:
    return JudgeRegion(on=on, again=again, at=NOW)


def done(on: date = MONDAY, then: date | None = None) -> RegionJudged:
    return RegionJudged(region=EAST, on=on, then=then)


def test_money_is_looked_at_on_the_monday_after_it_was_recorded() -> None:
    looked().when(watch()).then(watched())
    sunday = datetime(2026, 3, 8, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    looked().when(watch(sunday)).then(watched())
    looked().when(watch(sunday + timedelta(minutes=1))).then(watched(date(2026, 3, 16)))


def test_one_look_is_enough_for_a_week() -> None:
    looked(watched()).when(watch()).then()
    looked(watched()).when(watch(NOW + timedelta(7))).then()


def test_news_of_an_earlier_week_is_looked_at_earlier() -> None:
    looked(watched(date(2026, 3, 16))).when(watch()).then(watched())


def test_news_that_comes_after_its_monday_waits_for_the_next() -> None:
    looked(watched(), done()).when(watch()).then(watched(date(2026, 3, 16)))
    looked(watched(), done(then=date(2026, 3, 16))).when(watch()).then()


def test_a_judged_region_is_looked_at_again_while_it_lives() -> None:
    looked(watched()).when(judge()).then(done(then=date(2026, 3, 16)))
    looked(watched()).when(judge(again=False)).then(done())


def test_a_look_that_was_done_is_not_done_again() -> None:
    looked(watched(), done()).when(judge()).then()
    looked().when(judge()).then()


def test_the_timer_waits_an_hour_and_for_what_is_on_the_way() -> None:
    hour = datetime(2026, 3, 8, 17, tzinfo=UTC)  # Monday 01:00 in Shanghai
    assert list(set_(watched(), sealed(1))) == [SetTimer("week", hour, after_inputs=True)]
    assert list(set_(done(then=MONDAY), sealed(1))) == [SetTimer("week", hour, after_inputs=True)]
    assert list(set_(done(), sealed(1))) == [ClearTimer("week")]


def report(**other: Any) -> ReportAnomaly:
    ((_, command),) = reports(EAST, "CNY", weekly(*NINE, "65"), after(10), NOW)
    return replace(command, **other)


def detected() -> SalesAnomalyDetected:
    return SalesAnomalyDetected(
        rule=RULE,
        region=EAST,
        week=after(9),
        amount=cny("65"),
        mean=cny("100.00"),
        deviation=cny("10.00"),
        z=Decimal("-3.5000"),
        weeks=9,
    )


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def test_f_08_an_episode_is_reported_once_whoever_finds_it() -> None:
    found().when(report()).then(detected())
    found(detected()).when(report()).then()
    found(detected()).when(report(amount=cny("64"))).then()  # believed then


def test_an_episode_keeps_its_name_while_it_goes_on() -> None:
    streams = {
        stream
        for more in (["65"], ["65", "1"], ["65", "1", "900"])
        for stream, _ in reports(EAST, "CNY", weekly(*NINE, *more), after(9 + len(more)), NOW)
    }
    assert streams == {anomaly_stream(RULE, EAST, "CNY", after(9))}


class Known(NothingToRead):
    """Our streams and views, as far as a timer looks."""

    def __init__(self, weeks: Mapping[str, Any]) -> None:
        self.weeks = weeks

    async def fold(self, stream: str) -> Any:
        assert stream == region_stream(EAST)
        return Region(name=EAST, due=after(10))

    async def get(self, view: str, key: str) -> Document | None:
        assert (view, key) == (REGIONS.name, EAST)
        return {"region": EAST, "weeks": self.weeks} if self.weeks else None


async def fired(weeks: Mapping[str, Any]) -> list[Any]:
    when = due(after(10))
    set_by = sealed(1).id
    return list(await fire(Due(region_stream(EAST), "week", when, set_by), Known(weeks)))


async def test_the_timer_judges_each_currency_by_itself() -> None:
    low = {week.isoformat(): str(amount) for week, amount in weekly(*NINE, "65").items()}
    calm = {week.isoformat(): str(amount) for week, amount in weekly(*NINE, "99").items()}
    (stream, judge), (abnormal, command) = await fired({"CNY": low, "USD": calm})
    assert stream == region_stream(EAST)
    assert judge == JudgeRegion(on=after(10), again=True, at=due(after(10)))
    assert abnormal == anomaly_stream(RULE, EAST, "CNY", after(9))
    assert command == report(at=due(after(10)))


async def test_a_region_whose_money_went_elsewhere_is_left_alone() -> None:
    ((_, judge),) = await fired({})
    assert judge.again is False
