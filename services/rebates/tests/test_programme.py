"""The life of a programme, and what its terms say."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.rebates.domain.commands import PublishProgramme, RequestSettlement
from services.rebates.domain.events import ProgrammePublished, RebateSettlementRequested
from services.rebates.domain.periods import Kind, days_of, kind_of, period_of, year_of
from services.rebates.domain.programme import DECIDER
from services.rebates.tests.book import china, terms
from shared.kernel.errors import Malformed, NotFound
from shared.testing.given import Given

given = Given(DECIDER)

AT = china("2025-12-20")
PUBLISH = PublishProgramme(terms=terms(), at=AT)
PUBLISHED = ProgrammePublished(terms=terms(), published_at=AT)


def settle(period: str, at: str) -> RequestSettlement:
    return RequestSettlement(programme_id="q-a", period=period, at=china(at))


def test_a_programme_is_published() -> None:
    given().when(PUBLISH).then(PUBLISHED)


def test_the_same_version_again_says_nothing_new() -> None:
    given(PUBLISHED).when(PUBLISH).then()


def test_a_published_version_never_changes() -> None:
    other = PublishProgramme(terms=terms(method="marginal"), at=AT)
    given(PUBLISHED).when(other).refused("programme-version-exists")


def test_versions_ascend() -> None:
    third = ProgrammePublished(terms=terms(version=3), published_at=AT)
    second = PublishProgramme(terms=terms(version=2), at=AT)
    given(PUBLISHED, third).when(second).refused("programme-version-old")


@pytest.mark.parametrize("change", [{"period": "month"}, {"partition": ()}, {"currency": "USD"}])
def test_what_names_the_accounts_stays(change: dict[str, object]) -> None:
    second = PublishProgramme(terms=terms(version=2, **change), at=AT)
    given(PUBLISHED).when(second).refused("programme-frame-changed")


def test_a_period_is_settled_after_its_cut_off() -> None:
    requested = RebateSettlementRequested(programme_id="q-a", period="2026Q1")
    given(PUBLISHED).when(settle("2026Q1", "2026-04-10T23:59")).refused("period-open")
    given(PUBLISHED).when(settle("2026Q1", "2026-04-11")).then(requested)


def test_a_period_that_is_none_cannot_be_settled() -> None:
    given(PUBLISHED).when(settle("2026-03", "2027-01-01")).refused("period-malformed")
    given(PUBLISHED).when(settle("2025Q4", "2027-01-01")).refused("period-not-covered")


def test_a_programme_that_is_not_there_cannot_be_settled() -> None:
    with pytest.raises(NotFound):
        DECIDER.decide(settle("2026Q1", "2027-01-01"), DECIDER.initial)


def test_the_cut_off_day_counts_and_the_settlement_waits_for_an_hour() -> None:
    programme = DECIDER.fold([PUBLISHED])
    schedule = programme.schedule("2026Q1")
    assert schedule.cut_off == datetime(2026, 4, 10, 16, tzinfo=UTC)
    assert schedule.settle_at == datetime(2026, 4, 10, 17, tzinfo=UTC)


def test_a_manual_programme_sets_no_timer() -> None:
    manual = ProgrammePublished(terms=terms(settlement="manual"), published_at=AT)
    assert DECIDER.fold([manual]).schedule("2026Q1").settle_at is None


def test_of_two_versions_that_cover_a_day_the_last_published_counts() -> None:
    second = ProgrammePublished(
        terms=terms(version=2, effective_to=date(2026, 1, 31)), published_at=AT
    )
    programme = DECIDER.fold([PUBLISHED, second])
    covering = [programme.covering(date(2026, month, 15)) for month in (1, 2)]
    assert [found.version for found in covering if found] == [2, 1]


@pytest.mark.parametrize(
    ("kind", "name", "days"),
    [
        ("month", "2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("quarter", "2024Q1", (date(2024, 1, 1), date(2024, 3, 31))),
        ("half", "2024H1", (date(2024, 1, 1), date(2024, 6, 30))),
        ("year", "2024", (date(2024, 1, 1), date(2024, 12, 31))),
    ],
)
def test_a_period_is_named_by_its_days(kind: Kind, name: str, days: tuple[date, date]) -> None:
    assert period_of(date(2024, 2, 29), kind) == name
    assert (kind_of(name), days_of(name), year_of(name)) == (kind, days, 2024)


@pytest.mark.parametrize("name", ["", "2024Q5", "2024-13", "24Q1", "2024Q1 ", "0000", "２０２４"])
def test_a_name_of_no_period_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        days_of(name)


def test_bands_fill_from_the_bottom() -> None:
    """R-20."""
    contract = terms(
        method="marginal",
        tiers={"0": "0.01", "1000000": "0.02", "2000000": "0.03", "3000000": "0.04"},
    )
    assert contract.reward(Decimal(2500000)) == 45000
    assert contract.reward(Decimal(3500000)) == 80000


def test_a_clock_that_went_back_asks_for_nothing_before_the_publication() -> None:
    """What was asked for at an earlier instant than the publication's knows the programme."""
    late = ProgrammePublished(terms=terms(), published_at=china("2027-01-05"))
    programme = DECIDER.fold([late])
    boundary = programme.boundary("2026Q1", china("2027-01-04"))
    assert programme.before(boundary).published == (late,)
