"""Categories, their roll-ups, and why they moved: F-01, F-03 and rulings f1, f3, f7."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.forecast.domain.rollup import rollup
from services.forecast.domain.standing import Category, Standing, Version, standing
from services.forecast.domain.waterfall import waterfall

QUARTER = date(2025, 1, 1), date(2025, 4, 1)
IN, LATER = date(2025, 2, 1), date(2025, 5, 1)
T0 = datetime(2025, 1, 10, tzinfo=UTC)
CATEGORIES: tuple[Category, ...] = (
    "pipeline", "best-case", "commit", "closed", "omitted", "lost",
)  # fmt: skip


def stands(name: str, category: Category, amount: int, closes: date | None = IN) -> Standing:
    return Standing(opportunity_id=name, category=category, amount=Decimal(amount), closes=closes)


def version(
    hours: int, category: Category, amount: int, *, recorded: int | None = None, sequence: int = 1
) -> Version:
    return Version(
        occurred_at=T0 + timedelta(hours=hours),
        recorded_at=T0 + timedelta(hours=hours if recorded is None else recorded),
        sequence=sequence,
        category=category,
        amount=Decimal(amount),
        closes=IN,
    )


def test_f01_each_alone_and_summed_from_the_surest_on() -> None:
    found = rollup(
        [
            stands("a", "closed", 400),
            stands("b", "commit", 250),
            stands("c", "best-case", 180),
            stands("d", "pipeline", 600),
            stands("e", "omitted", 9_999),
            stands("f", "commit", 9_999, LATER),
            stands("g", "commit", 9_999, None),
        ],
        *QUARTER,
        Decimal(1_200),
    )
    assert found.single == {"closed": 400, "commit": 250, "best-case": 180, "pipeline": 600}
    assert found.cumulative == {
        "closed": 400,
        "commit": 650,
        "best-case": 830,
        "pipeline": 1_430,
    }
    assert found.open == 1_030
    assert found.coverage is not None and round(found.coverage, 2) == Decimal("1.29")


def test_coverage_is_unknown_when_nothing_is_missing() -> None:
    won = [stands("a", "closed", 400), stands("b", "commit", 1)]
    for quota in (Decimal(400), Decimal(399), None):
        assert rollup(won, *QUARTER, quota).coverage is None


def test_f03_each_difference_has_its_reason() -> None:
    before = [
        stands("same", "commit", 400),
        stands("out", "commit", 150),
        stands("lost", "commit", 90),
        stands("up", "commit", 60),
        stands("down", "commit", 100),
        stands("won", "commit", 200),
        stands("in", "commit", 80, LATER),
    ]
    after = [
        stands("same", "commit", 400),
        stands("out", "commit", 150, LATER),
        stands("lost", "lost", 90),
        stands("up", "commit", 100),
        stands("down", "commit", 70),
        stands("won", "closed", 200),
        stands("in", "commit", 80),
        stands("new", "commit", 120),
    ]
    told = waterfall(
        {one.opportunity_id: one for one in before},
        {one.opportunity_id: one for one in after},
        "commit",
        QUARTER,
    )
    assert [told.start, told.end] == [1_000, 770]
    assert told.moves == {
        "new": 120, "pulled-in": 80, "pushed-out": -150, "lost": -90, "up": 40, "down": -30,
        "won": -200,
    }  # fmt: skip


def test_moves_between_categories_are_promotions_and_demotions() -> None:
    before = {"a": stands("a", "pipeline", 5), "b": stands("b", "commit", 7)}
    after = {"a": stands("a", "commit", 6), "b": stands("b", "omitted", 7)}
    again = waterfall(before, after, "commit", QUARTER).moves
    assert again == {"promoted": 6, "demoted": -7}
    closed = {"a": stands("a", "lost", 5), "b": stands("b", "closed", 7)}
    assert waterfall(closed, after, "commit", QUARTER).moves == {"reopened": 6}


def test_f07_what_was_not_known_then_did_not_count_then() -> None:
    versions = [
        version(0, "pipeline", 100),
        version(5, "commit", 120, recorded=50, sequence=2),
        version(10, "best-case", 110, sequence=3),
    ]

    def seen(hours: int) -> Decimal | None:
        found = standing("a", versions, T0 + timedelta(hours=hours))
        return found.amount if found else None

    assert [seen(h) for h in (-1, 0, 9, 10, 49, 50)] == [None, 100, 100, 110, 110, 110]
    assert standing("a", versions[:2], T0 + timedelta(hours=60)) == stands("a", "commit", 120)


standings = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(st.sampled_from(CATEGORIES), st.integers(0, 50), st.sampled_from([None, IN, LATER])),
    max_size=8,
)


@given(before=standings, after=standings, category=st.sampled_from(CATEGORIES[:3]))
def test_the_start_and_all_reasons_are_the_end(
    before: dict[str, tuple[Category, int, date | None]],
    after: dict[str, tuple[Category, int, date | None]],
    category: Category,
) -> None:
    then = {name: stands(name, *how) for name, how in before.items()}
    now = {name: stands(name, *how) for name, how in after.items()}
    told = waterfall(then, now, category, QUARTER)
    assert told.start + sum(told.moves.values()) == told.end
    assert told.end == rollup([*now.values()], *QUARTER, None).single[category]
