"""The pipeline spread over months: F-04, F-06, and nothing from the future."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.forecast.domain.blend import Opinion, blended
from services.forecast.domain.deals import Deal, Pace, known, won_by_month
from services.forecast.domain.history import History, quarter_naive
from services.forecast.domain.pipeline import Pipeline, weighted
from services.forecast.domain.trial import Trial

BEGIN = date(2025, 1, 1)


def deal(
    number: int, engaged: int, closed: int | None = None, *, won: bool = True, amount: int = 100
) -> Deal:
    """Days counted from the first of 2025."""
    return Deal(
        deal_id=str(number),
        office="east",
        product="a",
        engaged=BEGIN + timedelta(engaged),
        closed=None if closed is None else BEGIN + timedelta(closed),
        won=won and closed is not None,
        amount=Decimal(amount if won and closed is not None else 0),
    )


def test_f04_mean_and_deviation_of_a_weighted_pipeline() -> None:
    chances = {100: "0.9", 250: "0.5", 400: "0.2"}
    mean, deviation = weighted([(Decimal(a), Decimal(p)) for a, p in chances.items()])
    assert (mean, round(deviation, 1)) == (Decimal(295), Decimal("205.2"))


def test_f06_weights_by_the_inverse_square_of_past_errors() -> None:
    partner, model = Opinion(Decimal(120), Decimal("0.25")), Opinion(Decimal(100), Decimal("0.1"))
    found = blended([partner, model])
    assert found is not None and round(found, 2) == Decimal("102.76")


def test_an_unproven_author_takes_no_part_unless_all_are() -> None:
    proven, new = Opinion(Decimal(100), Decimal("0.2")), Opinion(Decimal(900), None)
    assert blended([proven, new]) == 100
    assert blended([new, Opinion(Decimal(100), None)]) == 500
    assert blended([]) is None


def test_nobody_is_so_good_that_others_do_not_count() -> None:
    perfect, good = Opinion(Decimal(0), Decimal(0)), Opinion(Decimal(100), Decimal("0.01"))
    assert blended([perfect, good]) == 50


def test_what_is_open_counts_in_the_pace_as_long_as_it_was_seen() -> None:
    """Four deals: closed after 1 and 3 days, open for 2 and 4 (the textbook's estimate)."""
    deals = [deal(1, 0, 1), deal(2, 0, 3), deal(3, 2), deal(4, 0)]
    pace = Pace(deals, BEGIN + timedelta(4))
    shares = [pace.open_after(days) for days in range(6)]
    three_quarters = Decimal("0.75")
    assert shares == [1, three_quarters, three_quarters, *[three_quarters / 2] * 3]


def test_chances_to_close_add_up_over_time() -> None:
    deals = [deal(n, n, n + 5 + n % 7) for n in range(20)] + [deal(99, 25)]
    pace = Pace(deals, BEGIN + timedelta(30))
    cuts = [BEGIN + timedelta(days) for days in (31, 33, 40, 60)]
    parts = sum(
        (pace.closes(deals[-1].engaged, a, b) for a, b in itertools.pairwise(cuts)),
        Decimal(0),
    )
    assert parts == pytest.approx(pace.closes(deals[-1].engaged, cuts[0], cuts[-1]))
    assert 0 < parts <= 1


def test_what_closed_later_was_open_and_worth_nothing_then() -> None:
    (seen,) = known([deal(1, 0, 50), deal(2, 41, 45)], BEGIN + timedelta(40))
    assert seen.deal_id == "1"
    assert seen.closed is None and not seen.won and not seen.amount


def test_quarters_have_a_rhythm() -> None:
    months = {"2025-01": Decimal(1), "2025-02": Decimal(2), "2025-03": Decimal(9)}
    history = History(months, "2025-03")
    told = [quarter_naive(history, month) for month in ("2025-04", "2025-06", "2025-12")]
    assert told == [1, 9, 9]
    assert quarter_naive(History(months, "2025-01"), "2025-02") is None


days = st.integers(0, 200)
deals = st.lists(
    st.builds(
        lambda n, engaged, lasted, won: deal(n, engaged, engaged + lasted, won=won, amount=n),
        st.integers(1, 500),
        days,
        days,
        st.booleans(),
    ),
    max_size=40,
)


@given(past=deals, future=deals, eve=st.integers(60, 200))
def test_nothing_of_a_later_day_changes_a_forecast(
    past: list[Deal], future: list[Deal], eve: int
) -> None:
    day = BEGIN + timedelta(eve)
    later = [one for one in future if one.engaged > day and one.closed and one.closed > day]
    reopened = [
        one
        if one.closed and one.closed <= day
        else deal(int(one.deal_id), (one.engaged - BEGIN).days, 999, amount=7)
        for one in past
    ]
    told = Trial(past, day).forecast("east", "2025-08", day)
    assert Trial([*reopened, *later], day).forecast("east", "2025-08", day) == told


@given(past=deals, eve=st.integers(60, 200))
def test_the_pipeline_expects_no_more_than_everything_is_worth(past: list[Deal], eve: int) -> None:
    day = BEGIN + timedelta(eve)
    pipeline = Pipeline.at(past, day)
    expected = pipeline.expected("east", "2025-08")
    assert 0 <= expected <= 500 * (len(past) + 300)
    assert set(won_by_month(pipeline.deals)) <= {f"2025-0{n}" for n in range(1, 8)}
