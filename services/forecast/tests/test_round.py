"""Rounds of publishing: each Monday, each period once, until there is nothing left to say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.forecast.domain.commands import (
    AwaitRound,
    HoldRound,
    PublishForecast,
    RecordOpportunity,
)
from services.forecast.domain.events import OpportunityRecorded, RoundAwaited, RoundHeld
from services.forecast.domain.opportunity import DECIDER as OPPORTUNITY
from services.forecast.domain.publication import DECIDER as PUBLICATION
from services.forecast.domain.round import DECIDER as ROUND
from services.forecast.domain.round import Round, as_at, publishable
from services.forecast.policies import state, version
from services.forecast.projections.pipeline import OPPORTUNITIES
from services.forecast.tests.envelopes import NOW, sealed
from services.forecast.timers import set_
from shared.contracts.forecast import ForecastPublished, ForecastScope
from shared.contracts.leads import OpportunityLost, OpportunityStageChanged, OpportunityWon
from shared.contracts.money import Money
from shared.kernel.errors import Malformed, Refused
from shared.kernel.ports import Document
from shared.kernel.timer import ClearTimer, SetTimer
from shared.testing.given import Given

FIRST, SECOND = date(2025, 3, 10), date(2025, 3, 17)


def await_(at: datetime = NOW) -> AwaitRound:
    return AwaitRound(recorded_at=at, at=at)


def hold(on: date = FIRST, *, again: bool = True) -> HoldRound:
    return HoldRound(on=on, again=again, at=NOW)


def test_news_are_published_on_the_monday_after_them() -> None:
    Given(ROUND).when(await_()).then(RoundAwaited(on=FIRST))
    Given(ROUND)(RoundAwaited(on=FIRST)).when(await_()).then()
    Given(ROUND)(RoundAwaited(on=SECOND)).when(await_()).then(RoundAwaited(on=FIRST))


def test_news_that_come_after_their_monday_wait_for_the_next() -> None:
    held = RoundHeld(on=FIRST, then=None)
    Given(ROUND)(RoundAwaited(on=FIRST), held).when(await_()).then(RoundAwaited(on=SECOND))


def test_rounds_go_on_while_there_is_something_to_say() -> None:
    waiting = Given(ROUND)(RoundAwaited(on=FIRST))
    waiting.when(hold()).then(RoundHeld(on=FIRST, then=SECOND))
    waiting.when(hold(again=False)).then(RoundHeld(on=FIRST, then=None))
    waiting.when(hold(SECOND)).then()


def test_the_timer_waits_an_hour_and_for_what_is_on_the_way() -> None:
    hour = datetime(2025, 3, 9, 17, tzinfo=UTC)  # Monday 01:00 in Shanghai
    (timer,) = set_(RoundAwaited(on=FIRST), sealed(1))
    assert timer == SetTimer("week", hour, after_inputs=True)
    assert [*set_(RoundHeld(on=FIRST, then=None), sealed(1))] == [ClearTimer("week")]
    assert as_at(FIRST) == datetime(2025, 3, 9, 15, 59, 59, 999_999, tzinfo=UTC)


def test_a_week_is_named_by_its_monday_and_published_when_it_is_read() -> None:
    hour = datetime(2025, 3, 9, 17, tzinfo=UTC)
    assert publishable(FIRST, hour, Round(due=SECOND)) == FIRST
    with pytest.raises(Malformed) as other:
        publishable(FIRST + timedelta(days=1), hour, Round())
    assert other.value.slug == "publication-week-malformed"
    for now, round_ in ((hour - timedelta(seconds=1), Round()), (hour, Round(due=FIRST))):
        with pytest.raises(Refused) as early:
            publishable(FIRST, now, round_)
        assert early.value.slug == "publication-early"


def published(period: str = "2025-03", week: date = FIRST, amount: int = 5) -> ForecastPublished:
    money = Money(Decimal(amount), "CNY")
    return ForecastPublished(
        scope=ForecastScope(),
        period=period,
        week=week,
        as_at=as_at(week),
        closed=money,
        commit=money,
        best_case=money,
        pipeline=money,
    )


def test_a_period_is_published_once_a_week() -> None:
    both = PublishForecast(found=(published(amount=9), published("2025Q1")), at=NOW)
    Given(PUBLICATION).when(both).then(published(amount=9), published("2025Q1"))
    Given(PUBLICATION)(published()).when(both).then(published("2025Q1"))
    later = PublishForecast(found=(published(week=SECOND),), at=NOW)
    Given(PUBLICATION)(published()).when(later).then(published(week=SECOND))


def changed() -> OpportunityStageChanged:
    return OpportunityStageChanged(
        opportunity_id="o",
        customer_id="c",
        partner_id="acme",
        region="east",
        stage="报价",
        category="commit",
        probability=Decimal("0.9"),
        amount=Money(Decimal(7), "CNY"),
        expected_close=SECOND,
        revision=1,
    )


def recorded(place: int = 1) -> OpportunityRecorded:
    return version(changed(), sealed(place))


def test_each_version_is_recorded_once() -> None:
    again = RecordOpportunity(told=recorded(), at=NOW)
    Given(OPPORTUNITY).when(again).then(recorded())
    Given(OPPORTUNITY)(recorded()).when(again).then()
    Given(OPPORTUNITY)(recorded(2)).when(again).then(recorded())


def test_what_a_version_says_of_category_and_close() -> None:
    shared: dict[str, Any] = {"opportunity_id": "o", "customer_id": "c", "region": "east"}
    money = Money(Decimal(7), "CNY")
    won = OpportunityWon(**shared, amount=money, created_at=NOW, won_on=FIRST, reason="")
    lost = OpportunityLost(**shared, amount=money, lost_on=FIRST, reason="")
    assert [state(one) for one in (changed(), won, lost)] == [
        ("commit", SECOND),
        ("closed", FIRST),
        ("lost", FIRST),
    ]
    assert (recorded().stage, recorded().probability) == ("报价", Decimal("0.9"))
    assert version(won, sealed(2)).stage is None


def test_versions_are_a_set_and_the_latest_says_where_it_belongs() -> None:
    moved = replace(recorded(2), region="west")
    rows: list[Document | None] = []
    for order in ([recorded(), moved], [moved, recorded()]):
        row: Document | None = None
        for fact in order:
            row = OPPORTUNITIES.fold("o", row, fact, sealed(1))
        rows.append(row)
    assert rows[0] == rows[1]
    assert rows[0] is not None and rows[0]["region"] == "west"
