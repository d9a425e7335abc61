"""A subject (an order, an offer, a partner) and the episodes it goes through, per rule.

The bus tells facts in any order. So a subject keeps every fact that opens or closes a condition,
in the order in which they were *recorded*: an episode is a run of openings between two closings,
and a run that nobody was told of starts its episode now. Runs only ever split, so in whatever
order the facts come, every run is told once, and episodes are counted 1, 2, … for each rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from immutables import Map

from services.notifications.domain.commands import NoteOccurrence
from services.notifications.domain.events import EpisodeStarted, Notice, OccurrenceNoted
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider, corrupt

SubjectEvent = OccurrenceNoted | EpisodeStarted


@dataclass(frozen=True, slots=True)
class Mark:
    """An opening with its notice, or a closing."""

    at: tuple[datetime, int, UUID]
    notice: Notice | None = None
    told: bool = False


Course = tuple[Mark, ...]
CourseId = tuple[str, str | None]  # rule, and the episode's name where the rule names it


@dataclass(frozen=True, slots=True)
class Subject:
    noted: Map[UUID, bool] = field(default_factory=Map)
    courses: Map[CourseId, Course] = field(default_factory=Map)


def decide(command: NoteOccurrence, subject: Subject) -> list[SubjectEvent]:
    if command.fact_id in subject.noted:
        return []
    noted = OccurrenceNoted(
        subject=command.subject,
        fact_id=command.fact_id,
        fact=command.fact,
        recorded_at=command.recorded_at,
        sequence=command.sequence,
        opened=command.opened,
        closed=command.closed,
    )
    after = evolve(subject, noted)
    told = [started(noted.subject, one, after.courses[one]) for one, _ in marks(noted)]
    return [noted, *(fact for facts in told for fact in facts)]


def evolve(subject: Subject, fact: SubjectEvent) -> Subject:
    match fact:
        case OccurrenceNoted():
            courses = subject.courses
            for one, mark in marks(fact):
                course = (*courses.get(one, ()), mark)
                courses = courses.set(one, tuple(sorted(course, key=lambda each: each.at)))
            return Subject(subject.noted.set(fact.fact_id, True), courses)
        case EpisodeStarted(notice=notice, fact_id=first):
            one = notice.rule, notice.key
            if one not in subject.courses:
                raise corrupt(subject, fact)
            told = (
                replace(m, told=True) if m.at[-1] == first else m for m in subject.courses[one]
            )
            return replace(subject, courses=subject.courses.set(one, tuple(told)))


def marks(fact: OccurrenceNoted) -> Iterator[tuple[CourseId, Mark]]:
    at = fact.recorded_at, fact.sequence, fact.fact_id
    for notice in fact.opened:
        yield (notice.rule, notice.key), Mark(at, notice)
    for rule in fact.closed:
        yield (rule, None), Mark(at)


def started(subject: str, one: CourseId, course: Course) -> Iterator[EpisodeStarted]:
    """One mark changes one run, so there is at most one that is not told yet."""
    count = 1 + sum(mark.told for mark in course)
    for run in runs(course):
        if (notice := run[0].notice) and not any(mark.told for mark in run):
            yield EpisodeStarted(
                subject=subject, episode=one[1] or str(count), fact_id=run[0].at[-1], notice=notice
            )


def runs(course: Course) -> Iterator[list[Mark]]:
    """Openings that follow one another without a closing between them."""
    for opening, run in groupby(course, key=lambda mark: mark.notice is not None):
        if opening:
            yield list(run)


def stands(subject: Subject, notice: Notice, fact_id: UUID) -> bool:
    """What that fact opened has not been closed since. A named episode is never closed."""
    if notice.key is not None:
        return True
    course = subject.courses.get((notice.rule, None), ())
    if not course or course[-1].notice is None:
        return False
    *_, last = runs(course)
    return any(mark.at[-1] == fact_id for mark in last)


def subject_stream(subject: str) -> str:
    return f"notifications.subject-{named(subject)}"


DECIDER: Decider[NoteOccurrence, Subject, SubjectEvent] = Decider(decide, evolve, Subject())
SUBJECT = Aggregate(name="subject", decider=DECIDER, facts=(OccurrenceNoted, EpisodeStarted))
