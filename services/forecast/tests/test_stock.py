"""Stock on a partner's shelf: F-08 with ruling f9."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations

from services.forecast.domain.commands import RecordStock
from services.forecast.domain.events import StockRecorded
from services.forecast.domain.stock import DECIDER, Report, Stock, judged
from shared.contracts.forecast import ChannelOverstocked, StockBelowSafety, StockRestored
from shared.testing.given import Given

given = Given(DECIDER)
MONDAY = date(2025, 1, 6)
NOW = datetime(2025, 1, 13, tzinfo=UTC)


def units(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def week(
    number: int, sell_in: int, out: int, on_hand: int | None = None, opening: int | None = None
) -> RecordStock:
    since = MONDAY + timedelta(weeks=number)
    return RecordStock(
        partner_id="p1",
        region="east",
        product_line="A",
        sku=None,
        since=since,
        until=since + timedelta(days=6),
        opening=units(opening),
        sell_in=Decimal(sell_in),
        sell_through=Decimal(out),
        on_hand=units(on_hand),
        at=NOW,
    )


def recorded(*commands: RecordStock) -> Stock:
    """As if they had come in this order."""
    state = DECIDER.initial
    for command in commands:
        state = (
            DECIDER.fold([*DECIDER.decide(command, state)])
            if not state.reports
            else _on(state, command)
        )
    return state


def _on(state: Stock, command: RecordStock) -> Stock:
    for fact in DECIDER.decide(command, state):
        state = DECIDER.evolve(state, fact)
    return state


def told(*commands: RecordStock) -> list[type]:
    """Which facts the last one brings."""
    before = recorded(*commands[:-1])
    return [type(fact) for fact in DECIDER.decide(commands[-1], before)]


def test_the_first_days_that_there_are_can_be_judged() -> None:
    """What a client may send is answered; dates have no day before them."""
    first = {(date.min, date.min + timedelta(days=6)): report(0, 14, 14, 0)}
    assert judged(first).weekly == 14
    longer = {(date.min, date.min + timedelta(days=55)): report(0, 80, 56, 24)}
    assert judged(longer).weekly == 7


def test_f08_closing_turns_and_sell_in_for_each_sold() -> None:
    quarter = {(MONDAY, MONDAY + timedelta(days=89)): report(300, 900, 520, 680)}
    found = judged(quarter)
    assert found.on_hand == 680
    assert found.turns is not None and round(found.turns, 2) == Decimal("1.06")
    assert found.ratio is not None and round(found.ratio, 2) == Decimal("1.73")
    assert found.stuffed


def report(opening: int, sell_in: int, out: int, closing: int) -> Report:
    return Report(
        opening=Decimal(opening),
        sell_in=Decimal(sell_in),
        sell_through=Decimal(out),
        closing=Decimal(closing),
    )


def test_f08_what_is_on_hand_lasts_eight_weeks_and_240_are_safe() -> None:
    state = recorded(*(week(n, 60, 60, on_hand=480) for n in range(4)))
    found = judged(state.reports)
    assert [found.weekly, found.weeks, found.safety] == [60, 8, 240]
    assert not found.below


def test_below_safety_is_less_and_told_once_until_it_is_restored() -> None:
    steady = [week(n, 60, 60, on_hand=480) for n in range(4)]
    at_safety, below = week(4, 60, 60, on_hand=240), week(4, 60, 60, on_hand=239)
    assert told(*steady, at_safety) == [StockRecorded]
    assert told(*steady, below) == [StockRecorded, StockBelowSafety]
    lower, again = week(5, 60, 60, on_hand=200), week(6, 60, 60, on_hand=300)
    assert told(*steady, below, lower) == [StockRecorded]
    assert told(*steady, below, lower, again) == [StockRecorded, StockRestored]


def test_overstocked_is_more_than_one_and_a_half_or_nothing_sold_on() -> None:
    assert told(week(0, 90, 60, on_hand=900)) == [StockRecorded]
    assert told(week(0, 91, 60, on_hand=900)) == [StockRecorded, ChannelOverstocked]
    assert told(week(0, 1, 0, on_hand=900)) == [StockRecorded, ChannelOverstocked]
    assert told(week(0, 0, 0, on_hand=900)) == [StockRecorded]


def test_the_same_again_means_nothing_and_other_figures_replace() -> None:
    first, other = week(0, 10, 5, on_hand=100), week(0, 10, 8, on_hand=97)
    assert told(first, first) == []
    assert judged(recorded(first, other).reports).on_hand == 97


def test_what_is_not_said_follows_from_the_week_before() -> None:
    state = recorded(week(0, 10, 5, opening=100), week(1, 10, 20))
    assert judged(state.reports).on_hand == 95


def test_what_cannot_be_is_refused() -> None:
    given().when(week(0, 10, 20)).refused("stock-negative")
    given().when(week(0, -1, 0, on_hand=3)).refused("stock-negative")
    turned = week(0, 1, 1)
    backwards = RecordStock(
        **{name: getattr(turned, name) for name in turned.__slots__} | {"until": date(2025, 1, 5)}
    )
    given().when(backwards).refused("stock-period-malformed")


def test_weeks_in_any_order_come_to_the_same() -> None:
    """Each says itself what was there: then nothing depends on what came before."""
    weeks = [week(n, 50 + n, 40 + 3 * n, on_hand=200 - 10 * n, opening=200) for n in range(4)]
    ends = [recorded(*order) for order in permutations(weeks)]
    assert {judged(one.reports).on_hand for one in ends} == {170}
    assert {one.below for one in ends} == {judged(ends[0].reports).below}
