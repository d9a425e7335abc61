"""A programme: versions of its terms, each immutable once published."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.rebates.domain.commands import PublishProgramme, RequestSettlement
from services.rebates.domain.events import (
    ProgrammePublished,
    RebateSettlementRequested,
    Schedule,
)
from services.rebates.domain.periods import days_of, kind_of
from services.rebates.domain.terms import Restatement, Terms
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed, NotFound, Refused

INSTANT = timedelta(microseconds=1)
ProgrammeCommand = PublishProgramme | RequestSettlement
ProgrammeEvent = ProgrammePublished | RebateSettlementRequested


@dataclass(frozen=True, slots=True)
class Programme:
    """Its versions in the order of their publication, which is that of their numbers."""

    published: tuple[ProgrammePublished, ...] = ()

    @property
    def versions(self) -> dict[int, Terms]:
        return {one.terms.version: one.terms for one in self.published}

    @property
    def latest(self) -> Terms:
        return self.published[-1].terms

    @property
    def newest(self) -> int:
        return self.latest.version if self.published else 0

    @property
    def knows_levels(self) -> bool:
        return any(one.terms.filter.levels for one in self.published)

    def restating(self, way: Restatement) -> "Programme":
        """As if it had been published like that."""
        return Programme(
            tuple(
                replace(one, terms=replace(one.terms, restatement=way)) for one in self.published
            )
        )

    def upto(self, version: int) -> "Programme":
        return Programme(tuple(one for one in self.published if one.terms.version <= version))

    def before(self, instant: datetime) -> "Programme":
        return Programme(tuple(one for one in self.published if one.published_at < instant))

    def covering(self, day: date) -> Terms | None:
        """By which a fact of that day earns: of all that cover it, the last published (r5)."""
        newest_first = reversed(self.published)
        return next((one.terms for one in newest_first if one.terms.covers(day)), None)

    def usual(self, period: str) -> Terms | None:
        """What governs the period as a whole, if any version touches it."""
        first, last = days_of(period)
        touching = [one.terms for one in self.published if one.terms.overlaps(first, last)]
        return self.covering(last) or (touching[-1] if touching else None)

    def schedule(self, period: str) -> Schedule:
        """A period that was past its cut-off at publication is settled by command only (r2)."""
        terms = self.usual(period) or self.latest
        cut_off = terms.cut_off(period)
        alone = terms.settlement == "automatic" and self._began(period) < cut_off
        return Schedule(cut_off=cut_off, settle_at=cut_off + terms.settle_after if alone else None)

    def boundary(self, period: str, requested: datetime) -> datetime:
        """What was recorded before it is settled: up to the cut-off, whenever the job runs.

        A clock that went back asks before the publication: the programme itself is known at least.
        """
        cut_off, began = self.schedule(period).cut_off, self._began(period)
        return cut_off if began < cut_off else max(requested, began) + INSTANT

    def _began(self, period: str) -> datetime:
        """When a version that touches the period was first published."""
        first, last = days_of(period)
        touching = [one for one in self.published if one.terms.overlaps(first, last)]
        return min(one.published_at for one in touching or self.published)


def decide(command: ProgrammeCommand, programme: Programme) -> list[ProgrammeEvent]:
    match command, programme:
        case PublishProgramme(terms=terms), Programme() if terms in programme.versions.values():
            return []
        case PublishProgramme(terms=terms), Programme():
            _check(terms, programme)
            return [ProgrammePublished(terms=terms, published_at=command.at)]
        case RequestSettlement(), Programme(published=()):
            raise NotFound("programme-not-found")
        case RequestSettlement(period=period), Programme():
            _check_closed(period, programme, command.at)
            return [RebateSettlementRequested(programme_id=command.programme_id, period=period)]


def _check(terms: Terms, programme: Programme) -> None:
    if terms.version in programme.versions:
        raise Refused(
            "programme-version-exists", "a published version never changes: publish the next one"
        )
    if terms.version < programme.newest:
        raise Refused(
            "programme-version-old", f"versions ascend: publish one above {programme.newest}"
        )
    if programme.published and _frame(terms) != _frame(programme.latest):
        raise Refused(
            "programme-frame-changed",
            "currency, partition, basis, period and restatement stay: publish another programme",
        )


def _frame(terms: Terms) -> tuple[object, ...]:
    return terms.currency, terms.partition, terms.basis, terms.period, terms.restatement


def _check_closed(period: str, programme: Programme, at: datetime) -> None:
    if kind_of(period) != programme.latest.period:
        raise Malformed(
            "period-malformed", f"this programme runs by the {programme.latest.period}"
        )
    terms = programme.usual(period)
    if terms is None:
        raise Refused("period-not-covered", f"no version of the programme covers {period}")
    if at < terms.cut_off(period):
        last = terms.last_day(period).isoformat()
        raise Refused("period-open", f"{period} takes money until {last}: settle after that day")


def evolve(programme: Programme, fact: ProgrammeEvent) -> Programme:
    match fact:
        case ProgrammePublished():
            return replace(programme, published=(*programme.published, fact))
        case RebateSettlementRequested():
            return programme


def programme_stream(programme_id: str) -> str:
    return f"rebates.programme-{programme_id}"


DECIDER: Decider[ProgrammeCommand, Programme, ProgrammeEvent] = Decider(
    decide, evolve, Programme()
)
PROGRAMME = Aggregate(
    name="programme", decider=DECIDER, facts=(ProgrammePublished, RebateSettlementRequested)
)
