"""A period foreseen: chances of stages, authors and their pasts, nothing from later (f4–f8)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.forecast.domain.book import Book, Submission, Told, expected, lives, submitted
from services.forecast.domain.chances import Record, chances, year_before
from services.forecast.domain.foresight import foreseen
from services.forecast.domain.publication import periods, publication, scopes
from services.forecast.domain.round import as_at
from services.forecast.domain.standing import Category, Standing, Version
from services.forecast.domain.statement import Said
from shared.contracts.calendar import start_of
from shared.contracts.forecast import ForecastScope

HOUSE, ACME = ForecastScope(), ForecastScope(partner="acme")
MONDAY = date(2025, 7, 7)
SUNDAY_NIGHT = as_at(MONDAY)


def ended(name: str, *, won: bool, closes: date, stages: str = "x") -> Standing:
    return Standing(
        opportunity_id=name,
        category="closed" if won else "lost",
        amount=Decimal(1),
        closes=closes,
        stages=frozenset(stages),
    )


def version(
    at: datetime, category: Category, amount: int, closes: date, chance: str | None = None
) -> Version:
    return Version(
        occurred_at=at,
        recorded_at=at,
        sequence=int(at.timestamp()),
        category=category,
        amount=Decimal(amount),
        closes=closes,
        stage="x" if chance else None,
        probability=Decimal(chance) if chance else None,
    )


def told(name: str, *versions: Version, partner: str = "acme") -> Told:
    return Told(
        opportunity_id=name,
        partner_id=partner,
        region="east",
        product_line="a",
        versions=versions,
    )


def won_on(day: date, amount: int, partner: str = "acme", opened: int = 60) -> Told:
    """Open at a chance of a half until it was won that day."""
    before = version(start_of(day) - timedelta(days=opened), "pipeline", amount, day, "0.5")
    return told(f"{partner}{day}{amount}", before, version(start_of(day), "closed", amount, day))


def booked(*all_: Told, **said: tuple[date, int]) -> Book:
    """`said`: what acme submitted of a period (m202507 or 2025-07), on a day."""
    submissions = {
        ("acme", period.replace("_", "-").removeprefix("m")): [
            Submission(start_of(on), Said("absolute", Decimal(value), Decimal(0)))
        ]
        for period, (on, value) in said.items()
    }
    return Book(all_, submissions)


def test_f04_a_stage_is_won_as_often_as_it_was_in_the_year_before() -> None:
    closed = [
        ended(str(n), won=n % 4 == 0, closes=MONDAY - timedelta(days=n)) for n in range(1, 21)
    ]
    found = chances(closed, MONDAY)
    assert found.records == {"x": Record(20, 5)}
    now = Standing(
        opportunity_id="o",
        category="commit",
        amount=Decimal(1),
        closes=None,
        stage="x",
        probability=Decimal("0.9"),
    )
    chance = found.of(now)
    assert (chance.value, chance.source) == (Decimal("0.25"), "history")
    few = chances(closed[1:], MONDAY).of(now)
    assert (few.value, few.source) == (Decimal("0.9"), "model")  # nineteen: the model's own


def test_f04_the_year_begins_after_its_day_and_ends_with_today() -> None:
    assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    edge = year_before(MONDAY)
    days = (edge, edge + timedelta(days=1), MONDAY, MONDAY + timedelta(days=1))
    counted = [chances([ended("o", won=True, closes=day)], MONDAY).records for day in days]
    assert [bool(one) for one in counted] == [False, True, True, False]


def test_f04_mean_and_deviation_of_what_is_open() -> None:
    may = date(2025, 7, 20)
    book = booked(
        *(
            told(str(n), version(start_of(date(2025, 6, 1)), "pipeline", amount, may, chance))
            for n, (amount, chance) in enumerate([(100, "0.9"), (250, "0.5"), (400, "0.2")])
        )
    )
    found = expected(book, HOUSE, (date(2025, 7, 1), date(2025, 8, 1)), SUNDAY_NIGHT)
    assert found is not None
    assert (found[0], round(found[1], 1)) == (Decimal(295), Decimal("205.2"))
    elsewhere = ForecastScope(region="west")
    assert expected(book, elsewhere, (date(2025, 7, 1), date(2025, 8, 1)), SUNDAY_NIGHT) is None


def steady(months: int = 8) -> list[Told]:
    """100 won in the middle of each month before July."""
    return [won_on(date(2025 - (n >= 7), (6 - n) % 12 + 1, 15), 100) for n in range(1, months)]


def test_f06_the_blend_weighs_authors_by_their_past_errors() -> None:
    """A steady 100 a month: the months are never wrong, half chances are wrong by half."""
    found = foreseen(booked(*steady()), HOUSE, "2025-08", SUNDAY_NIGHT)
    model, weighted = found.voices["model"], found.voices["weighted"]
    assert found.method == "run-rate"
    assert (model.value, model.wape) == (Decimal(100), Decimal(0))
    assert (weighted.value, weighted.wape) == (Decimal(0), Decimal("0.5"))
    assert round(model.weight / weighted.weight) == 2500
    assert found.blended is not None and round(found.blended, 2) == Decimal("99.96")
    assert found.wape is not None and found.wape < Decimal("0.001")


def test_an_author_is_unknown_under_three_periods() -> None:
    """Three months of money leave two to try the months on, and three for the opportunities."""
    found = foreseen(booked(*steady(4)), HOUSE, "2025-08", SUNDAY_NIGHT)
    assert found.voices["model"].wape is None
    assert found.voices["weighted"].wape is not None


def test_a_partners_word_is_measured_by_its_word_on_the_eve() -> None:
    said = {f"m2025_0{month}": (date(2025, month - 1, 20), 125) for month in (4, 5, 6, 7)}
    said["m2025_03"] = (date(2025, 3, 2), 9_999)  # after its eve
    found = foreseen(booked(*steady(), **said), ACME, "2025-07", SUNDAY_NIGHT)
    word = found.voices["submitted"]
    assert (word.value, word.wape) == (Decimal(125), Decimal("0.25"))
    assert sorted(word.trial) == ["2025-04", "2025-05", "2025-06"]


def test_the_house_adds_words_to_the_roll_up_of_those_that_said_nothing() -> None:
    june, july = start_of(date(2025, 6, 20)), date(2025, 7, 20)
    book = booked(
        told("1", version(june, "commit", 70, july, "0.9")),
        told("2", version(june, "commit", 30, july, "0.9"), partner="other"),
        m2025_07=(date(2025, 6, 25), 50),
    )
    assert submitted(book, HOUSE, "2025-07", SUNDAY_NIGHT) == 80
    assert submitted(book, ForecastScope(partner="other"), "2025-07", SUNDAY_NIGHT) is None
    assert submitted(book, ForecastScope(region="east"), "2025-07", SUNDAY_NIGHT) is None


def test_a_quarter_takes_months_that_are_over_as_they_were() -> None:
    found = foreseen(booked(*steady()), HOUSE, "2025Q2", SUNDAY_NIGHT)
    assert found.voices["model"].value == found.voices["weighted"].value == 300


def test_what_has_nothing_to_come_is_left_alone() -> None:
    old = booked(won_on(date(2024, 7, 1), 100))
    assert not lives(old, HOUSE, SUNDAY_NIGHT)
    assert lives(booked(won_on(date(2024, 7, 8), 100)), HOUSE, SUNDAY_NIGHT)
    assert not lives(booked(m2025_06=(date(2025, 6, 1), 5)), ACME, SUNDAY_NIGHT)
    assert lives(booked(m2025_07=(date(2025, 6, 1), 5)), ACME, SUNDAY_NIGHT)
    assert scopes(booked(*steady()), MONDAY) == [HOUSE, ACME]


def test_the_month_the_quarter_and_those_after_them_are_published() -> None:
    assert periods(MONDAY) == ["2025-07", "2025Q3", "2025-08", "2025Q4"]
    assert periods(date(2025, 12, 29)) == ["2025-12", "2025Q4", "2026-01", "2026Q1"]


days = st.dates(date(2024, 9, 1), date(2025, 12, 31))
versions = st.builds(
    lambda day, category, amount, closes: version(start_of(day), category, amount, closes, "0.4"),
    days,
    st.sampled_from(["pipeline", "best-case", "commit", "closed", "omitted", "lost"]),
    st.integers(0, 900),
    days,
)
all_told = st.lists(
    st.lists(versions, min_size=1, max_size=4, unique_by=lambda one: one.sequence), max_size=12
)
words = st.dictionaries(
    st.sampled_from(["2025-05", "2025-06", "2025-07", "2025Q3"]),
    st.lists(st.tuples(days, st.integers(0, 900)), min_size=1, max_size=4),
)


def library(
    all_: Sequence[Sequence[Version]], said: Mapping[str, Sequence[tuple[date, int]]], until: date
) -> Book:
    """As it was known at the end of the day before `until`."""
    known = (
        told(str(n), *(one for one in each if one.recorded_at < start_of(until)))
        for n, each in enumerate(all_)
    )
    return Book(
        [one for one in known if one.versions],
        {
            ("acme", period): [
                Submission(start_of(day), Said("absolute", Decimal(value), Decimal(0)))
                for day, value in sorted(each)
                if day < until
            ]
            for period, each in said.items()
            if any(day < until for day, _ in each)
        },
    )


@given(all_=all_told, said=words, weeks=st.integers(-20, 20))
def test_f07_a_replay_of_any_monday_is_what_was_published_then(
    all_: list[list[Version]], said: dict[str, list[tuple[date, int]]], weeks: int
) -> None:
    """Whatever became known afterwards."""
    monday = MONDAY + timedelta(weeks=weeks)
    then, ever_after = library(all_, said, monday), library(all_, said, date.max)
    for scope in scopes(then, monday):
        for period in periods(monday):
            was = publication(then, scope, "CNY", period, monday)
            assert publication(ever_after, scope, "CNY", period, monday) == was
    assert scopes(ever_after, monday) == scopes(then, monday)
