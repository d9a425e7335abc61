"""Submissions and what is said above them: F-02 with ruling f2."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given as drawn
from hypothesis import strategies as st

from services.forecast.domain.commands import StateForecast
from services.forecast.domain.events import ForecastAdjusted, Level
from services.forecast.domain.statement import DECIDER, LEVELS, Said, Seen, seen
from shared.contracts.forecast import ForecastSubmitted, Mode
from shared.contracts.money import Money
from shared.testing.given import Given

given = Given(DECIDER)
NOW = datetime(2025, 1, 10, tzinfo=UTC)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def state(
    level: Level, value: str, mode: Mode = "absolute", currency: str = "CNY"
) -> StateForecast:
    return StateForecast(
        partner_id="a",
        period="2025Q1",
        level=level,
        mode=mode,
        value=Money(Decimal(value), currency),
        found=cny("650"),
        reason="谨慎",
        at=NOW,
    )


def submitted(value: str, revision: int, mode: Mode = "absolute") -> ForecastSubmitted:
    return ForecastSubmitted(
        partner_id="a",
        period="2025Q1",
        mode=mode,
        value=cny(value),
        base=cny("650"),
        revision=revision,
    )


def adjusted(level: Level, value: str, revision: int) -> ForecastAdjusted:
    return ForecastAdjusted(
        partner_id="a",
        period="2025Q1",
        level=level,
        mode="absolute",
        value=cny(value),
        base=cny("650"),
        reason="谨慎",
        revision=revision,
    )


def test_a_partner_submits_and_submits_again() -> None:
    given().when(state("partner", "620")).then(submitted("620", 1))
    given(submitted("620", 1)).when(state("partner", "-5", "delta")).then(
        submitted("-5", 2, "delta")
    )


def test_what_is_said_above_is_a_fact_that_stays_here() -> None:
    given(submitted("620", 1)).when(state("manager", "600")).then(adjusted("manager", "600", 2))


def test_less_than_nothing_and_another_currency_are_refused() -> None:
    given().when(state("partner", "-1")).refused("forecast-negative")
    given().when(state("partner", "1", currency="USD")).refused("currency-mixed")


def said(mode: Mode, value: int, base: int = 650) -> Said:
    return Said(mode, Decimal(value), Decimal(base))


def test_f02_the_manager_sees_600_of_which_the_partner_submitted_620() -> None:
    told: dict[Level, Said] = {"partner": said("absolute", 620), "manager": said("absolute", 600)}
    views = [seen(told, Decimal(650), level).value for level in LEVELS]
    assert views == [620, 620, 600, 600]


def test_f02_when_the_base_moves_an_absolute_is_stale_and_a_delta_follows() -> None:
    moved = Decimal(700)
    assert seen({"manager": said("absolute", 600)}, moved, "manager") == Seen(
        Decimal(600), "manager", stale=True
    )
    assert seen({"manager": said("delta", -50)}, moved, "manager") == Seen(Decimal(650), "manager")
    assert seen({}, moved, "manager") == Seen(moved)


@drawn(
    told=st.dictionaries(
        st.sampled_from(LEVELS),
        st.builds(said, st.sampled_from(["absolute", "delta"]), st.integers(0, 900)),
    ),
    viewer=st.sampled_from(LEVELS),
    base=st.integers(0, 900),
)
def test_nobody_sees_what_is_said_above(told: dict[Level, Said], viewer: Level, base: int) -> None:
    above = LEVELS[LEVELS.index(viewer) + 1 :]
    below = {level: one for level, one in told.items() if level not in above}
    assert seen(told, Decimal(base), viewer) == seen(below, Decimal(base), viewer)
