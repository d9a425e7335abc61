"""F-05 and ruling f5: how good a forecast was."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.forecast.domain.accuracy import digits, measured
from shared.kernel.errors import Malformed

NUMBERS = st.decimals(-(10**12), 10**12, places=4)


def series(*values: str | int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_f_05_accuracy() -> None:
    found = measured(series(100, 80, 120, 60), series(110, 70, 150, 60))
    assert digits(found.wape) == "0.138888888889"  # 13.89 %
    assert digits(found.accuracy) == "0.861111111111"  # 86.11 %
    assert digits(found.bias) == "0.083333333333"  # +8.33 %
    assert digits(found.mape) == "0.11875"
    assert digits(found.mase) == "0.3125"
    assert (found.n, found.left_out) == (4, 0)


def test_nothing_is_measured_against_nothing() -> None:
    found = measured(series(0, 0), series(1, 2))
    assert (found.wape, found.accuracy, found.bias, found.mape, found.mase) == (None,) * 5
    assert found.left_out == 2


def test_mape_leaves_zeros_out_and_says_how_many() -> None:
    found = measured(series(0, 100), series(5, 90))
    assert (digits(found.mape), found.left_out) == ("0.1", 1)
    assert digits(found.wape) == "0.15"


def test_mase_needs_actuals_that_move() -> None:
    assert measured(series(50, 50), series(40, 40)).mase is None
    assert measured(series(50), series(40)).mase is None


def test_empty_series_have_no_measures() -> None:
    assert (measured([], []).n, measured([], []).wape) == (0, None)


def test_every_actual_needs_its_forecast() -> None:
    with pytest.raises(Malformed, match="one forecast for each"):
        measured(series(1, 2), series(1))


def test_digits_are_plain() -> None:
    assert [digits(Decimal(text)) for text in ("-0.00", "1E+3", "0.10")] == ["0", "1000", "0.1"]
    assert digits(None) is None


@given(st.lists(NUMBERS))
def test_a_forecast_that_came_true_has_no_error(actual: list[Decimal]) -> None:
    found = measured(actual, actual)
    assert {found.wape, found.bias, found.mape, found.mase} <= {Decimal(0), None}


@given(st.lists(st.tuples(NUMBERS, NUMBERS)))
def test_bias_never_exceeds_the_error(pairs: list[tuple[Decimal, Decimal]]) -> None:
    found = measured([a for a, _ in pairs], [f for _, f in pairs])
    if found.wape is not None and found.bias is not None:
        assert found.bias.copy_abs() <= found.wape
