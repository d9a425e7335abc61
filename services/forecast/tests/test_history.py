"""Ruling f8: run-rate, seasonal naive, and how they would have done."""

from datetime import date
from decimal import Decimal

from services.forecast.domain.accuracy import digits
from services.forecast.domain.history import (
    History,
    average,
    backtest,
    complete,
    run_rate,
    seasonal_naive,
)
from services.forecast.domain.months import days_in, month_of, shifted
from services.forecast.domain.outlook import attainment, outlook

SPRING = {"2025-01": Decimal(100), "2025-02": Decimal(200), "2025-03": Decimal(300)}
TENTH = date(2025, 4, 10)


def amounts(**by_month: int) -> dict[str, Decimal]:
    """y2025m03=5 reads better than a dictionary of strings."""
    return {f"{name[1:5]}-{name[6:]}": Decimal(value) for name, value in by_month.items()}


def test_in_the_month_the_run_rate_is_to_date_by_days_elapsed() -> None:
    months = SPRING | {"2025-04": Decimal(50)}
    assert run_rate(months, "2025-04", TENTH) == 150  # 50 × 30 ÷ 10, today counts


def test_on_the_last_day_the_run_rate_is_the_actual() -> None:
    assert run_rate({"2024-02": Decimal(87)}, "2024-02", date(2024, 2, 29)) == 87


def test_a_month_that_is_over_is_what_it_was() -> None:
    assert run_rate(SPRING, "2025-02", TENTH) == 200


def test_before_the_month_the_run_rate_is_the_mean_of_three_complete_months() -> None:
    months = SPRING | {"2024-12": Decimal(999), "2025-04": Decimal(50)}
    assert run_rate(months, "2025-05", TENTH) == 200


def test_with_fewer_months_the_mean_is_of_those_there_are() -> None:
    assert run_rate({"2025-03": Decimal(300)}, "2025-05", TENTH) == 300
    assert run_rate({}, "2025-05", TENTH) is None


def test_a_month_without_money_counts_as_nothing_once_there_was_some() -> None:
    assert average(complete({"2025-01": Decimal(90)}, TENTH), "2025-04") == 30


def test_seasonal_naive_is_the_same_month_last_year() -> None:
    history = complete(SPRING | {"2024-04": Decimal(7)}, TENTH)
    assert seasonal_naive(history, "2025-04") == 7


def test_else_the_last_complete_month() -> None:
    assert seasonal_naive(complete(SPRING, TENTH), "2025-04") == 300
    assert seasonal_naive(complete(SPRING, TENTH), "2025-05") == 300


def test_the_present_month_is_no_complete_month() -> None:
    history = complete(SPRING | {"2025-04": Decimal(50)}, TENTH)
    assert seasonal_naive(history, "2025-05") == 300
    assert seasonal_naive(history, "2026-04") == 300


def test_of_a_past_month_only_what_came_before_is_known() -> None:
    assert seasonal_naive(complete(SPRING, TENTH), "2025-02") == 100
    assert seasonal_naive(complete(SPRING, TENTH), "2025-01") is None


def test_with_nothing_to_go_by_there_is_no_forecast() -> None:
    assert seasonal_naive(complete({"2025-04": Decimal(50)}, TENTH), "2025-04") is None


def test_a_backtest_looks_one_month_ahead_with_earlier_months_only() -> None:
    months = amounts(y2025m01=100, y2025m02=200, y2025m03=300, y2025m04=400)
    found = backtest(History(months, "2025-04"), seasonal_naive)  # 100, 200, 300 for 200, 300, 400
    assert found is not None
    assert (found.n, digits(found.wape), digits(found.bias)) == (
        3,
        "0.333333333333",
        "-0.333333333333",
    )
    found = backtest(History(months, "2025-04"), average)  # 100, 150, 200
    assert found is not None
    assert digits(found.wape) == "0.5"


def test_a_backtest_of_fewer_than_three_months_is_none() -> None:
    assert backtest(History(SPRING, "2025-03"), average) is None
    assert backtest(History({}, "2025-03"), average) is None


def test_a_backtest_covers_the_last_twelve_months() -> None:
    months = {shifted("2023-01", n): Decimal(n + 1) for n in range(27)}
    found = backtest(History(months, "2025-03"), seasonal_naive)
    assert found is not None
    assert found.n == 12  # April 2024 … March 2025, each 12 more than a year before
    assert digits(found.wape) == digits(Decimal(12 * 12) / sum(range(16, 28)))


def test_attainment_is_live_and_unrounded() -> None:
    assert digits(attainment(Decimal(75_000), Decimal(90_000))) == "0.833333333333"
    assert attainment(Decimal(1), None) is None
    assert attainment(Decimal(1), Decimal(0)) is None


def test_an_outlook_of_nobody_known_is_empty() -> None:
    seen = outlook({}, None, "2025-04", TENTH)
    assert (seen.actual, seen.run_rate) == (Decimal(0), Decimal(0))
    assert seen.seasonal_naive is None
    assert (seen.run_rate_tested, seen.seasonal_naive_tested) == (None, None)


def test_months_count_over_years() -> None:
    assert (shifted("2024-12", 1), shifted("2025-01", -13)) == ("2025-01", "2023-12")
    assert (days_in("2024-02"), days_in("2025-12")) == (29, 31)
    assert month_of(date(2025, 3, 1)) == "2025-03"
