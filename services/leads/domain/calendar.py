"""The working calendars as they were published; the one published last is in use."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from immutables import Map

from services.leads.domain.commands import PublishCalendar
from services.leads.domain.events import CalendarPublished
from shared.kernel.decider import Decider
from shared.kernel.errors import Refused
from shared.kernel.working_clock import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """The latest version of each."""

    published: Map[str, WorkCalendar] = field(default_factory=Map)
    last: str | None = None

    def chosen(self, calendar_id: str | None) -> WorkCalendar | None:
        """The one named if there is one of that name, else the one in use."""
        named = self.published.get(calendar_id or "")
        return named or self.published.get(self.last or "")


def decide(command: PublishCalendar, calendars: Calendars) -> Sequence[CalendarPublished]:
    before = calendars.published.get(command.calendar_id)
    if before and command.version <= before.version:
        told = f"version {before.version} is published: a new one has a higher number"
        raise Refused("calendar-version-stale", told)
    return [
        CalendarPublished(
            calendar_id=command.calendar_id,
            version=command.version,
            workdays=command.workdays,
            holidays=command.holidays,
        )
    ]


def evolve(calendars: Calendars, fact: CalendarPublished) -> Calendars:
    calendar = WorkCalendar(
        calendar_id=fact.calendar_id,
        version=fact.version,
        workdays=frozenset(fact.workdays),
        holidays=frozenset(fact.holidays),
    )
    published = calendars.published.set(fact.calendar_id, calendar)
    return Calendars(published=published, last=fact.calendar_id)


CALENDARS: Decider[PublishCalendar, Calendars, CalendarPublished] = Decider(
    decide, evolve, Calendars()
)
