"""All that a forecast is made of, so that it can be looked at as of any instant (ruling f7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import cached_property

from services.forecast.domain.accuracy import PRECISE, ZERO
from services.forecast.domain.chances import Chances, chances, year_before
from services.forecast.domain.months import month_of, span
from services.forecast.domain.pipeline import weighted
from services.forecast.domain.standing import OPEN, Standing, Version, standing, total
from services.forecast.domain.statement import Said
from shared.contracts.calendar import business_day
from shared.contracts.forecast import ForecastScope

Node = str | None
"""A partner; None is the business without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An opportunity with all its versions in one currency."""

    opportunity_id: str
    partner_id: Node
    region: str
    product_line: str | None
    versions: Sequence[Version]

    def within(self, scope: ForecastScope) -> bool:
        return (
            scope.partner in {None, self.partner_id}
            and scope.region in {None, self.region}
            and scope.product_line in {None, self.product_line}
        )


@dataclass(frozen=True, slots=True)
class Submission:
    at: datetime
    said: Said


@dataclass(frozen=True)
class Snapshot:
    """How everything stood at an instant, and how likely a stage was won then."""

    at: datetime
    stood: Sequence[tuple[Told, Standing]]

    @property
    def today(self) -> date:
        return business_day(self.at)

    def of(self, scope: ForecastScope) -> list[Standing]:
        return [one for _, one in self.pairs(scope)]

    def pairs(self, scope: ForecastScope) -> list[tuple[Told, Standing]]:
        near = self._by_partner.get(scope.partner, ()) if scope.partner else self.stood
        return [(told, one) for told, one in near if told.within(scope)]

    @cached_property
    def _by_partner(self) -> dict[Node, list[tuple[Told, Standing]]]:
        """So that a round does not look at all opportunities for each partner."""
        found: dict[Node, list[tuple[Told, Standing]]] = defaultdict(list)
        for told, one in self.stood:
            found[told.partner_id].append((told, one))
        return dict(found)

    @cached_property
    def chances(self) -> Chances:
        return chances((one for _, one in self.stood), self.today)


@dataclass(frozen=True)
class Book:
    """In one currency. `submitted` is by partner and period, oldest first."""

    told: Sequence[Told]
    submitted: Mapping[tuple[str, str], Sequence[Submission]]
    _seen: dict[datetime, Snapshot] = field(default_factory=dict, compare=False)

    def at(self, instant: datetime) -> Snapshot:
        if instant not in self._seen:
            found = (
                (one, stood)
                for one in self.told
                if (stood := standing(one.opportunity_id, one.versions, instant))
            )
            self._seen[instant] = Snapshot(instant, [*found])
        return self._seen[instant]

    def word(self, node: Node, period: str, instant: datetime) -> Said | None:
        """The last that the partner itself had said by then."""
        told = self.submitted.get((node or "", period), ())
        return next((one.said for one in reversed(told) if one.at <= instant), None)

    def partners(self, instant: datetime) -> list[str]:
        stood = {told.partner_id for told, _ in self.at(instant).stood}
        said = {partner for (partner, _), all_ in self.submitted.items() if all_[0].at <= instant}
        return sorted({one for one in stood | said if one})


def won(book: Book, scope: ForecastScope, instant: datetime) -> dict[str, Decimal]:
    """By the month of its closing day, as was known at that instant."""
    sums: dict[str, Decimal] = {}
    for one in book.at(instant).of(scope):
        if one.category == "closed" and one.closes:
            month = month_of(one.closes)
            sums[month] = sums.get(month, ZERO) + one.amount
    return sums


def expected(
    book: Book, scope: ForecastScope, period: tuple[date, date], instant: datetime
) -> tuple[Decimal, Decimal] | None:
    """F-04: what is won already with what the open ones bring on average, and the deviation."""
    seen = book.at(instant)
    standings = seen.of(scope)
    if not standings:
        return None
    open_ = [
        (one.amount, seen.chances.of(one).value)
        for one in standings
        if one.category in OPEN and one.within(*period)
    ]
    mean, deviation = weighted(open_)
    with localcontext(PRECISE):
        return total(standings, "closed", *period) + mean, deviation


def submitted(book: Book, scope: ForecastScope, period: str, instant: datetime) -> Decimal | None:
    """The partners' own word, and the roll-up of those that said nothing (ruling f2); None where
    nobody did. Partners speak of themselves as a whole, not of a region or product line.
    """
    if scope.region or scope.product_line:
        return None
    nodes = [scope.partner] if scope.partner else book.partners(instant)
    words = {node: word for node in nodes if (word := book.word(node, period, instant))}
    if not words:
        return None
    first, end = span(period)
    bases: dict[Node, list[Standing]] = {node: [] for node in nodes}
    for told, one in book.at(instant).pairs(scope):
        bases.setdefault(told.partner_id, []).append(one)
    with localcontext(PRECISE):
        rolled = {
            node: total(each, "closed", first, end) + total(each, "commit", first, end)
            for node, each in bases.items()
        }
        said = (words[n].beside(base) if n in words else base for n, base in rolled.items())
        return sum(said, ZERO)


def lives(book: Book, scope: ForecastScope, instant: datetime) -> bool:
    """Whether there is anything to foresee: something is open, or closed within a year, or a
    partner has said something of a period that is not over.
    """
    seen = book.at(instant)
    since = year_before(seen.today)
    if any(one.category in OPEN or (one.closes or since) > since for one in seen.of(scope)):
        return True
    nodes = {scope.partner} if scope.partner else {*book.partners(instant)}
    periods = {period for partner, period in book.submitted if partner in nodes}
    coming = [period for period in periods if span(period)[1] > seen.today]
    return any(submitted(book, scope, period, instant) is not None for period in coming)
